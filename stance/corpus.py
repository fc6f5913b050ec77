"""Annotated documents: the project's corpus or a user's own, read with every offset and name checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stance.codebook import Codebook
from stance.documents import read_file
from stance.errors import InputError
from stance.io import read_jsonl, typed
from stance.records import STANCES, Annotation, Document

_KINDS = {"doc": str, "start": int, "end": int, "mention": str, "actor": str, "process": str, "stance": str}


def _annotation(row: dict[str, Any], texts: dict[str, str], codebook: Codebook, where: tuple[Path, int]) -> Annotation:
    typed(row, _KINDS, *where)
    text = texts.get(row["doc"])
    if text is None:
        raise InputError(f"no document {row['doc']!r}", *where, "doc")
    if row["process"] not in codebook.process:
        raise InputError(f"{row['process']!r} is not a process of the codebook", *where, "process")
    if row["stance"] not in STANCES:
        raise InputError(f"{row['stance']!r} is not one of {', '.join(STANCES)}", *where, "stance")
    if not row["actor"].strip():
        raise InputError("empty", *where, "actor")
    start, end = row["start"], row["end"]
    if not 0 <= start < end <= len(text):
        raise InputError(f"not a span of the document: {start} to {end}", *where, "start")
    if row["mention"] not in text[start:end]:
        raise InputError(f"{row['mention']!r} is not in the sentence", *where, "mention")
    flags = bool(row.get("explicit_actor", True)), bool(row.get("explicit_process", True))
    return Annotation(row["doc"], start, end, row["mention"], row["actor"], row["process"], row["stance"], *flags)


def load(documents: Path, annotations: Path, codebook: Codebook) -> tuple[list[Document], list[Annotation]]:
    """Read a corpus: documents and annotations, both JSON Lines.

    Raises:
        InputError: a row that does not fit, with file, line and field; nothing is returned by half.
    """
    docs = list(read_file(documents))
    texts = {document.id: document.text for document in docs}
    if len(texts) < len(docs):
        raise InputError("a document id occurs twice", documents)
    return docs, [_annotation(row, texts, codebook, (annotations, n)) for n, row in read_jsonl(annotations)]


def actor_name(codebook: Codebook, annotation: Annotation) -> str:
    """An annotation's actor under its canonical name: the principal's, if the codebook has one."""
    actor = codebook.by_name.get(annotation.actor.casefold())
    return codebook.principal(actor.id).name if actor else annotation.actor


def same_actor(name: str, mention: str, other: str, other_mention: str) -> bool:
    """Whether two actors are the same: equal names, or one mention within the other (as dev/score.py has it)."""
    if name.casefold() == other.casefold():
        return True
    a, b = mention.casefold(), other_mention.casefold()
    return bool(a and b) and (a in b or b in a)
