"""Rules, models and people as coders of the same pairs, side by side: `python -m stance.label --agreement`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from stance import cli, registry, reviews
from stance.candidates import Generator
from stance.config import Pipeline
from stance.corpus import load
from stance.dataset import overlap, split_of
from stance.errors import ModelError
from stance.labeling.agreement import Answers, against, alpha_of, answers, as_judgment, decide, join
from stance.labeling.review import Judgment
from stance.pipeline import RULES, Judge, open_judge
from stance.records import STANCES, Annotation, Document

GOLD, MAJORITY = "gold", "majority"
log = logging.getLogger(__name__)


def _judges(pipeline: Pipeline) -> dict[str, Judge]:
    """The rules and every trained model, the champion starred; a model that cannot be opened is left out."""
    codebook, models = Path(pipeline.paths.codebook), Path(pipeline.paths.models)
    best = registry.current(models) if (models / registry.CURRENT).exists() else None
    out = {}
    for name in (RULES, *pipeline.models):
        try:
            judge = open_judge(codebook, models, name, pipeline.threads)
        except ModelError as error:
            log.info("left out: %s", error)
        else:
            out[f"{name} *" if name == best else name] = judge
    return out


def _machines(judges: Mapping[str, Judge], documents: Sequence[Document]) -> Iterator[Judgment]:
    """What each judge says of every candidate."""
    for name, judge in judges.items():
        for p in judge.predict(documents):
            c = p.candidate
            span, flags = (c.sentence.start, c.sentence.end), (c.actor.explicit, c.process.explicit)
            yield Judgment(c.doc, *span, c.actor.text, c.actor.name, c.process.target, *flags, p.label, name)


def _person(
    name: str, annotations: Iterable[Annotation], documents: Iterable[Document], generator: Generator
) -> Iterator[Judgment]:
    """A person's annotations of the documents, each moved to the candidates' sentence that it overlaps most."""
    sentences = {d.id: generator.sentences(d) for d in documents}

    def sentence(a: Annotation) -> tuple[int, int]:
        return max(((s.start, s.end) for s in sentences[a.doc]), key=lambda span: overlap(span, (a.start, a.end)))

    for a in annotations:
        if a.doc in sentences:
            start, end = sentence(a)
            yield replace(as_judgment(a, name, generator.codebook), start=start, end=end)


def _shown(values: Iterable[float | None]) -> list[str]:
    return ["" if value is None else f"{value:.3f}" for value in values]


def _show(title: str, coders: Mapping[str, Answers], people: Sequence[str], reference: str) -> None:
    """Print alpha of every two coders and of all people, and each coder's F1 against the reference."""
    alphas = [
        (a, *_shown(None if a == b else alpha_of([said, other]) for b, other in coders.items()))
        for a, said in coders.items()
    ]
    cli.table(f"Krippendorff's alpha, {title}", ("coder", *coders), alphas)
    together = alpha_of([coders[name] for name in people])
    if together is not None:
        sys.stdout.write(f"alpha of the {len(people)} people: {together:.3f}\n\n")
    rows = []
    for name, said in coders.items():
        f1 = [counts.f1 for counts in against(said, coders[reference]).values()]
        if name != reference and f1:
            rows.append((name, str(len(said.keys() & coders[reference].keys())), *_shown([*f1, sum(f1) / len(f1)])))
    columns = ("coder", "pairs", *(f"F1 {stance}" for stance in STANCES), "macro F1")
    cli.table(f"against the {reference}, {title}", columns, rows)


def _on_corpus(pipeline: Pipeline, judges: Mapping[str, Judge]) -> None:
    """The corpus's held-out documents, which each of its annotators read whole."""
    path, generator = Path(pipeline.paths.corpus), judges[RULES].generator
    files = {p.stem: p for p in sorted(path.parent.glob("annotator-*.jsonl"))}
    held: list[Document] = []
    judgments: list[Judgment] = []
    for name, file in {**files, GOLD: Path(pipeline.paths.gold)}.items():
        documents, annotations = load(path, file, generator.codebook)
        held = [d for d in documents if split_of(d.id, pipeline.split) == "test"]
        judgments += _person(name, annotations, held, generator)
    # Machines come first: people's pairs are joined to their candidates.
    units = join([*_machines(judges, held), *judgments])
    coders = answers(units, [*judges, *files, GOLD], {d.id for d in held})
    _show(f"{len(units)} pairs in {len(held)} held-out documents", coders, list(files), GOLD)


def _on_review(pipeline: Pipeline, judges: Mapping[str, Judge]) -> None:
    """The user's own documents, in which each annotator judged some pairs; machines answer for held-out ones only."""
    reviewed = reviews.load(Path(pipeline.paths.review))
    if not reviewed.judgments:
        return
    held = [d for d in reviewed.documents.values() if split_of(d.id, pipeline.split) == "test"]
    majority = [
        replace(d.judgments[0], annotator=MAJORITY, answer=d.answer) for d in decide(reviewed.judgments) if d.answer
    ]
    units = join([*_machines(judges, held), *reviewed.judgments, *majority])
    coders = answers(units, judges, {d.id for d in held})
    people = list(dict.fromkeys(j.annotator for j in reviewed.judgments))
    _show(f"{pipeline.paths.review}, {len(held)} of its documents held out", coders, people, MAJORITY)


def show(pipeline: Pipeline) -> int:
    """Print the comparison on the corpus, and on the user's own judgments where there are any."""
    judges = _judges(pipeline)
    _on_corpus(pipeline, judges)
    _on_review(pipeline, judges)
    return cli.DONE
