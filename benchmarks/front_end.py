"""How fast text becomes candidates on one core: by kind of text, by length, and by the size of the codebook.

    python benchmarks/front_end.py [--quick]

The text is the project's own corpus. A document about something else is one of them with every word for the subject
replaced; an archive has one document in a hundred about the talks, one in ten about the war without them.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stance.candidates import Generator
from stance.codebook import Actor, Codebook, load
from stance.config import load_pipeline
from stance.documents import read_file
from stance.matcher import alternatives
from stance.records import Document

SEED = 13


def other(documents: Sequence[Document], phrases: Sequence[str], word: str) -> list[Document]:
    """The documents with each of the phrases replaced by a word that means nothing here."""
    pattern = re.compile(rf"\b(?:{alternatives(phrases)})\b", re.I)
    return [replace(d, text=pattern.sub(word, d.text)) for d in documents]


def archive(documents: Sequence[Document], codebook: Codebook) -> Iterator[Document]:
    """An endless archive: of a hundred documents one about the talks, nine about the war, ninety about neither."""
    known = codebook.resolution
    full = [alias for process in codebook.processes for alias in process.aliases]
    places = [place.name for process in codebook.processes for place in process.places]
    war = other(documents, [*full, *places, *known.generic], "harvest")
    neither = other(war, known.subjects, "Ruritania")
    sources = {"talks": cycle(documents), "war": cycle(war), "neither": cycle(neither)}
    for n in cycle(range(100)):
        yield next(sources["talks" if n == 0 else "war" if n < 10 else "neither"])


def first(documents: Iterator[Document], megabytes: float) -> Iterator[Document]:
    """Documents up to a length of text."""
    left = megabytes * 1e6
    for document in documents:
        if left <= 0:
            return
        left -= len(document.text)
        yield document


def measure(generator: Generator, documents: Iterator[Document]) -> tuple[float, float, int]:
    """Megabytes read, seconds of processor time, candidates found."""
    size = found = 0
    spent = 0.0
    for document in documents:
        size += len(document.text)
        start = time.process_time()
        found += sum(1 for _ in generator.candidates(document))
        spent += time.process_time() - start
    return size / 1e6, spent, found


def grown(codebook: Codebook, aliases: int, rng: random.Random) -> Codebook:
    """The codebook with made-up actors beside its own, or with fewer of its own, so that it has so many aliases."""
    actors: list[Actor] = []
    count = 0
    for actor in codebook.actors:
        if actor.principal is None and count < aliases:
            actors.append(actor.model_copy(update={"aliases": actor.aliases[: max(0, aliases - count)]}))
            count += 1 + len(actors[-1].aliases)
    while count < aliases:
        name = " ".join("".join(rng.choices("abdeiklmnorstu", k=rng.randint(4, 9))).title() for _ in range(2))
        actors.append(Actor(id=f"made-up-{count}", name=name, kind="organisation"))
        count += 1
    return codebook.model_copy(update={"actors": actors})


def main() -> None:
    """Print three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the text")
    share = 0.1 if parser.parse_args().quick else 1.0
    paths = load_pipeline().paths
    codebook = load(Path(paths.codebook))
    documents = list(read_file(Path(paths.corpus)))
    generator = Generator(codebook)
    measure(generator, islice(iter(documents), 50))  # what is loaded on first use
    console = Console(width=100)

    table = Table("text", "MB", "MB a second", "candidates", title="by kind of text")
    mixed = archive(documents, codebook)
    for name, text in (("archive", first(mixed, 20 * share)), ("about the talks", first(cycle(documents), 2 * share))):
        size, spent, found = measure(generator, text)
        table.add_row(name, f"{size:.1f}", f"{size / spent:.2f}", str(found))
    console.print(table)

    table = Table("archive of", "seconds", "MB a second", title="by length")
    for megabytes in (1, 10, 100):
        size, spent, _ = measure(generator, first(mixed, megabytes * share))
        table.add_row(f"{size:.1f} MB", f"{spent:.2f}", f"{size / spent:.2f}")
    console.print(table)

    table = Table("aliases", "seconds", "MB a second", title="by size of the codebook, text about the talks")
    for aliases in (300, 3_000, 30_000):
        bigger = Generator(grown(codebook, aliases, random.Random(SEED)))
        size, spent, _ = measure(bigger, first(cycle(documents), 1 * share))
        table.add_row(str(aliases), f"{spent:.2f}", f"{size / spent:.2f}")
    console.print(table)


if __name__ == "__main__":
    main()
