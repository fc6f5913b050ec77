#!/usr/bin/env bash
# Scores models end to end on the development sets: benchmarks/development.sh [../shared/dev [MODEL ...]]
set -euo pipefail
dev=${1:-../shared/dev}
models=("${@:2}")
[ ${#models[@]} -gt 0 ] || models=(release rules tfidf)
python=${PYTHON:-.venv/bin/python}
for set in articles news kremlin; do
  for model in "${models[@]}"; do
    echo "== $set, $model"
    "$python" -m stance.predict "$dev/$set"/docs/*.txt --model "$model" --format jsonl --quiet |
      "$python" "$dev/score.py" --gold "$dev/$set/gold.jsonl" --docs "$dev/$set/docs" --pred -
  done
done
