"""Annotated sentences and the matrix of positions, for a terminal or as a page of HTML."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stance.records import Candidate
from stance.summary import Cell

if TYPE_CHECKING:
    from stance.explain import Explanation, Finding

ACTOR, PROCESS = "bold cyan", "bold magenta"
COLOURS = {"supportive": "green", "skeptical": "yellow", "boycotting": "red", "none": "dim"}
# What would steer a terminal, or turn the direction of the line, stands as one character that does neither.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stances</title>
<style>
{stylesheet}
body {{ color: {foreground}; background: {background}; max-width: 60em; margin: 1em auto; padding: 0 1em; }}
pre {{ font-family: ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<pre>{code}</pre>
</body>
</html>
"""


def terminal() -> Console:
    """Standard output: in colour on a terminal, or where FORCE_COLOR asks for it; plain with NO_COLOR or in a pipe."""
    system = None if os.environ.get("NO_COLOR") else "auto"
    # In a pipe a sentence is a line, whatever its length.
    return Console(file=sys.stdout, highlight=False, color_system=system, soft_wrap=not sys.stdout.isatty())  # type: ignore[arg-type]


def recorder() -> Console:
    """A console that shows nothing and keeps all for `page`."""
    return Console(file=io.StringIO(), record=True, highlight=False, soft_wrap=True, width=120)


def page(console: Console) -> str:
    """What a recorder was shown, as one HTML page that holds its style and no script; all text is escaped."""
    return console.export_html(code_format=PAGE)


def harmless(text: str) -> str:
    """The text as it can be shown, character by character."""
    return _STEERING.sub(lambda m: " " if m.group() in "\t\n\r" else "�", text)


def _sentence(pairs: Sequence[Candidate]) -> Text:
    """A sentence with the words for its actors and processes highlighted."""
    sentence = pairs[0].sentence
    out = Text(harmless(sentence.text))
    for pair in pairs:
        for mention, style in ((pair.process, PROCESS), (pair.actor, ACTOR)):
            if mention.start is not None and mention.end is not None:
                out.stylize(style, mention.start - sentence.start, mention.end - sentence.start)
    return Text.assemble((f"\n{harmless(pairs[0].doc)}:{sentence.index}  ", "dim"), out)


def _pair(finding: Finding) -> Text:
    p = finding.prediction
    actor, process = p.candidate.actor, p.candidate.process
    line = Text("   ")
    line.append(f"{p.label:11}", COLOURS[p.label]).append(f"{p.confidence:4.0%}  ", "dim")
    line.append(harmless(actor.name), ACTOR).append(" → ").append(process.target, PROCESS)
    if actor.text and actor.text.casefold() != actor.name.casefold():
        line.append(f"  “{harmless(actor.text)}”", "dim")
    return line


def _reasons(explanation: Explanation) -> Text:
    words = ", ".join(f"{harmless(word)} −{drop:.2f}" for word, drop in explanation.words) or "no single word"
    return Text(f"      because of {words}; rules: {', '.join(explanation.rules) or 'none'}", style="dim")


def _place(finding: Finding) -> tuple[str, int]:
    candidate = finding.prediction.candidate
    return candidate.doc, candidate.sentence.index


def show(findings: Iterable[Finding], console: Console) -> None:
    """Print each sentence once, with its annotations beneath."""
    for _, group in groupby(findings, key=_place):
        same = list(group)
        console.print(_sentence([f.prediction.candidate for f in same]))
        for finding in same:
            console.print(_pair(finding))
            if finding.explanation:
                console.print(_reasons(finding.explanation))


def show_matrix(cells: Iterable[Cell], processes: Sequence[str], console: Console) -> None:
    """Print actors by processes: the dominant stance, and how many of the annotations have it."""
    found = {(cell.actor, cell.process): cell for cell in cells}
    used = [p for p in processes if any(process == p for _, process in found)]
    table = Table("actor", *used, box=SIMPLE_HEAD, pad_edge=False)
    for actor in dict.fromkeys(actor for actor, _ in found):
        row = [Text(harmless(actor), "bold")]
        for process in used:
            cell = found.get((actor, process))
            row.append(
                Text(f"{cell.stance} {cell.counts[cell.stance]}/{cell.total}", COLOURS[cell.stance]) if cell else Text()
            )
        table.add_row(*row)
    console.print(table)
