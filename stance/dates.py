"""The day on which a text was published, where its head or its file's name says so beyond doubt.

What counts is a line that is a date, a dateline ("SOCHI, January 30, 2018 (AFP)") or a byline with a date in it. A date
inside a sentence or a headline is what the text is about, and says nothing.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from functools import cache

LINES = 6  # lines with text in which a date is looked for
WIDTH = 200  # characters of a line in which it must stand
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_CLOCK = (
    r"(?:[T,]?\s*(?:at\s+)?\d{1,2}[:.]\d\d(?::\d\d)?(?:\.\d+)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|[+-]\d\d:?\d\d|[A-Z]{2,4})?)?"
)
_DAY = rf"(?P<day>(?:19|20)\d\d-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?:19|20)\d\d|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d)"  # noqa: E501
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?"
_FULL = rf"{_WEEKDAY}{_DAY}{_CLOCK}"
_LABEL = r"(?P<label>(?:first\s+)?(?:published|posted|issued|released|date|dated|created)(?:\s+(?:on|at))?\s*:?\s+)?"
_UPDATED = re.compile(r"\s*(?:last\s+)?(?:updated|modified|edited|corrected|accessed|retrieved)\b", re.I)
_PLACE = r"(?-i:[A-Z][A-Z.'’-]+(?:[ /,-]+[A-Z][\w.'’]*){0,4})"
_YEAR = re.compile(r"(?:19|20)\d\d")
_IN_NAME = re.compile(r"(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)")


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    """The lines that tell a date, compiled when the first text is read that could have one."""
    dash = rf"[–—-](?!\s*(?:\d|{_MONTH}))"
    forms = (
        rf"\s*[\[(]?{_LABEL}{_FULL}[\])]?\s*[.|]?\s*$",  # the line is a date
        rf"\s*{_PLACE}\s*[,.(/]\s*{_FULL}\s*(?:[().:/]|$|{dash})",  # a dateline
        rf"\s*(?:by|from)\s+(?-i:[A-Z])[^\d|.!?]{{1,80}}?[,|·•–—-]\s*{_LABEL}{_FULL}\s*(?:[|·•]|$)",  # a byline
        rf"[^|·•]{{0,100}}[|·•]\s*{_LABEL}{_FULL}\s*(?:[|·•]|$)",  # Levant Wire | 30 January 2018
        rf"\s*{_LABEL}{_FULL}\s*[|·•]",
    )
    return tuple(re.compile(form, re.I) for form in forms)


def parsed(text: str) -> datetime.date | None:
    """The day that a date names in full, or None: no such day, or one that is still to come."""
    from dateutil import parser  # 12 ms that most texts need not pay

    try:
        day = parser.parse(text).date()
    except (ValueError, OverflowError):
        return None
    return day if day <= datetime.date.today() + datetime.timedelta(days=1) else None  # somewhere it is tomorrow


def _head(line: str) -> str:
    """The part of a line in which a date is looked for; in long white space the forms would look for hours."""
    return " ".join(line[:WIDTH].split())


def whole(text: str) -> datetime.date | None:
    """The day of a text that is a date and nothing else."""
    found = _forms()[0].match(_head(text))
    return parsed(found["day"]) if found else None


def _only(days: Iterable[datetime.date | None]) -> datetime.date | None:
    """The one day that is meant, or None where there is doubt."""
    named = set(days)
    return named.pop() if len(named) == 1 else None


def _dated(lines: Iterable[str]) -> Iterator[re.Match[str]]:
    """The dates of lines that tell one, with what labels them."""
    for line in lines:
        if not _UPDATED.match(line) and (found := next(filter(None, (form.match(line) for form in _forms())), None)):
            yield found


def from_head(text: str) -> datetime.date | None:
    """The day that a text's first lines give as that of its publication; of several, the one that says "published"."""
    lines = [line for line in text[:5000].splitlines() if line.strip()][:LINES]
    found = list(_dated(_head(line) for line in lines if _YEAR.search(line[:WIDTH])))
    labelled = [match for match in found if match.groupdict().get("label")]
    return _only(parsed(match["day"]) for match in labelled or found)


def from_name(stem: str) -> datetime.date | None:
    """The ISO date in a file's name."""
    return _only(parsed(name) for name in _IN_NAME.findall(stem))
