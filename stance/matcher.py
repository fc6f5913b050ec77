"""Many phrases at once: by Aho-Corasick over a text, or as a pattern that looks only where one of its words stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick

from stance.records import Sentence, words

T = TypeVar("T")
_STRAIGHT = str.maketrans({"’": "'", "‘": "'"})


def straight(text: str) -> str:
    """The text with straight apostrophes."""
    return text.translate(_STRAIGHT) if "’" in text or "‘" in text else text


def fold(text: str) -> str:
    """Lower case and straight apostrophes, character by character, so that offsets stay as they are."""
    text = straight(text)
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def alternatives(phrases: Iterable[str]) -> str:
    """A regular expression for any of the phrases, longest first."""
    return "|".join(re.escape(p).replace(r"\ ", r"\s+") for p in sorted(set(phrases), key=len, reverse=True))


class Pattern:
    """A regular expression that is compiled when it is first asked: of a codebook's, a short text needs few."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._source, self._flags = pattern, flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._source, self._flags)

    @cached_property
    def match(self) -> Callable[..., re.Match[str] | None]:
        """The match that begins at the head of a text, or at an offset in it."""
        return self._compiled.match

    @cached_property
    def search(self) -> Callable[..., re.Match[str] | None]:
        """The first match in a text, from an offset in it."""
        return self._compiled.search

    @cached_property
    def finditer(self) -> Callable[..., Iterator[re.Match[str]]]:
        """Every match in a text, from an offset in it."""
        return self._compiled.finditer


class Cue:
    """A pattern with the words without one of which it cannot match; most sentences have none and cost nothing."""

    def __init__(self, pattern: str, phrases: Iterable[str], flags: int = 0) -> None:
        """`phrases`: every match of `pattern` must contain the first word of one of them, whole."""
        self._pattern = Pattern(pattern, flags)
        self._words = frozenset(words(phrase)[0] for phrase in phrases)

    def search(self, sentence: Sentence, start: int = 0) -> re.Match[str] | None:
        """The first match in the sentence's text, from an offset in it."""
        return None if self._words.isdisjoint(sentence.words) else self._pattern.search(sentence.text, start)

    def find(self, sentence: Sentence, start: int = 0) -> Iterator[re.Match[str]]:
        """Every match in the sentence's text, from an offset in it."""
        return iter(()) if self._words.isdisjoint(sentence.words) else self._pattern.finditer(sentence.text, start)


def _case_fits(phrase: str, found: str) -> bool:
    """A lower-case phrase matches in any case, an acronym as it stands, a name where its first capital is one."""
    if phrase == phrase.lower():
        return True
    if phrase == phrase.upper():
        return found == phrase
    first = next((i for i, c in enumerate(phrase) if c != c.lower()), 0)
    return found[first] != found[first].lower()


class Matcher(Generic[T]):
    """Finds phrases at word boundaries; each phrase carries the values that were filed under it."""

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._values: dict[str, list[tuple[str, T]]] = {}
        for phrase, value in phrases:
            self._values.setdefault(fold(phrase), []).append((straight(phrase), value))
        self._patterns = list(self._values)
        self._automaton = AhoCorasick(self._patterns) if self._patterns else None

    def find(self, text: str) -> list[tuple[int, int, list[T]]]:
        """The matches as (start, end, values), leftmost first, the longest at each place, never overlapping.

        Where a place fits several phrases, those in the text's own case are taken alone.
        """
        spans = sorted(self._spans(text), key=lambda span: (span[0], -span[1])) if self._automaton else []
        last = 0
        out = []
        for start, end, values in spans:
            if start >= last:
                last = end
                out.append((start, end, values))
        return out

    def within(self, text: str) -> bool:
        """Whether any phrase occurs."""
        return self._automaton is not None and next(self._spans(text), None) is not None

    def _spans(self, text: str) -> Iterator[tuple[int, int, list[T]]]:
        assert self._automaton is not None
        for pattern, start, end in self._automaton.find_matches_as_indexes(fold(text), overlapping=True):
            if start and text[start - 1].isalnum() and text[start].isalnum():
                continue
            if end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
                continue
            found = straight(text[start:end])
            fits = [(p, v) for p, v in self._values[self._patterns[pattern]] if _case_fits(p, found)]
            if fits:
                exact = [v for p, v in fits if p == found]
                yield start, end, exact or [v for _, v in fits]
