"""What people judged and `review import` keeps: read back, every row checked against its document."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from stance.documents import read_file
from stance.errors import InputError
from stance.io import read_jsonl, typed
from stance.labeling.agreement import Decision, decide
from stance.labeling.review import Judgment, answer_of
from stance.records import Document

_KINDS = {"start": int, "end": int, **dict.fromkeys(("doc", "mention", "actor", "process", "annotator"), str)}
DOCUMENTS, JUDGMENTS = "documents.jsonl", "judgments.jsonl"


@dataclass(frozen=True, slots=True)
class Reviews:
    """The documents that people looked at, by id, and every answer that they gave."""

    documents: dict[str, Document] = field(default_factory=dict)
    judgments: list[Judgment] = field(default_factory=list)

    def decisions(self) -> dict[str, dict[str, Decision]]:
        """What was decided, by document and pair; a tie among them has no answer."""
        out: dict[str, dict[str, Decision]] = defaultdict(dict)
        for decision in decide(self.judgments):
            first = decision.judgments[0]
            out[first.doc][first.pair] = decision
        return dict(out)


def load(folder: Path) -> Reviews:
    """Read what was imported into a folder; nothing was where it holds no judgments.

    Raises:
        InputError: a row that does not fit, with file, line and field.
    """
    path = folder / JUDGMENTS
    if not path.exists():
        return Reviews()
    documents = {d.id: d for d in read_file(folder / DOCUMENTS)}
    return Reviews(documents, [_judgment(row, documents, (path, n)) for n, row in read_jsonl(path)])


def _judgment(row: dict[str, object], documents: dict[str, Document], where: tuple[Path, int]) -> Judgment:
    try:
        out = Judgment(**row)  # type: ignore[arg-type]
    except TypeError as error:
        raise InputError(f"not a judgment: {error}", *where) from None
    typed(
        row,
        dict.fromkeys(("doc", "mention", "actor", "process", "annotator"), str) | {"start": int, "end": int},
        *where,
    )
    if out.doc not in documents:
        raise InputError(f"no document {out.doc!r} in {DOCUMENTS}", *where, "doc")
    answer_of(out.answer, *where, "answer")
    if out.mention not in documents[out.doc].text[out.start : out.end]:
        raise InputError(f"{out.mention!r} is not in the sentence", *where, "mention")
    return out
