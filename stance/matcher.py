"""One pass over a text for many phrases: Aho-Corasick, then word boundaries and case, then leftmost-longest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick

T = TypeVar("T")
_STRAIGHT = str.maketrans({"’": "'", "‘": "'"})


def fold(text: str) -> str:
    """Lower case and straight apostrophes, character by character, so that offsets stay as they are."""
    lowered = text.translate(_STRAIGHT).lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := c.lower()) == 1 else c for c in text.translate(_STRAIGHT))


def _case_fits(phrase: str, found: str) -> bool:
    """A lower-case phrase matches in any case, an acronym as it stands, a name where its first capital is one."""
    if phrase == phrase.lower():
        return True
    if phrase == phrase.upper():
        return found == phrase
    first = next(i for i, c in enumerate(phrase) if c.isupper())
    return found[first].isupper()


class Matcher(Generic[T]):
    """Finds phrases at word boundaries; each phrase carries the values that were filed under it."""

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._values: dict[str, list[tuple[str, T]]] = {}
        for phrase, value in phrases:
            self._values.setdefault(fold(phrase), []).append((phrase.translate(_STRAIGHT), value))
        self._patterns = list(self._values)
        self._automaton = AhoCorasick(self._patterns) if self._patterns else None

    def find(self, text: str) -> Iterator[tuple[int, int, list[T]]]:
        """Yield (start, end, values) of the matches, leftmost first, the longest at each place, never overlapping.

        Where a place fits several phrases, those in the text's own case are taken alone.
        """
        if self._automaton is None:
            return
        spans = []
        for pattern, start, end in self._automaton.find_matches_as_indexes(fold(text), overlapping=True):
            if start and text[start - 1].isalnum() and text[start].isalnum():
                continue
            if end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
                continue
            found = text[start:end].translate(_STRAIGHT)
            fits = [(p, v) for p, v in self._values[self._patterns[pattern]] if _case_fits(p, found)]
            if fits:
                exact = [v for p, v in fits if p == found]
                spans.append((start, end, exact or [v for _, v in fits]))
        last = 0
        for start, end, values in sorted(spans, key=lambda span: (span[0], -span[1])):
            if start >= last:
                last = end
                yield start, end, values
