"""Whether the corpus is sound and varied: labels legal, mentions exact, nothing repeated, quotas met.

    python benchmarks/corpus_check.py [--compare PATH...] [--digests] [--card]

A hard check that fails gives exit code 1; a quota that is missed is reported. `--compare` sets the corpus's
vocabulary and sentence lengths beside those of other texts, as real articles. `--digests` rewrites the sha256 of the
files in data/corpus/croissant.json, and `--card` the tables in data/corpus/README.md.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, HashingVectorizer

from stance.candidates import ACTOR, PROCESS, Generator
from stance.codebook import load as load_codebook
from stance.config import load_pipeline
from stance.corpus import actor_name, load
from stance.dataset import match, overlap
from stance.documents import read
from stance.errors import StanceError
from stance.io import file_digest, read_json, read_jsonl, write_json, write_text
from stance.mentions import Names
from stance.records import STANCES, Annotation, Document

FILES = ("documents.jsonl", "annotations.jsonl", "annotator-1.jsonl", "annotator-2.jsonl")
NGRAM, NGRAM_SHARE = 6, 0.002
NEAR, NEAR_WORDS = 0.9, 8
SEGMENT = 1000  # words a segment of the standardised type-token ratio
PERCENTILES = (5, 25, 50, 75, 95)  # of the sentence lengths
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MASK = re.compile(rf"{re.escape(ACTOR)}|{re.escape(PROCESS)}")


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table: what was measured, what was wanted, and whether it came out; None is not judged."""

    name: str
    value: str
    target: str = ""
    good: bool | None = None
    hard: bool = False

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return "" if self.good is None else "ok" if self.good else "FAILS" if self.hard else "missed"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence outside page furniture: names masked, how many actors it names and speaks of, how many annotations."""

    doc: str
    masked: str
    named: int
    meant: int
    annotations: int


def _share(name: str, part: int, whole: int, low: float | None = None, high: float | None = None) -> Figure:
    share = part / whole if whole else 0.0
    bounds = [f"{sign} {bound:.0%}" for sign, bound in ((">=", low), ("<=", high)) if bound is not None]
    good = (low is None or share >= low) and (high is None or share <= high) if bounds else None
    return Figure(name, f"{share:.1%} ({part})", ", ".join(bounds), good)


def sound(folder: Path, generator: Generator) -> Iterator[Figure]:
    """The checks of form: rows legal, mentions exact, ids and annotations unique."""
    problems, inexact, repeated = [], 0, 0  # whole words: "we" is not exact in "however"
    ids = [row.get("doc") for _, row in read_jsonl(folder / FILES[0])]
    for name in FILES[1:]:
        try:
            documents, given = load(folder / FILES[0], folder / name, generator.codebook)
        except StanceError as error:
            problems.append(str(error))
            continue
        texts = {d.id: d.text for d in documents}
        for a in given:
            if not re.search(rf"(?<!\w){re.escape(a.mention)}(?!\w)", texts[a.doc][a.start : a.end]):
                inexact += 1
                print(f"not exact: {name}: {a.doc}: {a.mention!r} of characters {a.start} to {a.end}", file=sys.stderr)
        repeated += len(given) - len({(a.doc, a.start, a.end, a.actor, a.process) for a in given})
    twice = len(ids) - len(set(ids)) + repeated
    yield Figure("labels and spans legal", problems[0] if problems else "all", "all", not problems, True)
    yield Figure("mentions not exact", str(inexact), "0", inexact == 0, True)
    yield Figure("ids or annotations twice", str(twice), "0", twice == 0, True)


def _masked(text: str, start: int, masks: Iterable[tuple[tuple[int, int], str]], processes: Iterable[str]) -> str:
    out, at = [], start
    for (a, b), target in sorted(masks, key=lambda m: (m[0][0], -m[0][1])):
        if a >= at:
            out += [text[at - start : a - start], PROCESS if target in processes else ACTOR]
            at = b
    return "".join([*out, text[at - start :]])


def lines(document: Document, given: Sequence[Annotation], generator: Generator, names: Names) -> Iterator[Line]:
    """A document's sentences, its names masked as reading understands them, persons it introduces included."""
    live = [s for s in generator.sentences(document) if not s.furniture]
    readings = {r.sentence.start: r for r in generator.read(document)}
    held: Counter[int] = Counter()
    for a in given:
        if live:
            held[max(range(len(live)), key=lambda i: overlap((live[i].start, live[i].end), (a.start, a.end)))] += 1
    for i, s in enumerate(live):
        named = readings.get(s.start) or names.named(s, document.date)
        meant = {m.target: m.explicit for m in reversed(named.actors) if m.span}
        masked = _masked(s.text, s.start, named.masks, generator.codebook.process)
        yield Line(document.id, masked, sum(meant.values()), len(meant), held[i])


def repeated_ngram(masked: Iterable[str]) -> tuple[str, int]:
    """The run of content words that the most sentences have, and how many have it."""
    counts: Counter[str] = Counter()
    for text in masked:
        words = [w for w in _WORD.findall(_MASK.sub(" ", text).lower()) if w not in ENGLISH_STOP_WORDS]
        counts.update({" ".join(words[i : i + NGRAM]) for i in range(len(words) - NGRAM + 1)})
    return counts.most_common(1)[0] if counts else ("", 0)


def near_duplicates(all_lines: Iterable[Line]) -> list[str]:
    """Pairs of sentences of NEAR_WORDS or more whose character n-grams, masks apart, have a cosine of NEAR or more."""
    worded = [(x, _MASK.sub(" ", x.masked)) for x in all_lines]
    long = [(x, words) for x, words in worded if len(_WORD.findall(words)) >= NEAR_WORDS]
    vectorizer = HashingVectorizer(analyzer="char_wb", ngram_range=(4, 5), n_features=2**18)
    vectors = vectorizer.transform([words for _, words in long])
    pairs = []
    for at in range(0, len(long), 500):
        cosines = (vectors[at : at + 500] @ vectors.T).tocoo()
        for i, j in zip(*(x[cosines.data >= NEAR] for x in (cosines.row, cosines.col)), strict=True):
            if at + i < j:
                pairs.append(" // ".join(f"{x.doc}: {x.masked}" for x, _ in (long[at + i], long[j])))
    return pairs


def quotas(documents: Sequence[Document], gold: Sequence[Annotation], all_lines: Sequence[Line]) -> Iterator[Figure]:
    """How much there is of what."""
    sentences, n = len(all_lines), len(gold)
    least = (("documents", len(documents), 600), ("sentences", sentences, 6000), ("annotations", n, 4000))
    for name, count, low in least:
        yield Figure(name, str(count), f">= {low}", count >= low)
    yield _share("sentences without annotation", sum(not x.annotations for x in all_lines), sentences, 0.45, 0.60)
    yield _share("sentences naming two or more actors", sum(x.named > 1 for x in all_lines), sentences, 0.35)
    yield _share("the same, pronouns and roles included", sum(x.meant > 1 for x in all_lines), sentences)
    contextual = sum(not (a.explicit_actor and a.explicit_process) for a in gold)
    yield _share("annotations that need the context", contextual, n, 0.30)
    for stance in STANCES:
        yield _share(f"stance {stance}", sum(a.stance == stance for a in gold), n, 0.20)
    for process, count in Counter(a.process for a in gold).most_common():
        yield _share(f"process {process}", count, n)


def balance(gold: Sequence[Annotation], generator: Generator) -> Iterator[Figure]:
    """For each of the 15 most frequent actors, the stance that he has most."""
    stances: dict[str, Counter[str]] = defaultdict(Counter)
    for a in gold:
        stances[actor_name(generator.codebook, a)][a.stance] += 1
    for name, counts in sorted(stances.items(), key=lambda item: -item[1].total())[:15]:
        stance, count = counts.most_common(1)[0]
        share = count / counts.total()
        yield Figure(f"{name}: {stance}", f"{share:.1%} of {counts.total()}", "<= 55%", share <= 0.55)


def figures(folder: Path, generator: Generator) -> Iterator[Figure]:
    """Every figure of the corpus, the hard checks first; nothing follows where rows are not legal."""
    form = list(sound(folder, generator))
    yield from form
    if not form[0].good:
        return
    documents, gold = load(folder / FILES[0], folder / FILES[1], generator.codebook)
    by_doc: dict[str, list[Annotation]] = defaultdict(list)
    for a in gold:
        by_doc[a.doc].append(a)
    names = Names(generator.codebook)
    all_lines = [x for d in documents for x in lines(d, by_doc[d.id], generator, names)]
    near = near_duplicates(all_lines)
    print(*(f"near-duplicates: {pair}\n" for pair in near), sep="", end="", file=sys.stderr)
    yield Figure("near-duplicate sentences", str(len(near)), "0", not near, True)
    ngram, count = repeated_ngram(x.masked for x in all_lines)
    share, target = count / len(all_lines), f"<= {NGRAM_SHARE:.1%} of sentences"
    yield Figure(f"most repeated {NGRAM} content words", f"{share:.2%} ({ngram})", target, share <= NGRAM_SHARE)
    yield from quotas(documents, gold, all_lines)
    candidates = [(d, list(generator.candidates(d))) for d in documents]
    total = sum(len(c) for _, c in candidates)
    labelled = sum(len(match(c, by_doc[d.id], generator.codebook)) for d, c in candidates)
    yield _share("candidate pairs without a stance", total - labelled, total, 0.40)
    yield from balance(gold, generator)
    recorded = {f["contentUrl"]: f["sha256"] for f in read_json(folder / "croissant.json")["distribution"]}
    stale = [n for n, old in recorded.items() if old != file_digest(folder / n)]
    yield Figure("stale digests in croissant.json", " ".join(stale) or "0", "0 (--digests)", not stale)


def shape(documents: Iterable[Document], generator: Generator) -> list[str]:
    """Vocabulary and sentence lengths of texts, as a column of the comparison."""
    texts = [s.text for d in documents for s in generator.sentences(d) if not s.furniture]
    words = [w.lower() for t in texts for w in _WORD.findall(t)]
    cuts = list(range(0, len(words) + 1, SEGMENT))
    segments = [len(set(words[a:b])) / SEGMENT for a, b in pairwise(cuts)]
    lengths = np.array([len(t.split()) for t in texts])
    return [
        str(len(texts)),
        str(len(words)),
        f"{len(set(words)) / len(words):.3f}",
        f"{np.mean(segments):.3f}" if segments else "-",
        f"{lengths.mean():.1f}",
        f"{lengths.std():.1f}",
        *(f"{np.percentile(lengths, p):.0f}" for p in PERCENTILES),
        str(lengths.max()),
    ]


def comparison(columns: dict[str, list[str]]) -> Table:
    """Vocabulary and sentence lengths, one column for each collection of texts."""
    segments = f"the same, mean of {SEGMENT}-word segments"
    percentiles = [f"{p}th percentile" for p in PERCENTILES]
    rows = ["sentences", "words", "type-token ratio", segments, "words a sentence, mean", "standard deviation"]
    out = Table(title="Vocabulary and sentence length")
    out.add_column("")
    for name in columns:
        out.add_column(name, justify="right")
    for row, values in zip([*rows, *percentiles, "longest"], zip(*columns.values(), strict=True), strict=True):
        out.add_row(row, *values)
    return out


def write_digests(folder: Path) -> None:
    """Bring the digests and sizes in croissant.json up to date."""
    card: dict[str, Any] = read_json(folder / "croissant.json")
    for file in card["distribution"]:
        path = folder / file["contentUrl"]
        file |= {"sha256": file_digest(path), "contentSize": f"{path.stat().st_size} B"}
    write_json(folder / "croissant.json", card)


def write_card(path: Path, blocks: Mapping[str, Sequence[Table]]) -> None:
    """Put tables between the data card's `<!-- NAME -->` and `<!-- /NAME -->`."""
    text = path.read_text(encoding="utf-8")
    for name, tables in blocks.items():
        console = Console(file=io.StringIO(), width=200)
        for table in tables:
            table.box, table.title = box.MARKDOWN, None
            for row in table.rows:
                row.end_section = False
            console.print(table)
        shown = "\n".join(line.strip() for line in console.file.getvalue().splitlines())  # type: ignore[attr-defined]
        head, tail = f"<!-- {name} -->", f"<!-- /{name} -->"
        text = f"{text[: text.index(head)]}{head}\n\n{shown.strip()}\n\n{text[text.index(tail) :]}"
    write_text(path, text)


def main() -> int:
    """Print the tables; 1 where a hard check fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", nargs="+", default=[], metavar="PATH", help="files or folders of other texts")
    parser.add_argument("--digests", action="store_true", help="rewrite the digests in croissant.json")
    parser.add_argument("--card", action="store_true", help="rewrite the tables in README.md")
    args = parser.parse_args()
    paths = load_pipeline().paths
    folder, generator = Path(paths.corpus).parent, Generator(load_codebook(Path(paths.codebook)))
    if args.digests:
        write_digests(folder)
    found = list(figures(folder, generator))
    table = Table("figure", "value", "target", "verdict", title="The corpus")
    for f in found:
        table.add_row(f.name, escape(f.value), f.target, f.verdict)
    own = {"corpus": shape(read([folder / FILES[0]]), generator)}
    lengths = comparison(own | {path: shape(read([path]), generator) for path in args.compare})
    Console(width=None if sys.stdout.isatty() else 140).print(table, lengths)
    if args.card:
        from agreement import compare

        blocks = {"corpus": [table], "shape": [comparison(own)], "agreement": compare()[0]}
        write_card(folder / "README.md", blocks)
    return int(any(f.hard and not f.good for f in found))


if __name__ == "__main__":
    sys.exit(main())
