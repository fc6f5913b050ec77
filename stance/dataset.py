"""Join labels and candidates into a data set: `none` added, split by document, every exclusion counted by reason.

Built by `python -m stance.build`; the result is one Parquet file a split, opened by
`datasets.load_dataset("parquet", data_files=...)`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stance import corpus, reviews
from stance.candidates import Generator, as_row
from stance.codebook import Codebook
from stance.config import Paths, Pipeline, Split
from stance.errors import InputError
from stance.io import atomic_path, digest, file_digest, read_json, read_jsonl, write_json
from stance.labeling.agreement import Decision
from stance.labeling.review import pair_of
from stance.models.base import Progress, silent
from stance.records import LABELS, Annotation, Candidate, Document, Label

if TYPE_CHECKING:
    from datasets import Dataset

SplitName = Literal["train", "validation", "test"]
REVIEW = "review"  # the source of a pair that people judged in a document that is not of the corpus
REPORT = "report.json"  # written last
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")
Example = dict[str, Any]


def split_of(document_id: str, split: Split) -> SplitName:
    """The split of a document: decided by its id alone, so that new documents never move old ones."""
    share = int(sha256(document_id.encode()).hexdigest()[:8], 16) / 16**8
    return "test" if share < split.test else "validation" if share < split.test + split.validation else "train"


def overlap(a: tuple[int, int], b: tuple[int, int]) -> int:
    """Characters that two spans share."""
    return min(a[1], b[1]) - max(a[0], b[0])


def match(candidates: Sequence[Candidate], gold: Sequence[Annotation], codebook: Codebook) -> dict[int, Annotation]:
    """The annotation of each candidate that has one, by the candidate's index; each annotation is used once.

    A candidate matches in the sentence that overlaps the annotation's most, with the same process and actor.
    """
    by_sentence: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, c in enumerate(candidates):
        by_sentence[c.sentence.start, c.sentence.end].append(i)
    out: dict[int, Annotation] = {}
    for annotation in gold:
        best = max(by_sentence, key=lambda span: overlap(span, (annotation.start, annotation.end)), default=None)
        if best is None or overlap(best, (annotation.start, annotation.end)) <= 0:
            continue
        name = corpus.actor_name(codebook, annotation)
        for i in by_sentence[best]:
            c = candidates[i]
            fits = c.process.target == annotation.process and i not in out
            if fits and corpus.same_actor(name, annotation.mention, c.actor.name, c.actor.text):
                out[i] = annotation
                break
    return out


@dataclass(frozen=True)
class People:
    """What people say: of the corpus's documents everything, of those in `partly` the pairs that they judged.

    `decided` holds what was reviewed, in documents of either kind, by document and pair; it goes before `gold`.
    """

    documents: list[Document]
    partly: list[Document]
    gold: dict[str, list[Annotation]]
    decided: dict[str, dict[str, Decision]]

    @classmethod
    def read(cls, paths: Paths, codebook: Codebook) -> People:
        """Read the corpus and what was reviewed.

        Raises:
            InputError: a row that does not fit, or a reviewed document that has another text in the corpus.
        """
        documents, annotations = corpus.load(Path(paths.corpus), Path(paths.gold), codebook)
        reviewed = reviews.load(Path(paths.review))
        for document in documents:
            if reviewed.documents.get(document.id, document).text != document.text:
                where = Path(paths.review) / reviews.DOCUMENTS
                raise InputError(f"{document.id!r} has another text in {paths.corpus}: rename your document", where)
        gold: dict[str, list[Annotation]] = {d.id: [] for d in documents}
        for annotation in annotations:
            gold[annotation.doc].append(annotation)
        partly = [d for d in reviewed.documents.values() if d.id not in gold]
        return cls(documents, partly, gold, reviewed.decisions())

    def labelled(
        self, document: Document, candidates: Sequence[Candidate], codebook: Codebook, excluded: Counter[str]
    ) -> tuple[list[tuple[Candidate, Label]], list[Annotation]]:
        """The candidates that people labelled, and the records that no candidate has."""
        gold, decided = self.gold.get(document.id), self.decided.get(document.id, {})
        matched = match(candidates, gold or [], codebook)
        pairs: list[tuple[Candidate, Label]] = []
        for i, candidate in enumerate(candidates):
            decision = decided.get(pair_of(candidate))
            if decision and decision.answer:
                pairs.append((candidate, decision.answer))
            elif gold is not None:  # a tie leaves the corpus's label as it is
                pairs.append((candidate, matched[i].stance if i in matched else "none"))
            else:
                excluded["reviewed pair that ended in a tie" if decision else "pair that nobody judged"] += 1
        known = {pair_of(c) for c in candidates}
        new = [d.record for key, d in decided.items() if d.record and key not in known]
        found = set(matched.values())
        return pairs, [*(a for a in gold or () if a not in found and not _among(new, a, codebook)), *new]

    def annotations(self, document: Document, generator: Generator) -> list[Annotation]:
        """A corpus document's records, with what was decided in place of what it said."""
        gold = self.gold[document.id]
        decided = {key: d for key, d in self.decided.get(document.id, {}).items() if d.answer}
        if not decided:
            return gold
        candidates = list(generator.candidates(document))
        matched = match(candidates, gold, generator.codebook)
        replaced = {a for i, a in matched.items() if pair_of(candidates[i]) in decided}
        new = [d.record for d in decided.values() if d.record]
        return [*(a for a in gold if a not in replaced and not _among(new, a, generator.codebook)), *new]


def _among(others: Iterable[Annotation], a: Annotation, codebook: Codebook) -> bool:
    """Whether one of the others is about the annotation's sentence, process and actor."""
    name = corpus.actor_name(codebook, a).casefold()
    here = (o for o in others if o.process == a.process and overlap((a.start, a.end), (o.start, o.end)) > 0)
    return any(o.actor.casefold() == name for o in here)


def from_people(
    people: People, generator: Generator, split: Split, excluded: Counter[str], report: Progress
) -> list[Example]:
    """Every candidate that people labelled, `none` where they found no stance.

    A record that reading misses still trains, as a pair built from its words; it is never evaluated on, since
    prediction would not find it either (the end-to-end score counts it as missed).
    """
    codebook = generator.codebook
    documents = [*people.documents, *people.partly]
    rows: list[Example] = []
    for n, document in enumerate(documents, 1):
        report("data set", n / len(documents))
        source, where = "gold" if document.id in people.gold else REVIEW, split_of(document.id, split)
        pairs, missed = people.labelled(document, list(generator.candidates(document)), codebook, excluded)
        rows += [{**as_row(c, codebook), "label": label, "source": source, "weight": 1.0} for c, label in pairs]
        excluded[f"{source} annotation that reading misses, in {where}"] += len(missed)
        if where == "train":
            readings = generator.read(document)
            for a in missed:
                if candidate := generator.annotated(document, readings, a):
                    row = as_row(candidate, codebook)
                    rows.append({**row, "label": a.stance, "source": f"{source}-words", "weight": 1.0})
    return rows


def from_silver(
    rows: Iterable[Example], labelled: frozenset[str], pipeline: Pipeline, excluded: Counter[str]
) -> list[Example]:
    """Rule-labelled rows that may train: confident ones, of documents that nobody labelled."""
    out = []
    for row in rows:
        if row["doc"] in labelled:
            excluded["silver of a document that people labelled"] += 1
        elif row["confidence"] < pipeline.labeling.min_confidence:
            excluded["silver below the confidence threshold"] += 1
        else:
            fields = {k: v for k, v in row.items() if k not in ("confidence", "rules")}
            out.append({**fields, "source": "silver", "weight": pipeline.labeling.weight})
    return out


def _drop_near_duplicates(
    splits: dict[SplitName, list[Example]], threshold: float, excluded: Counter[str]
) -> dict[SplitName, list[Example]]:
    """Remove from training (and validation) what nearly repeats a sentence of a later split."""
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(analyzer="char_wb", ngram_range=(4, 5), n_features=2**18)
    out = dict(splits)
    for low, held in (("validation", ("test",)), ("train", ("validation", "test"))):
        held_texts = sorted({r["text"] for s in held for r in splits[s]})  # type: ignore[index]
        texts = sorted({r["text"] for r in splits[low]})  # type: ignore[index]
        if not held_texts or not texts:
            continue
        nearest = (vectorizer.transform(texts) @ vectorizer.transform(held_texts).T).max(axis=1).toarray().ravel()
        bad = {text for text, cosine in zip(texts, nearest, strict=True) if cosine >= threshold}
        kept = [r for r in out[low] if r["text"] not in bad]  # type: ignore[index]
        excluded[f"near-duplicate of a later split, in {low}"] += len(out[low]) - len(kept)  # type: ignore[index]
        out[low] = kept  # type: ignore[index]
    return out


def build(pipeline: Pipeline, codebook: Codebook, report: Progress = silent) -> dict[str, Any]:
    """Build the data set and write it with its report; returns the report."""
    paths = pipeline.paths
    people = People.read(paths, codebook)
    excluded: Counter[str] = Counter()
    rows = from_people(people, Generator(codebook), pipeline.split, excluded, report)
    silver = [row for _, row in read_jsonl(Path(paths.silver))] if Path(paths.silver).exists() else []
    labelled = frozenset(d.id for d in (*people.documents, *people.partly))
    trainable = from_silver(silver, labelled, pipeline, excluded)
    splits: dict[SplitName, list[Example]] = {name: [] for name in SPLITS}
    for row in rows:
        splits[split_of(row["doc"], pipeline.split)].append(row)
    splits["train"] += trainable  # silver only ever trains
    splits = _drop_near_duplicates(splits, pipeline.near_duplicate, excluded)
    if not all(splits.values()):
        raise InputError("a split is empty: too few documents", paths.corpus)
    figures = {
        "codebook": codebook.digest,
        "corpus": file_digest(Path(paths.corpus))[:12],
        "gold": file_digest(Path(paths.gold))[:12],
        "review": digest(people.decided),
        "documents": {name: len({r["doc"] for r in part}) for name, part in splits.items()},
        "examples": {name: len(part) for name, part in splits.items()},
        "labels": {name: dict(Counter(r["label"] for r in part)) for name, part in splits.items()},
        "reviewed": {name: sum(r["source"] == REVIEW for r in part) for name, part in splits.items()},
        "sources": dict(Counter(r["source"] for part in splits.values() for r in part)),
        "excluded": dict(excluded),
    }
    last = Path(paths.dataset) / REPORT
    last.unlink(missing_ok=True)
    save(splits, Path(paths.dataset))
    write_json(last, figures)
    return figures


def save(splits: dict[SplitName, list[Example]], folder: Path) -> None:
    """Write one Parquet file a split."""
    import datasets

    for name, rows in splits.items():
        with atomic_path(folder / f"{name}.parquet") as part:
            datasets.Dataset.from_list(rows).to_parquet(part)


def load(folder: Path, split: SplitName) -> Dataset:
    """One split as a `datasets.Dataset`."""
    import datasets

    path = folder / f"{split}.parquet"
    for file in (path, folder / REPORT):  # without a report it is half-written
        if not file.exists():
            raise InputError("no such file: build the data set with `python -m stance.build`", file)
    return datasets.Dataset.from_parquet(str(path), cache_dir=str(folder / ".cache"))


def data_digest(folder: Path) -> str:
    """Digest of what the data set was built from and how it came out."""
    return digest(read_json(folder / REPORT))


def summary(report: dict[str, Any]) -> str:
    """The report in a few lines, exclusions by reason included."""
    lines = [
        f"{name:11} {report['documents'][name]:4} documents  {report['examples'][name]:6} candidates  "
        + "  ".join(f"{label} {report['labels'][name].get(label, 0)}" for label in LABELS)
        for name in SPLITS
    ]
    if any(report["reviewed"].values()):
        lines.append("of these, reviewed: " + "  ".join(f"{name} {report['reviewed'][name]}" for name in SPLITS))
    return "\n".join([*lines, *(f"left out: {n:5}  {reason}" for reason, n in report["excluded"].items() if n)])
