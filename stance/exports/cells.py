"""Text of documents made fit for other programs' files: whatever it holds, no file breaks."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

from stance.statements import Statement

# Control characters and non-characters that XML 1.0 cannot hold or should not, and surrogates, which UTF-8 cannot.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text with every character that a file cannot hold replaced by U+FFFD, so that offsets stay."""
    return _UNFIT.sub("\ufffd", text)


def cleaned(statement: Statement) -> Statement:
    """The statement with all its text clean."""
    values = {f.name: getattr(statement, f.name) for f in fields(statement)}
    texts: dict[str, Any] = {name: clean(value) for name, value in values.items() if isinstance(value, str)}
    return replace(statement, **texts)
