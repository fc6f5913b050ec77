#!/usr/bin/env bash
# Scores every model end to end on the development sets: benchmarks/development.sh [../shared/dev]
set -euo pipefail
dev=${1:-../shared/dev}
python=${PYTHON:-.venv/bin/python}
for set in articles news kremlin; do
  for model in transformer tfidf rules; do
    echo "== $set, $model"
    "$python" -m stance.predict "$dev/$set"/docs/*.txt --model "$model" --format jsonl --quiet |
      "$python" "$dev/score.py" --gold "$dev/$set/gold.jsonl" --docs "$dev/$set/docs" --pred -
  done
done
