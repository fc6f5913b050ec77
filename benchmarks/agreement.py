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
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stance.candidates import Generator
from stance.codebook import Codebook
from stance.codebook import load as load_codebook
from stance.config import load_pipeline
from stance.corpus import actor_name, load, same_actor
from stance.dataset import match
from stance.records import STANCES, Annotation, Document

FILES = "annotator-1.jsonl", "annotator-2.jsonl"
Place = tuple[str, int, int, str]


def alpha(units: Iterable[Sequence[Hashable]]) -> float:
    """Krippendorff's alpha for nominal values; each unit holds the values that its annotators gave.

    After Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C: alpha is one minus observed
    over expected disagreement, both taken from the coincidence matrix, to which a unit of m values adds each of its
    ordered pairs of values with weight 1 / (m - 1). Units with fewer than two values say nothing about agreement.
    It is 1.0 where every value is the same (nothing could be disagreed about) and nan where no unit can be paired.
    """
    totals: Counter[Hashable] = Counter()
    disagreement = 0.0
    for unit in units:
        if (m := len(unit)) < 2:
            continue
        counts = Counter(unit)
        totals += counts
        disagreement += (m * m - sum(c * c for c in counts.values())) / (m - 1)
    n = totals.total()
    if n == 0:
        return float("nan")
    expected = (n * n - sum(c * c for c in totals.values())) / (n - 1)
    return 1 - disagreement / expected if expected else 1.0


@dataclass(frozen=True, slots=True)
class Unit:
    """A pair that at least one annotator could have marked, with what each said of it (None is `none`)."""

    process: str
    first: Annotation | None = None
    second: Annotation | None = None

    @property
    def values(self) -> tuple[str, str]:
        """Both annotators' labels."""
        return (self.first.stance if self.first else "none", self.second.stance if self.second else "none")


def pair_up(first: Sequence[Annotation], second: Sequence[Annotation], codebook: Codebook) -> Iterator[Unit]:
    """Both annotators' pairs joined: equal actors first, then actors of whom one's words hold the other's."""
    places: dict[Place, tuple[list[Annotation], list[Annotation]]] = defaultdict(lambda: ([], []))
    for side, given in enumerate((first, second)):
        for a in given:
            places[a.doc, a.start, a.end, a.process][side].append(a)

    def named(a: Annotation, b: Annotation) -> bool:
        return actor_name(codebook, a).casefold() == actor_name(codebook, b).casefold()

    def worded(a: Annotation, b: Annotation) -> bool:
        return same_actor(actor_name(codebook, a), a.mention, actor_name(codebook, b), b.mention)

    for (*_, process), (left, right) in places.items():
        for same in (named, worded):
            for a in list(left):
                if b := next((b for b in right if same(a, b)), None):
                    left.remove(a)
                    right.remove(b)
                    yield Unit(process, a, b)
        yield from (Unit(process, first=a) for a in left)
        yield from (Unit(process, second=b) for b in right)


def silent_units(
    documents: Iterable[Document], first: Sequence[Annotation], second: Sequence[Annotation], generator: Generator
) -> Iterator[Unit]:
    """Every candidate pair that neither annotator marked."""
    sides: list[dict[str, list[Annotation]]] = [defaultdict(list), defaultdict(list)]
    for side, given in zip(sides, (first, second), strict=True):
        for a in given:
            side[a.doc].append(a)
    for document in documents:
        candidates = list(generator.candidates(document))
        marked: set[int] = set()
        for side in sides:
            marked |= match(candidates, side[document.id], generator.codebook).keys()
        yield from (Unit(c.process.target) for i, c in enumerate(candidates) if i not in marked)


def _figures(units: Sequence[Unit], silent: Sequence[Unit], value: Callable[[str], str] = str) -> list[str]:
    """A row's figures; `value` maps a label to what is compared, as one stance against the rest."""
    labels = [(value(a), value(b)) for a, b in (u.values for u in units)]
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
        f"{alpha(labels):.3f}",
        f"{alpha(everywhere):.3f}",
    ]


def _against_rest(stance: str) -> Callable[[str], str]:
    return lambda label: stance if label == stance else "none"


def table(units: Sequence[Unit], silent: Sequence[Unit], codebook: Codebook) -> Table:
    """Agreement over all pairs, for each process and for each stance against the rest."""
    out = Table(title="Agreement of annotator 1 and annotator 2")
    out.add_column("pairs")
    for name in ("1", "2", "both", "pair F1", "triple F1", "stance agrees", "alpha, marked", "alpha, all pairs"):
        out.add_column(name, justify="right")
    out.add_row("all", *_figures(units, silent), end_section=True)
    for process in codebook.process:
        own, rest = ([u for u in part if u.process == process] for part in (units, silent))
        out.add_row(process, *_figures(own, rest), end_section=process == codebook.processes[-1].id)
    for stance in STANCES:
        figures = _figures(units, silent, _against_rest(stance))
        figures[3] = figures[5] = "-"  # with one stance a pair in common is a triple in common
        out.add_row(f"{stance} or not", *figures)
    return out


def disagreements(units: Iterable[Unit]) -> Table:
    """What the two said where they differ, most frequent first."""
    counts = Counter(u.values for u in units if u.values[0] != u.values[1])
    out = Table(title="Where they differ")
    out.add_column("annotator 1")
    out.add_column("annotator 2")
    for name in ("pairs", "share"):
        out.add_column(name, justify="right")
    for (a, b), n in counts.most_common():
        out.add_row(a, b, str(n), f"{n / counts.total():.1%}")
    return out


def adjudication(units: Iterable[Unit], gold: Iterable[Annotation]) -> Table:
    """What became of the pairs in the gold: how many it keeps, and with whose stance where the two differ."""
    stances = {(a.doc, a.start, a.process, a.actor): a.stance for a in gold}
    kept: dict[str, Counter[str]] = {}
    for unit in units:
        given = [a for a in (unit.first, unit.second) if a]
        sort = "by both, same stance" if unit.values[0] == unit.values[1] else "by both, other stance"
        sort = sort if len(given) == 2 else "by annotator 1 only" if unit.first else "by annotator 2 only"
        keys = [(a.doc, a.start, a.process, a.actor) for a in given]
        stance = next((stances[key] for key in keys if key in stances), "none")
        counts = kept.setdefault(sort, Counter())
        counts.update(["pairs", *["kept"] * (stance != "none")])
        counts.update(name for name, value in zip("12", unit.values, strict=True) if value == stance)
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
    documents, first = load(Path(paths.corpus), Path(paths.corpus).parent / FILES[0], codebook)
    _, second = load(Path(paths.corpus), Path(paths.corpus).parent / FILES[1], codebook)
    units = list(pair_up(first, second, codebook))
    silent = list(silent_units(documents, first, second, generator))
    _, gold = load(Path(paths.corpus), Path(paths.gold), codebook)
    tables = [table(units, silent, codebook), disagreements(units), adjudication(units, gold)]
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
        if unit.values[0] != unit.values[1]:
            sorts[unit.values].append(unit)
    rng = random.Random(13)
    for (a, b), found in sorts.items() if args.show else ():
        print(f"\n{a} / {b}")
        for unit in rng.sample(found, min(args.show, len(found))):
            if said := unit.first or unit.second:
                text = documents[said.doc].text[said.start : said.end]
                print(f"  {said.doc} [{said.mention}] {said.actor} -> {said.process}: {text}")


if __name__ == "__main__":
    main()
