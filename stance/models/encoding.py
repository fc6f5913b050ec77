"""A marked sentence and its context become token ids, the same way for training and for prediction.

Uses the `tokenizers` library alone. Nothing is cut off in silence: a sentence longer than the encoder's window is
shown through a window around its markers, and the context gives way first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from stance.candidates import ACTOR, PROCESS
from stance.errors import ModelError
from stance.models.base import Row

PADDING = ("[PAD]", "<pad>")  # what vocabularies call it
MAX_CHARACTERS = 20_000  # of one sentence, before tokenising; some "sentences" are whole files
LEAST_CONTEXT = 8  # tokens; a shorter rest of the window is left empty


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of one row, and where its actor and process markers are."""

    ids: list[int]
    types: list[int]
    actor: list[int]
    process: list[int]


class Encoder:
    """Turns rows into padded arrays for the network."""

    def __init__(self, tokenizer: Tokenizer, max_tokens: int, context_tokens: int) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._max, self._context = max_tokens, context_tokens
        self._actor, self._process = tokenizer.token_to_id(ACTOR), tokenizer.token_to_id(PROCESS)
        self._pad = next((i for t in PADDING if (i := tokenizer.token_to_id(t)) is not None), 0)
        if self._actor is None or self._process is None:
            raise ModelError(f"the tokenizer has no token {ACTOR if self._actor is None else PROCESS}")

    @classmethod
    def from_file(cls, path: Path, max_tokens: int, context_tokens: int) -> Encoder:
        """Open a saved tokenizer."""
        try:
            return cls(Tokenizer.from_file(str(path)), max_tokens, context_tokens)
        except ModelError as error:
            raise ModelError(error.problem, path) from None
        except Exception as error:  # tokenizers raises bare Exception
            raise ModelError(f"not a tokenizer: {error}", path) from None

    def encode(self, row: Row) -> Encoded:
        """Encode one row: the marked sentence first, its context as second segment where there is room."""
        room = self._max - self._tokenizer.num_special_tokens_to_add(True)
        first = self._window(_middle(row["marked"], MAX_CHARACTERS), room)
        second = None
        left = min(self._context, room - len(first.ids))
        if row["context"] and left >= LEAST_CONTEXT:
            second = self._tokenizer.encode(row["context"][-MAX_CHARACTERS:], add_special_tokens=False)
            if len(second.ids) > left:
                second.truncate(left, direction="left")
        whole = self._tokenizer.post_process(first, second, add_special_tokens=True)
        actor = [i for i, t in enumerate(whole.ids) if t == self._actor and whole.type_ids[i] == 0]
        process = [i for i, t in enumerate(whole.ids) if t == self._process and whole.type_ids[i] == 0]
        return Encoded(whole.ids, whole.type_ids, actor or [0], process or [0])

    def _part(self, text: str, middle: int, size: int) -> Encoding:
        """So many of a text's tokens, around one of them."""
        part = self._tokenizer.encode(text, add_special_tokens=False)
        start = max(0, min(middle - size // 2, len(part.ids) - size))
        part.truncate(start + size)
        part.truncate(size, direction="left")
        return part

    def _window(self, text: str, room: int) -> Encoding:
        """The tokens of a text, or where there are too many, those around its pair: in two parts if it is far apart."""
        whole = self._tokenizer.encode(text, add_special_tokens=False)
        if len(whole.ids) <= room:
            return whole
        actors = [i for i, token in enumerate(whole.ids) if token == self._actor]
        processes = [i for i, token in enumerate(whole.ids) if token == self._process]
        pairs = [(a, p) for a in actors for p in processes] or [(i, i) for i in (*actors, *processes, 0)]
        one, other = min(pairs, key=lambda pair: abs(pair[0] - pair[1]))
        low, high = min(one, other), max(one, other)
        if high - low < room - 1:
            return self._part(text, (low + high) // 2, room)
        return Encoding.merge([self._part(text, low, room // 2), self._part(text, high, room // 2)])

    def last(self) -> Encoded:
        """A row of the token with the highest id, to see whether a network knows it."""
        return Encoded([self._tokenizer.get_vocab_size() - 1] * 4, [0] * 4, [0], [0])

    def batch(self, rows: Sequence[Encoded]) -> dict[str, NDArray[Any]]:
        """Pad encoded rows to the longest: ids, mask, types of shape (rows, tokens), marker weights likewise."""
        # An even number: the kernel for 4 bits takes tokens by twos, and one left over gets other last digits.
        width = 2 * -(-max(len(r.ids) for r in rows) // 2)
        shape = (len(rows), width)
        ids = np.full(shape, self._pad, dtype=np.int64)
        mask, types = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        actor, process = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        for n, row in enumerate(rows):
            size = len(row.ids)
            ids[n, :size], mask[n, :size], types[n, :size] = row.ids, 1, row.types
            actor[n, row.actor] = 1 / len(row.actor)
            process[n, row.process] = 1 / len(row.process)
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types, "actor": actor, "process": process}


def by_length(rows: Sequence[Encoded], size: int) -> Iterator[list[int]]:
    """Indices of the rows in batches of equal length, the longest first.

    Nothing is padded, so a row's numbers are the same to the last digit whatever else is in its batch.
    """
    order = sorted(range(len(rows)), key=lambda i: -len(rows[i].ids))
    for _, equal in groupby(order, key=lambda i: len(rows[i].ids)):
        while batch := list(islice(equal, size)):
            yield batch


def _middle(text: str, limit: int) -> str:
    """At most `limit` characters of a text, around its markers."""
    if len(text) <= limit:
        return text
    marks = [i for i in (text.find(ACTOR), text.find(PROCESS)) if i >= 0] or [0]
    start = max(0, min(min(marks) - limit // 4, len(text) - limit))
    return text[start : start + limit]
