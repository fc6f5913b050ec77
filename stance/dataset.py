"""Join labels and candidates into a data set: `none` added, split by document, every exclusion counted by reason.

Built by `python -m stance.build`; the result is one Parquet file a split, opened by
`datasets.load_dataset("parquet", data_files=...)`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stance import corpus
from stance.candidates import Generator, as_row
from stance.codebook import Codebook
from stance.config import Pipeline, Split
from stance.errors import InputError
from stance.io import digest, file_digest, read_json, read_jsonl, write_json
from stance.models.base import Progress, silent
from stance.records import LABELS, Annotation, Candidate, Document

if TYPE_CHECKING:
    from datasets import Dataset

SplitName = Literal["train", "validation", "test"]
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


def from_gold(
    documents: Sequence[Document],
    gold: Iterable[Annotation],
    generator: Generator,
    split: Split,
    excluded: Counter[str],
    report: Progress,
) -> list[Example]:
    """Every candidate of annotated documents, labelled by its annotation or `none`.

    An annotation that reading misses still trains, as a pair built from its words; it is never evaluated on, since
    prediction would not find it either (the end-to-end score counts it as missed).
    """
    by_doc: dict[str, list[Annotation]] = defaultdict(list)
    for annotation in gold:
        by_doc[annotation.doc].append(annotation)
    rows: list[Example] = []
    for n, document in enumerate(documents, 1):
        report("data set", n / len(documents))
        candidates = list(generator.candidates(document))
        matched = match(candidates, by_doc[document.id], generator.codebook)
        for i, candidate in enumerate(candidates):
            label = matched[i].stance if i in matched else "none"
            rows.append({**as_row(candidate, generator.codebook), "label": label, "source": "gold", "weight": 1.0})
        missed = [a for a in by_doc[document.id] if a not in set(matched.values())]
        where = split_of(document.id, split)
        excluded[f"gold annotation that reading misses, in {where}"] += len(missed)
        if where == "train":
            readings = generator.read(document)
            for a in missed:
                if candidate_ := generator.annotated(document, readings, a):
                    row = as_row(candidate_, generator.codebook)
                    rows.append({**row, "label": a.stance, "source": "gold-words", "weight": 1.0})
    return rows


def from_silver(
    rows: Iterable[Example], gold_docs: frozenset[str], pipeline: Pipeline, excluded: Counter[str]
) -> list[Example]:
    """Rule-labelled rows that may train: confident ones, of documents without gold."""
    out = []
    for row in rows:
        if row["doc"] in gold_docs:
            excluded["silver of a document that has gold"] += 1
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
    documents, gold = corpus.load(Path(paths.corpus), Path(paths.gold), codebook)
    excluded: Counter[str] = Counter()
    rows = from_gold(documents, gold, Generator(codebook), pipeline.split, excluded, report)
    silver = [row for _, row in read_jsonl(Path(paths.silver))] if Path(paths.silver).exists() else []
    trainable = from_silver(silver, frozenset(d.id for d in documents), pipeline, excluded)
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
        "documents": {name: len({r["doc"] for r in part}) for name, part in splits.items()},
        "examples": {name: len(part) for name, part in splits.items()},
        "labels": {name: dict(Counter(r["label"] for r in part)) for name, part in splits.items()},
        "sources": dict(Counter(r["source"] for part in splits.values() for r in part)),
        "excluded": dict(excluded),
    }
    save(splits, Path(paths.dataset))
    write_json(Path(paths.dataset) / "report.json", figures)
    return figures


def save(splits: dict[SplitName, list[Example]], folder: Path) -> None:
    """Write one Parquet file a split."""
    import datasets

    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in splits.items():
        part = folder / f".{name}.parquet.part"
        datasets.Dataset.from_list(rows).to_parquet(part)
        part.replace(folder / f"{name}.parquet")


def load(folder: Path, split: SplitName) -> Dataset:
    """One split as a `datasets.Dataset`."""
    import datasets

    path = folder / f"{split}.parquet"
    if not path.exists():
        raise InputError("no such file: build the data set with `python -m stance.build`", path)
    return datasets.Dataset.from_parquet(str(path), cache_dir=str(folder / ".cache"))


def data_digest(folder: Path) -> str:
    """Digest of what the data set was built from and how it came out."""
    return digest(read_json(folder / "report.json"))


def summary(report: dict[str, Any]) -> str:
    """The report in a few lines, exclusions by reason included."""
    lines = [
        f"{name:11} {report['documents'][name]:4} documents  {report['examples'][name]:6} candidates  "
        + "  ".join(f"{label} {report['labels'][name].get(label, 0)}" for label in LABELS)
        for name in SPLITS
    ]
    return "\n".join([*lines, *(f"left out: {n:5}  {reason}" for reason, n in report["excluded"].items() if n)])
