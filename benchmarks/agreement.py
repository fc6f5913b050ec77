"""How far the corpus's two annotators, who worked apart, agree: F1, stance agreement and Krippendorff's alpha.

    python benchmarks/agreement.py [--show 10]

A pair is an actor and a process in a sentence; a triple is a pair with its stance. Two pairs are the same as
`stance.corpus.same_actor` has it, in the same sentence and process. Alpha is given twice: over the pairs that at
least one annotator marked (`none` is what the other one then says, so that nobody can ever agree on `none`: a strict
figure), and over all pairs among which an annotator chooses, which adds every candidate that neither marked.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stance.candidates import Generator
from stance.codebook import Codebook
from stance.codebook import load as load_codebook
from stance.config import load_pipeline
from stance.corpus import load
from stance.dataset import match
from stance.labeling.agreement import Unit, alpha, as_judgment, join
from stance.labeling.review import Judgment
from stance.records import STANCES, Annotation, Document

FIRST, SECOND = "annotator-1", "annotator-2"


def said(unit: Unit) -> tuple[str, str]:
    """Both annotators' labels; `none` where one did not mark the pair."""
    first, second = (unit[name].answer if name in unit else "none" for name in (FIRST, SECOND))
    return first, second


def process_of(unit: Unit) -> str:
    """The process of the pair."""
    return next(iter(unit.values())).process


def silent_units(
    documents: Iterable[Document], first: Sequence[Annotation], second: Sequence[Annotation], generator: Generator
) -> Iterator[str]:
    """The process of every candidate pair that neither annotator marked."""
    sides: list[dict[str, list[Annotation]]] = [defaultdict(list), defaultdict(list)]
    for side, given in zip(sides, (first, second), strict=True):
        for a in given:
            side[a.doc].append(a)
    for document in documents:
        candidates = list(generator.candidates(document))
        marked: set[int] = set()
        for side in sides:
            marked |= match(candidates, side[document.id], generator.codebook).keys()
        yield from (c.process.target for i, c in enumerate(candidates) if i not in marked)


def _alpha(labels: Sequence[tuple[str, str]]) -> str:
    value = alpha(labels)
    return "-" if value is None else f"{value:.3f}"


def _figures(units: Sequence[Unit], silent: Sequence[str], value: Callable[[str], str] = str) -> list[str]:
    """A row's figures; `value` maps a label to what is compared, as one stance against the rest."""
    labels = [(value(a), value(b)) for a, b in map(said, units)]
    everywhere = labels + [(value("none"), value("none"))] * len(silent)
    first, second = (sum(pair[side] != "none" for pair in labels) for side in (0, 1))
    common = sum("none" not in pair for pair in labels)
    agreed = sum(a == b != "none" for a, b in labels)
    either = max(first + second, 1)
    return [
        str(first),
        str(second),
        str(common),
        f"{2 * common / either:.3f}",
        f"{2 * agreed / either:.3f}",
        f"{agreed / max(common, 1):.3f}",
        _alpha(labels),
        _alpha(everywhere),
    ]


def _against_rest(stance: str) -> Callable[[str], str]:
    return lambda label: stance if label == stance else "none"


def table(units: Sequence[Unit], silent: Sequence[str], codebook: Codebook) -> Table:
    """Agreement over all pairs, for each process and for each stance against the rest."""
    out = Table(title="Agreement of annotator 1 and annotator 2")
    out.add_column("pairs")
    for name in ("1", "2", "both", "pair F1", "triple F1", "stance agrees", "alpha, marked", "alpha, all pairs"):
        out.add_column(name, justify="right")
    out.add_row("all", *_figures(units, silent), end_section=True)
    for process in codebook.process:
        own = [u for u in units if process_of(u) == process]
        out.add_row(
            process,
            *_figures(own, [p for p in silent if p == process]),
            end_section=process == codebook.processes[-1].id,
        )
    for stance in STANCES:
        figures = _figures(units, silent, _against_rest(stance))
        figures[3] = figures[5] = "-"  # with one stance a pair in common is a triple in common
        out.add_row(f"{stance} or not", *figures)
    return out


def disagreements(units: Iterable[Unit]) -> Table:
    """What the two said where they differ, most frequent first."""
    counts = Counter(pair for pair in map(said, units) if pair[0] != pair[1])
    out = Table(title="Where they differ")
    out.add_column("annotator 1")
    out.add_column("annotator 2")
    for name in ("pairs", "share"):
        out.add_column(name, justify="right")
    for (a, b), n in counts.most_common():
        out.add_row(a, b, str(n), f"{n / counts.total():.1%}")
    return out


def adjudication(units: Iterable[Unit], gold: Iterable[Judgment]) -> Table:
    """What became of the pairs in the gold: how many it keeps, and with whose stance where the two differ."""
    stances = {j.pair: j.answer for j in gold}
    kept: dict[str, Counter[str]] = {}
    for unit in units:
        values = said(unit)
        sort = "by both, same stance" if values[0] == values[1] else "by both, other stance"
        sort = sort if len(unit) == 2 else "by annotator 1 only" if FIRST in unit else "by annotator 2 only"
        stance = next((stances[j.pair] for _, j in sorted(unit.items()) if j.pair in stances), "none")
        counts = kept.setdefault(sort, Counter())
        counts.update(["pairs", *["kept"] * (stance != "none")])
        counts.update(name for name, value in zip("12", values, strict=True) if value == stance)
    out = Table(title="What the adjudicated annotation made of them")
    for name in ("pairs marked", "pairs", "kept in the gold", "as annotator 1 has it", "as annotator 2 has it"):
        out.add_column(name)
    for sort, counts in sorted(kept.items()):
        n = counts["pairs"]
        out.add_row(sort, str(n), *(f"{counts[key]} ({counts[key] / n:.1%})" for key in ("kept", "1", "2")))
    return out


def compare() -> tuple[list[Table], list[Unit], dict[str, Document]]:
    """Read both annotations and compare them: the tables, the units that either marked, and the documents by id."""
    paths = load_pipeline().paths
    generator = Generator(load_codebook(Path(paths.codebook)))
    codebook = generator.codebook
    documents, first = load(Path(paths.corpus), Path(paths.corpus).parent / f"{FIRST}.jsonl", codebook)
    _, second = load(Path(paths.corpus), Path(paths.corpus).parent / f"{SECOND}.jsonl", codebook)
    units = join(as_judgment(a, name, codebook) for name, given in ((FIRST, first), (SECOND, second)) for a in given)
    silent = list(silent_units(documents, first, second, generator))
    _, gold = load(Path(paths.corpus), Path(paths.gold), codebook)
    tables = [
        table(units, silent, codebook),
        disagreements(units),
        adjudication(units, [as_judgment(a, "gold", codebook) for a in gold]),
    ]
    one_sided = {a.doc for a in first} ^ {a.doc for a in second}
    tables[0].caption = (
        f"{len(documents)} documents, of which {len(one_sided)} hold pairs of one annotator only; "
        f"{len(units)} pairs marked by either, {len(silent)} candidate pairs by neither"
    )
    return tables, units, {d.id: d for d in documents}


def main() -> None:
    """Print the tables and, on request, some of the disagreements of each sort."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", type=int, default=0, help="print so many disagreements of each sort")
    args = parser.parse_args()
    tables, units, documents = compare()
    console = Console(width=120)
    for part in tables:
        console.print(part)
    sorts: dict[tuple[str, str], list[Unit]] = defaultdict(list)
    for unit in units:
        if said(unit)[0] != said(unit)[1]:
            sorts[said(unit)].append(unit)
    rng = random.Random(13)
    for (a, b), found in sorts.items() if args.show else ():
        print(f"\n{a} / {b}")
        for unit in rng.sample(found, min(args.show, len(found))):
            j = next(iter(unit.values()))
            text = documents[j.doc].text[j.start : j.end]
            print(f"  {j.doc} [{j.mention}] {j.actor} -> {j.process}: {text}")


if __name__ == "__main__":
    main()
