.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export HF_HUB_OFFLINE ?= 1
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: help install train test check format ui bench audit release tools lock sbom audit-lock corpus-check clean

help:  ## Show what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable '.[archive,ray,train,report,dev]'
	@touch $@

install: $(VENV)/.installed  ## Create .venv with everything

train: install  ## Label, build the data set, train both models, compare them, record the runs (the main job)
	$(BIN)/python -m stance.train

test: install  ## Run the tests
	$(BIN)/python -m pytest

check: install  ## Lint, format check and strict types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

audit: install  ## Prove that the models read the sentence and not the names: swapped names, unusual stances, cases
	$(BIN)/python -m stance.audit

ui: install  ## Open the recorded runs in MLflow on 127.0.0.1:5000
	@$(BIN)/python -c "from stance import config, tracking as t; print('the overview:', t.link(t.open_experiment(config.load_pipeline())))" 2>/dev/null
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/mlflow server --host 127.0.0.1 --port 5000 --backend-store-uri sqlite:///$(CURDIR)/mlflow.db

release: sbom  ## Make the model that ships (models/release) out of the trained one, with the list of what it needs
	$(BIN)/python -m stance.release

tools: install
	$(BIN)/python -m pip install --quiet --editable '.[release]'

# Without torch, which is another file with another hash on each index that has it.
lock: tools  ## Choose the newest versions of what prediction, archives and reports need (requirements.lock)
	$(BIN)/uv pip compile pyproject.toml --extra archive --extra report --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --custom-compile-command 'make lock' --quiet --output-file requirements.lock

sbom: tools  ## List what an installation from requirements.lock holds, with licences (sbom.cdx.json, CycloneDX)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python build/locked
	$(BIN)/uv pip install --quiet --require-hashes --requirement requirements.lock --python build/locked
	$(BIN)/cyclonedx-py environment build/locked --pyproject pyproject.toml --output-reproducible --output-file sbom.cdx.json

audit-lock: tools  ## Ask the Python vulnerability database about requirements.lock (needs the network)
	$(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip

corpus-check: install  ## Check the corpus: labels legal, mentions exact, nothing repeated, quotas met
	$(BIN)/python benchmarks/corpus_check.py

bench: install  ## Measure: candidates found, speed of reading, start-up (SHARED=path of the development sets)
	$(BIN)/python benchmarks/corpus_candidates.py
	@if [ -d "$(SHARED)" ]; then $(BIN)/python benchmarks/candidates.py $(SHARED)/dev/articles $(SHARED)/dev/news $(SHARED)/dev/kremlin; fi
	$(BIN)/python benchmarks/runtime.py
	$(BIN)/python benchmarks/startup.py

clean:  ## Remove what was built: models, data set, runs
	find models -mindepth 1 -maxdepth 1 ! -name release ! -name README.md -exec rm -rf {} +
	rm -rf data/dataset data/silver metrics mlflow.db mlartifacts
