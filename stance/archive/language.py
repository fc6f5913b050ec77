"""Which documents are not in English, and so nothing that the codebook's words or the models were made for."""

from __future__ import annotations

import pycld2

ENGLISH = frozenset(("en", "eng", "english"))
HEAD = 1_000  # characters, enough to tell a language by (docs/scale.md)


def foreign(text: str, stated: str | None) -> str | None:
    """The language of a text that is not English: what its row states, else what its beginning tells; None if English.

    A text too short or too mixed to tell is taken for English.
    """
    if stated:
        return None if stated.strip().lower().replace("_", "-").split("-")[0] in ENGLISH else stated
    # CLD2 refuses control characters, which say nothing of a language.
    head = "".join(c if c.isprintable() else " " for c in text[:HEAD])
    reliable, _, ((name, code, *_), *_) = pycld2.detect(head)
    return f"{name.title()} ({code})" if reliable and code not in ("en", "un") else None
