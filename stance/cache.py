"""A codebook that was checked once is kept as JSON in the user's cache: reading 700 actors from YAML takes longer than
all the rest of the way from a short article to its predictions."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from stance import codebook, schema
from stance.codebook import ENGLISH, Codebook
from stance.errors import InputError
from stance.io import read_bytes, write_text

# What a checked codebook is made from, besides its own file: another version of these may make something else of it.
_MAKERS = (ENGLISH, Path(codebook.__file__), Path(schema.__file__))


def folder() -> Path:
    """Where the user's programs keep what they can make again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stance"


def load(path: Path) -> Codebook:
    """Read and check a codebook, or take it as it was checked before if its file is the same byte for byte.

    What was kept must have its checksum and fit the schema; anything else is passed over and written anew. Where
    nothing can be kept, the codebook is read each time.

    Raises:
        ConfigError: a mistake in the codebook, as `codebook.load` finds it.
    """
    made_from = (read_bytes(file, schema.MAX_BYTES) for file in (path, *_MAKERS))
    key = sha256(b"\0".join(made_from)).hexdigest()
    try:
        kept = folder() / f"codebook-{sha256(str(path.resolve()).encode()).hexdigest()[:16]}.json"
    except RuntimeError:  # a user without a home
        return codebook.load(path)
    with suppress(InputError, ValidationError, ValueError):
        head, _, content = read_bytes(kept).partition(b"\n")
        if head.decode() == f"{key} {sha256(content).hexdigest()}":
            return Codebook.model_validate_json(content)
    checked = codebook.load(path)
    content = checked.model_dump_json(by_alias=True).encode()
    with suppress(InputError):
        write_text(kept, f"{key} {sha256(content).hexdigest()}\n{content.decode()}")
    return checked
