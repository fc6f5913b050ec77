"""All models on the same held-out documents: scores with intervals, paired tests, slices, end to end, the champion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance import corpus, dataset, registry
from stance.candidates import Generator
from stance.codebook import Codebook
from stance.config import Pipeline
from stance.dataset import REVIEW, People, overlap
from stance.metrics import (
    NONE,
    Counts,
    Labels,
    bootstrap,
    calibration_error,
    confusion,
    macro_f1,
    paired_test,
    per_class,
    reliability,
    selective,
    slices,
)
from stance.models.base import Predictor, Probabilities, Progress, Row, one_hot, silent, targets
from stance.models.names import NAMES, PRIOR, ActorPrior, NamesModel
from stance.pipeline import RULES, open_judge
from stance.records import STANCES, Annotation, Document, Prediction

MAJORITY = "majority class"


@dataclass(frozen=True)
class Result:
    """One system's answers on the test candidates, and what they are worth."""

    name: str
    probabilities: Probabilities
    figures: dict[str, Any]

    @property
    def predicted(self) -> Labels:
        """The most probable label of each candidate."""
        out: Labels = self.probabilities.argmax(1)
        return out


@dataclass(frozen=True)
class Comparison:
    """Every system's result, the test rows they answered, and which model is champion.

    `rows` are the corpus's, of `documents`, and `predictions` is what the champion says of these, end to end. On the
    pairs that people reviewed in documents of their own, `reviewed`, each result's figures have their own figures under
    "review". `audits` holds what each system showed in the audit.
    """

    rows: list[Row]
    reviewed: list[Row]
    results: dict[str, Result]
    champion: str
    audits: Mapping[str, Mapping[str, Any]]
    documents: list[Document]
    predictions: list[Prediction]

    def report(self) -> dict[str, Any]:
        """The figures as plain values: what `metrics/evaluation.json` holds."""
        return {"champion": self.champion, "systems": {name: r.figures for name, r in self.results.items()}}


def majority_class(train: Sequence[Row], test: Sequence[Row]) -> Probabilities:
    """The most frequent stance of the training rows, for every candidate."""
    best = Counter(r["label"] for r in train if r["label"] in STANCES).most_common(1)[0][0]
    return one_hot([best] * len(test))


def figures(rows: Sequence[Row], probabilities: Probabilities, pipeline: Pipeline) -> dict[str, Any]:
    """Scores of one system on labelled candidates."""
    gold, predicted, docs = targets(rows), probabilities.argmax(1), [r["doc"] for r in rows]
    matrix = confusion(gold, predicted)
    low, high = bootstrap(gold, predicted, docs, pipeline.evaluation.bootstrap, pipeline.seed)
    return {
        "macro_f1": macro_f1(gold, predicted),
        "macro_f1_low": low,
        "macro_f1_high": high,
        "macro_f1_with_none": macro_f1(gold, predicted, with_none=True),
        "accuracy": float((gold == predicted).mean()),
        "calibration_error": calibration_error(probabilities, gold),
        "calibration_error_stances": calibration_error(probabilities[predicted != NONE], gold[predicted != NONE]),
        "classes": {
            k: {"precision": c.precision, "recall": c.recall, "f1": c.f1, "gold": c.gold}
            for k, c in per_class(matrix).items()
        },
        "confusion": matrix.tolist(),
        "reliability": reliability(probabilities[predicted != NONE].max(1), (gold == predicted)[predicted != NONE]),
        "by_process": slices(rows, gold, predicted, lambda r: r["process"]),
        "by_actor_kind": slices(rows, gold, predicted, lambda r: r["actor_kind"]),
        "by_explicitness": slices(rows, gold, predicted, lambda r: "explicit" if r["explicit"] else "contextual"),
    }


def end_to_end(predictions: Sequence[Prediction], gold: Sequence[Annotation], codebook: Codebook) -> dict[str, Any]:
    """Raw text in, annotations out: pairs and triples against every gold annotation, found or not.

    An annotation matches in the sentence that it overlaps, with the same process and actor (as dev/score.py has it).
    """
    by_doc: dict[str, list[Annotation]] = {}
    for a in gold:
        by_doc.setdefault(a.doc, []).append(a)
    free = {id(a) for a in gold}
    pairs = triples = 0
    said = [p for p in predictions if p.label != "none"]
    for p in said:
        c = p.candidate
        for a in by_doc.get(c.doc, []):
            if id(a) not in free or a.process != c.process.target:
                continue
            here = overlap((a.start, a.end), (c.sentence.start, c.sentence.end)) > 0
            if here and corpus.same_actor(corpus.actor_name(codebook, a), a.mention, c.actor.name, c.actor.text):
                free.discard(id(a))
                pairs += 1
                triples += a.stance == p.label
                break
    out = {}
    for name, hits in (("pairs", pairs), ("triples", triples)):
        counts = Counts(hits, len(said), len(gold))
        out[name] = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    return out


def _answers(
    train: Sequence[Row], rows: Sequence[Row], predictors: Mapping[str, Predictor]
) -> dict[str, Probabilities]:
    """What every system says of some rows, the baselines first."""
    said = {name: predictor.predict_proba(rows) for name, predictor in predictors.items()}
    return {MAJORITY: majority_class(train, rows), **said}


def compare(
    pipeline: Pipeline, codebook: Codebook, audits: Mapping[str, Mapping[str, Any]], report: Progress = silent
) -> Comparison:
    """Evaluate every configured model and the baselines on the test documents, and choose the champion.

    `audits` holds each model's figures from the audit; only one that passed can be champion.

    Raises:
        GateError: no model passed.
    """
    paths = pipeline.paths
    data = Path(paths.dataset)
    train, held_out = dataset.load(data, "train").to_list(), dataset.load(data, "test").to_list()
    test = [r for r in held_out if r["source"] != REVIEW]
    reviewed = [r for r in held_out if r["source"] == REVIEW]
    people = People.read(paths, codebook)
    held = [d for d in people.documents if dataset.split_of(d.id, pipeline.split) == "test"]
    generator = Generator(codebook)
    gold = [a for d in held for a in people.annotations(d, generator)]
    judges = {
        name: open_judge(Path(paths.codebook), Path(paths.models), name, pipeline.threads)
        for name in (RULES, *pipeline.models)
    }
    predictors: dict[str, Predictor] = {PRIOR: ActorPrior(train), NAMES: NamesModel(train, pipeline.seed)}
    predictors |= {name: judge.model for name, judge in judges.items()}
    answers = _answers(train, test, predictors)
    results = {name: Result(name, p, figures(test, p, pipeline)) for name, p in answers.items()}
    if reviewed:
        for name, p in _answers(train, reviewed, predictors).items():
            results[name].figures["review"] = figures(reviewed, p, pipeline)
    for name in pipeline.models:
        results[name].figures.update(version=judges[name].version, audit=audits[name]["headline"])
    said: dict[str, list[Prediction]] = {}
    for n, (name, judge) in enumerate(judges.items(), 1):
        report("evaluation", n / len(judges))
        said[name] = list(judge.predict(held))
        results[name].figures["end_to_end"] = end_to_end(said[name], gold, codebook)
    for name in pipeline.models:
        thresholds = judges[name].confidence.thresholds.items()
        results[name].figures["promises"] = {
            promised: selective(results[name].probabilities, targets(test), least)
            for promised, least in thresholds
            if least is not None
        }
    _test_against(results, test, pipeline)
    scores = {name: results[name].figures["macro_f1"] for name in pipeline.models if audits[name]["passed"]}
    wins = {n: _beats(results[n].figures.get("against", {}).get(pipeline.must_beat)) for n in pipeline.models}
    champion = registry.choose(scores, wins, pipeline.must_beat)
    return Comparison(test, reviewed, results, champion, audits, held, said[champion])


def _beats(test: Mapping[str, float] | None) -> bool:
    return test is not None and test["difference"] > 0 and test["p"] < 0.05


def _test_against(results: Mapping[str, Result], rows: Sequence[Row], pipeline: Pipeline) -> None:
    """Paired test of each model against the one it must beat."""
    gold, docs = targets(rows), [r["doc"] for r in rows]
    base = results[pipeline.must_beat]
    for name in pipeline.models:
        if name != pipeline.must_beat:
            difference, p = paired_test(
                gold, results[name].predicted, base.predicted, docs, pipeline.evaluation.permutations, pipeline.seed
            )
            results[name].figures["against"] = {pipeline.must_beat: {"difference": difference, "p": p}}
