"""Every error that a user can cause, as one tree.

StanceError
├── ConfigError     a configuration, codebook or command line that does not fit its schema
├── InputError      a document, table or annotation that cannot be read
├── ModelError      a model folder that is missing, damaged or made for something else
└── GateError       a measured figure that is not good enough

A command turns a StanceError into one line on standard error and exit code 2, a GateError into exit code 1.
"""

from __future__ import annotations

from pathlib import Path


class StanceError(Exception):
    """An error that its reader can mend; `where` (file, line, field) leads the message."""

    def __init__(self, problem: str, *where: str | int | Path | None) -> None:
        self.problem = problem
        self.where = tuple(str(part) for part in where if part is not None)
        super().__init__(": ".join((":".join(self.where), problem)) if self.where else problem)


class ConfigError(StanceError):
    """A configuration, codebook or command line that does not fit its schema."""


class InputError(StanceError):
    """A document, table or annotation that cannot be read."""


class ModelError(StanceError):
    """A model folder that is missing, damaged or made for something else."""


class GateError(StanceError):
    """A measured figure that is not good enough for what was asked."""
