"""A Document becomes Sentences with exact offsets: nupunkt inside each line, and what it is known to get wrong mended.

nupunkt (trained on legal text) takes "no.", "so." and "art." for abbreviations and splits after "Lt." and "U.S.";
both are corrected here, and `tests/cases/sentences.yaml` holds the cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from stance.records import Document, Sentence

ADDED_ABBREVIATIONS = (
    "lt",
    "col",
    "gen",
    "maj",
    "sgt",
    "brig",
    "sen",
    "rep",
    "gov",
    "amb",
    "adm",
    "capt",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sept",
    "sep",
    "oct",
    "nov",
    "dec",
    "no",
)
REMOVED_ABBREVIATIONS = ("so", "art", "in", "us", "un", "do", "is", "it")
# "U.S. Secretary", "U.N. Special Envoy": an abbreviation of capitals goes on when a title or name part follows.
_GOES_ON = re.compile(r"\b(?:U\.S|U\.N|U\.K|E\.U)\.$")
# An initial's or abbreviation's point is an end only before a word that opens sentences.
_OPENER = re.compile(r"(?:The|A|An|He|She|It|They|We|I|But|In|On|At|That|This|And|However|Asked|Speaking)\b")
# A closing quotation mark that a splitter left at the head of the next sentence, and stops inside a line.
_MISSED = re.compile(r"(?<=[a-z]{2}[.!?])\s+(?=[\"“‘']?[A-Z])|(?<=[.!?][\"”])\s+(?=[A-Z\"“])")
_LINE = re.compile(r"[^\r\n\u2028\u2029\x0b\x0c\x85]+")
_NEVER_LAST = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Mt|Lt|Col|Gen|Maj|Sgt|Brig|Capt|Adm|Sen|Rep|Gov|Amb|No|Nos|vs|Jan|Feb|Mar|Apr|Jun|Jul"
    r"|Aug|Sept?|Oct|Nov|Dec)\.$"
)
MAX_LINE = 200_000  # characters that the splitter is given at once
MAX_SENTENCE = 2_000  # the longest of 18,000 that were looked at has 478; what is longer is a list or a table
TAIL = HEAD = 16  # characters that hold any of the words above, behind or before which a sentence could end


@lru_cache(maxsize=1)
def _splitter() -> Any:
    from nupunkt.models import load_default_model

    tokenizer = load_default_model()
    # nupunkt has no public way to amend its abbreviations; the version is pinned.
    tokenizer._params.abbrev_types.update(ADDED_ABBREVIATIONS)
    tokenizer._params.abbrev_types.difference_update(REMOVED_ABBREVIATIONS)
    return tokenizer


def _goes_on(before: str, head: str) -> bool:
    """Whether a cut between two pieces of text is not the end of a sentence."""
    if _NEVER_LAST.search(before) or not re.search(r"\w", head) or head[0].islower():
        return True
    return bool(_GOES_ON.search(before)) and not _OPENER.match(head)


def _merge(line: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what was cut after an abbreviation or inside a clause."""
    out: list[tuple[int, int]] = []
    for start, end in spans:
        if out and _goes_on(line[max(out[-1][0], out[-1][1] - TAIL) : out[-1][1]].rstrip(), line[start:end].lstrip()):
            out[-1] = (out[-1][0], end)
        elif line[start:end].strip():
            out.append((start, end))
    return out


def _split(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut where a full stop after a plain word, or a closing quotation mark, was passed over."""
    at = start
    for match in _MISSED.finditer(line, start, end):
        # Only the words around the place: a slice to the line's end for each would take time without bound.
        before, head = max(at, match.start() - TAIL), min(end, match.end() + HEAD)
        if not _goes_on(line[before : match.start()], line[match.end() : head]):
            yield at, match.start()
            at = match.end()
    yield at, end


def _pieces(line: str, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Cut what is too long, between words if that can be."""
    while end - start > longest:
        space = line.rfind(" ", start + 1, start + longest)
        at = space if space > 0 else start + longest
        yield start, at
        start = at
    yield start, end


def spans(line: str) -> list[tuple[int, int]]:
    """Offsets of the sentences in one line, without the white space around them; none is longer than MAX_SENTENCE."""
    rough = [
        (at + start, at + end)
        for at, stop in _pieces(line, 0, len(line), MAX_LINE)
        for start, end in _splitter().span_tokenize(line[at:stop])
    ]
    whole = (cut for start, end in _merge(line, rough) for cut in _split(line, start, end))
    out = []
    for start, end in whole:
        for a, b in _pieces(line, start, end, MAX_SENTENCE):
            text = line[a:b]
            if text.strip():
                out.append((a + len(text) - len(text.lstrip()), a + len(text.rstrip())))
    return out


def sentences(document: Document, furniture: Sequence[str] = ()) -> list[Sentence]:
    """Every sentence of a document, in order; they never overlap, and a line break always ends one.

    `furniture` are phrases that open a line of page furniture (matched ignoring case), as the codebook lists them.
    """
    opens = tuple(phrase.casefold() for phrase in furniture)
    out: list[Sentence] = []
    for paragraph, line in enumerate(_LINE.finditer(document.text)):
        text = line.group()
        if not text.strip():
            continue
        mark = bool(opens) and text.strip().casefold().startswith(opens)
        for start, end in spans(text):
            span = line.start() + start, line.start() + end
            out.append(Sentence(len(out), *span, document.text[span[0] : span[1]], paragraph, mark))
    return out
