"""Does a codebook hold, and does it fit your texts? `python -m stance.check codebook.yaml --sample articles/`."""

from __future__ import annotations

import argparse
import calendar
import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from stance import cli
from stance.codebook import ALWAYS, Codebook, Period
from stance.codebook import load as load_codebook
from stance.config import load_pipeline
from stance.documents import read
from stance.io import found
from stance.matcher import Matcher, alternatives
from stance.records import Document, Span
from stance.resolution import Reading, Resolver, document_day
from stance.sentences import sentences

EXAMPLES = """  python -m stance.check                                    the pipeline's codebook against itself
  python -m stance.check minsk.yaml --sample articles/      and against your texts: who is found, who is missing
  python -m stance.check minsk.yaml --sample articles/ | grep '"table": "missing"'"""
WIDTH = 60  # characters of an example
_UPPER = "".join(c for c in map(chr, range(0x250)) if c.isupper())
_SMALL = re.compile(r"(?<![\w’'-])[a-z][a-z’'-]*")
# Capitalised words in a row, with the small words that hold them together: "Organization for Security".
_WORD = rf"(?!I['’])(?:(?:al|el)-)?[{_UPPER}][\w’'-]+"
_NAME = re.compile(rf"\b{_WORD}(?: (?:(?:of|for|de|von|van|bin|al) )?{_WORD})*")
_INSIDE = re.compile(r"[\w,;\0] |[ \0]\(")  # what stands before a word that does not open a sentence
_NO_NAMES = (*calendar.day_name, *calendar.month_name[1:], *calendar.month_abbr[1:], "Mr", "Mrs", "Ms")
Row = Sequence[str | int]
Name = tuple[str, str]  # the id of an entry, and one of its names
log = logging.getLogger(__name__)


class Tally:
    """How often and in how many documents each name was found, with the words around its first occurrence."""

    def __init__(self) -> None:
        self.times: Counter[Name] = Counter()
        self.documents: Counter[Name] = Counter()
        self.example: dict[Name, str] = {}

    def add(self, text: str, found: Iterable[tuple[Name, Span]]) -> None:
        """Count the names of one document."""
        seen: set[Name] = set()
        for name, (start, end) in found:
            self.times[name] += 1
            seen.add(name)
            if name not in self.example:
                self.example[name] = _example(text, start, end)
        self.documents.update(seen)


def _example(text: str, start: int, end: int) -> str:
    """A span with whole words around it, WIDTH characters at most where it leaves room for them."""
    side = max(10, (WIDTH - (end - start)) // 2)
    before, after = text[max(0, start - side) : start], text[end : end + side]
    before = re.sub(r"^\S*\s", "", before) if start > side else before
    after = re.sub(r"\s\S*$", "", after) if end + side < len(text) else after
    return " ".join(f"{before}{text[start:end]}{after}".split())


def _names(codebook: Codebook) -> Iterator[tuple[Name, Period]]:
    """Every name that the codebook lists, with the period in which it means its entry."""
    for actor in codebook.actors:
        for phrase, period in codebook.names(actor):
            yield (actor.id, phrase), period
        for phrase in (*actor.demonyms, *actor.agents):
            yield (actor.id, phrase), ALWAYS
    for process in codebook.processes:
        for phrase in process.aliases:
            yield (process.id, phrase), ALWAYS
        for place in process.places:
            yield (process.id, place.name), place


def _blanked(text: str, spans: Iterable[Span]) -> str:
    """The text with spans overwritten, so that no name can be found in them or across them."""
    out, at = list[str](), 0
    for start, end in spans:
        out += [text[at:start], "\0" * (end - start)]
        at = end
    return "".join([*out, text[at:]])


class Sample:
    """What a codebook finds in texts, and what they name without it."""

    def __init__(self, codebook: Codebook) -> None:
        words = codebook.resolution
        self._furniture = words.furniture
        self._matcher = Matcher((name[1], (name, period)) for name, period in _names(codebook))
        self._resolver = Resolver(codebook)
        title = rf"(?i:{alternatives([*words.person_roles, *_NO_NAMES])})\b"
        self._title = re.compile(rf"(?:(?:\w+ )?{title} )*(?=[{_UPPER}])(?:{title}$)?")
        self._texts: list[tuple[str, str]] = []
        self.concerned = 0
        self.listed = Tally()
        self.processes: Counter[tuple[str, str]] = Counter()

    def add(self, document: Document) -> None:
        """Look for every name in a document, and read it as prediction would if it concerns the codebook."""
        text, day = document.text, document_day(document)
        matches = self._matcher.find(text)
        found = [(n, (a, b)) for a, b, names in matches for n, period in names if period.covers(day)]
        self.listed.add(text, found)
        self._texts.append((text, _blanked(text, dict.fromkeys(span for _, span in found))))
        if self._resolver.concerns(text):
            self.concerned += 1
            self._count(self._resolver.read(document, sentences(document, self._furniture)))

    def _count(self, readings: Sequence[Reading]) -> None:
        self.processes.update({(p.target, "documents") for reading in readings for p in reading.processes})
        for reading in readings:
            for process in reading.processes:
                # Before the document's first word for a process it is "foreseen": no words for it there either.
                how = process.how if process.how in ("named", "pointed") else "carried"
                self.processes[process.target, how] += 1
                self.processes[process.target, "pairs"] += len(reading.actors)

    def unlisted(self) -> Tally:
        """The capitalised names that no alias covers: of several words, or of one that also stands inside a sentence.

        A title before a name ("Foreign Minister") is no part of it, nor a sentence's first word if the sample has it
        without a capital; and a single word is no name if the sample has it so more often.
        """
        plain = Counter(word for text, _ in self._texts for word in _SMALL.findall(text))
        inside, out = set[str](), Tally()
        for text, blanked in self._texts:
            found: list[tuple[Name, Span]] = []
            for match in _NAME.finditer(blanked):
                whole = match.group().removesuffix("'s").removesuffix("’s")
                opens = not _INSIDE.match(blanked, max(0, match.start() - 2))
                first, _, rest = whole.partition(" ")
                name = rest if opens and rest[:1].isupper() and first.lower() in plain else whole
                name = self._title.sub("", name, count=1)
                if len(name) < 2:
                    continue
                end = match.start() + len(whole)
                found.append((("", name), (end - len(name), end)))
                if " " in name or name != whole or not opens:
                    inside.add(name)
            out.add(text, found)
        for key in [n for n, times in out.times.items() if n[1] not in inside or times < plain[n[1].lower()]]:
            del out.times[key]
        return out


def _summary(codebook: Codebook) -> dict[str, str | int]:
    return {
        "processes": len(codebook.processes),
        "actors": len(codebook.actors),
        **dict(Counter(str(actor.kind) for actor in codebook.actors).most_common()),
        "names": len({name for name, _ in _names(codebook)}),
        "digest": codebook.digest,
    }


def _found(codebook: Codebook, listed: Tally) -> list[Row]:
    """Each name that occurs, entry by entry; the commonest entry comes first, and in it the commonest name."""
    entries: Counter[str] = Counter()
    for (entry, _), times in listed.times.items():
        entries[entry] += times
    unused = Counter(entry for entry, _ in {name for name, _ in _names(codebook)} - set(listed.times))
    order = sorted(listed.times, key=lambda n: (-entries[n[0]], n[0], -listed.times[n], n[1]))
    return [(n[0], n[1], listed.times[n], unused[n[0]], listed.example[n]) for n in order]


def _show(form: str, name: str, title: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    if form == "table":
        cli.table(title, columns, [[str(cell) for cell in row] for row in rows])
    else:
        for row in rows:
            record = {"table": name, **dict(zip(columns, row, strict=True))}
            sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def _show_sample(codebook: Codebook, args: argparse.Namespace, form: str) -> None:
    sample, documents = Sample(codebook), list(read(args.sample))
    with cli.progress(args.quiet) as report:
        for n, document in enumerate(documents, 1):
            sample.add(document)
            report("reading", n / len(documents))
    how = ("documents", "named", "pointed", "carried", "pairs")
    _show(
        form,
        "processes",
        f"{sample.concerned} of {len(documents)} documents concern the codebook: sentences on each process",
        ("process", *how),
        [(p.id, *(sample.processes[p.id, h] for h in how)) for p in codebook.processes],
    )
    found = _found(codebook, sample.listed)
    entries = len(codebook.processes) + len(codebook.actors)
    title = (
        f"{len({row[0] for row in found})} of {entries} entries found; `unused`: how many names of the entry were not"
    )
    _show(form, "found", title, ("entry", "name", "times", "unused", "example"), found)
    unlisted = sample.unlisted()
    _show(
        form,
        "missing",
        f"the {args.number} commonest names that the codebook lacks",
        ("name", "times", "documents", "example"),
        [
            (n[1], times, unlisted.documents[n], unlisted.example[n])
            for n, times in sorted(unlisted.times.items(), key=lambda item: (-item[1], item[0]))[: args.number]
        ],
    )
    log.info("%d documents read, %d of them concern the codebook", len(documents), sample.concerned)
    if not sample.concerned:
        log.warning(
            "a document concerns a codebook if it has one of resolution.subjects and a word for talks "
            "(a process's name or place, resolution.nouns, resolution.generic): nothing will be predicted"
        )


def _body(args: argparse.Namespace) -> int:
    path = found(Path(args.codebook or load_pipeline(args.settings).paths.codebook))
    codebook = load_codebook(path)
    form = args.format or ("table" if sys.stdout.isatty() else "jsonl")
    summary = _summary(codebook)
    _show(form, "codebook", f"{path} is well formed", tuple(summary), [tuple(summary.values())])
    if args.sample:
        _show_sample(codebook, args, form)
    sys.stdout.flush()
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = cli.parser("check", "Check a codebook against itself and against texts.", EXAMPLES)
    parser.add_argument("codebook", nargs="?", metavar="FILE", help="the codebook (default: the pipeline's)")
    parser.add_argument(
        "--sample", nargs="+", metavar="TEXTS", help="files or folders whose names and processes are looked up in it"
    )
    parser.add_argument("--number", type=int, default=30, metavar="N", help="missing names to show (default: 30)")
    parser.add_argument("--format", choices=("table", "jsonl"), help="default: table on a terminal, else jsonl")
    return cli.run("check", _body, parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
