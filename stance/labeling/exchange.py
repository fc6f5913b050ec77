"""Review formats, both ways: Label Studio's JSON with its labeling configuration, and a plain spreadsheet.

A Label Studio task is a sentence: actors and processes are regions, and an arrow from one to the other is labelled
with the stance. A spreadsheet row is a pair. What comes back is checked against the batch that went out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from stance.codebook import Codebook
from stance.documents import decode
from stance.errors import InputError
from stance.io import MAX_BYTES, csv_line, inert, read_bytes, read_json, restored
from stance.labeling.review import FOOT, FORMAT, JUDGED, MISFIT, UNSAID, Batch, Judgment, Pair, Shown, answer_of
from stance.labeling.votes import PRECEDENCE
from stance.records import LABELS, Document

COLUMNS = "id,doc,sentence,mention,actor,process,suggested stance,why,answer,annotator,comment".split(",")
Where = tuple[Path, int]


def labeling_config(codebook: Codebook) -> str:
    """Label Studio's labeling configuration for a codebook."""
    stances = "".join(f"\n    <Relation value={quoteattr(k)}/>" for k in LABELS)
    choices = "".join(f"\n    <Choice value={quoteattr(name)}/>" for name in codebook.process)
    region = 'toName="text" perRegion="true" visibleWhen="region-selected" whenTagName="what"'
    return f"""<View>
  <Header size="5" value="$doc"/>
  <Header size="6" value="Judge the sentence after {JUDGED}and label each arrow from an Actor to a Process."/>
  <Labels name="what" toName="text">
    <Label value="Actor" background="#1565c0"/>
    <Label value="Process" background="#6a1b9a"/>
  </Labels>
  <Relations choice="single">{stances}
  </Relations>
  <Text name="text" value="$text" valueType="text"/>
  <TextArea name="actor" {region} whenLabelValue="Actor" maxSubmissions="1" editable="true" placeholder="whose name"/>
  <Choices name="process" {region} whenLabelValue="Process" choice="single-radio" showInline="true">{choices}
  </Choices>
</View>
"""


def _region(at: int, text: str, kind: str, name: str) -> list[dict[str, Any]]:
    """An actor's or a process's words in a task, with the codebook's name for them."""
    span = {"start": at, "end": at + len(text), "text": text}
    form, value = ("textarea", {"text": [name]}) if kind == "Actor" else ("choices", {"choices": [name]})
    common = {"id": f"{kind}-{at}-{name}".replace(" ", "_"), "to_name": "text"}
    return [
        {**common, "from_name": "what", "type": "labels", "value": {**span, "labels": [kind]}},
        {**common, "from_name": kind.lower(), "type": form, "value": {**span, **value}},
    ]


def _suggestions(pairs: Sequence[Pair], shown: Shown) -> list[dict[str, Any]]:
    results: dict[tuple[str, str], dict[str, Any]] = {}
    arrows = []
    for pair in pairs:
        shift = shown.sentence - pair.start
        actor_at = shown.foot[UNSAID] if pair.mention_start is None else pair.mention_start + shift
        process_at, words = shown.foot[pair.process], pair.process
        if pair.process_start is not None and pair.process_end is not None:
            process_at = pair.process_start + shift
            words = shown.text[process_at : pair.process_end + shift]
        actor = _region(actor_at, pair.mention.replace("\r", " ") or UNSAID, "Actor", pair.actor)
        process = _region(process_at, words, "Process", pair.process)
        results |= {(r["id"], r["type"]): r for r in (*actor, *process)}
        ends = {"from_id": actor[0]["id"], "to_id": process[0]["id"]}
        arrows.append({"type": "relation", **ends, "direction": "right", "labels": [pair.suggested]})
    return [*results.values(), *arrows]


def tasks(batch: Batch, documents: Mapping[str, Document], codebook: Codebook, model: str) -> Iterator[dict[str, Any]]:
    """Yield Label Studio tasks, a sentence each, with the suggestions as predictions."""
    for pairs in batch.by_sentence.values():
        shown = Shown.of(pairs, documents[pairs[0].doc], codebook.process)
        about = {"format": FORMAT, "codebook": batch.codebook, "sentence": shown.sentence}
        score = min(p.confidence for p in pairs)
        yield {
            "data": {"doc": pairs[0].doc, "text": shown.text, "why": " | ".join(f"{p.actor}: {p.why}" for p in pairs)},
            "meta": {**about, "pairs": [{"id": p.id, **asdict(p)} for p in pairs]},
            "predictions": [{"model_version": model, "score": score, "result": _suggestions(pairs, shown)}],
        }


def read_tasks(path: Path) -> list[dict[str, Any]]:
    """Read a tasks file: what went out, or what Label Studio exported."""
    value = read_json(path)
    if not isinstance(value, list) or not all(isinstance(task, dict) for task in value):
        raise InputError("not a list of tasks: export from Label Studio as JSON", path)
    return value


@dataclass(frozen=True, slots=True)
class _Task:
    """A returned task: its own text, the batch's pairs that stand in it, and where its sentence lies."""

    pairs: tuple[Pair, ...]
    text: str
    start: int
    end: int
    where: Where

    @classmethod
    def of(cls, task: dict[str, Any], batch: Batch, where: Where) -> _Task:
        """Check a returned task against the batch that went out."""
        meta = task["meta"]
        batch.check(meta["format"], meta["codebook"], *where, "meta")
        pairs = tuple(batch.pair(row["id"], *where, "meta.pairs") for row in meta["pairs"])
        start, text = int(meta["sentence"]), str(task["data"]["text"])
        if not text[start:].startswith(pairs[0].text.replace("\r", " ") + FOOT):
            raise InputError("its text is not the batch's", *where, "data.text")
        return cls(pairs, text, start, start + len(pairs[0].text), where)


@dataclass(frozen=True, slots=True)
class _Region:
    """Marked words: an actor's, with his canonical name, or a process's, with its id; `said` is in the sentence."""

    kind: str
    words: str
    name: str
    said: bool


def _named(words: str, codebook: Codebook) -> str:
    """The canonical name behind words that are one of the codebook's names, else the empty string."""
    owners = (a for a in codebook.actors for name, _ in codebook.names(a) if name.casefold() == words.casefold())
    return next((codebook.principal(owner.id).name for owner in owners), "")


def _read_region(parts: list[dict[str, Any]], task: _Task, codebook: Codebook) -> _Region:
    values: dict[str, Any] = {part["type"]: part["value"] for part in parts}
    (kind,), start, end = values["labels"]["labels"], values["labels"]["start"], values["labels"]["end"]
    words = task.text[start:end]
    if kind not in ("Actor", "Process"):
        raise InputError(f"{kind!r} is neither Actor nor Process", *task.where, "what")
    if values["labels"].get("text") not in (None, words):
        raise InputError(f"{values['labels']['text']!r} is not in the text at {start} to {end}", *task.where, "mention")
    said = task.start <= start and end <= task.end
    if kind == "Process":
        name = next(iter(values.get("choices", {}).get("choices", ())), words.strip())
        if name not in codebook.process:
            raise InputError(f"{words!r}: choose which process it is", *task.where, "process")
        return _Region(kind, words, name, said)
    if not said and start < task.end:
        raise InputError(f"{words!r} is not in the sentence to judge", *task.where, "mention")
    name = " ".join(values.get("textarea", {}).get("text", ())).strip() or _named(words.strip(), codebook)
    if not name:
        raise InputError(f"{words!r}: write the actor's canonical name", *task.where, "actor")
    own = task.pairs[0].text[start - task.start : end - task.start].strip()  # the document's own characters
    return _Region(kind, own if said else "", name, said)


def _judged(actor: _Region, process: _Region, label: object, task: _Task, annotator: str) -> Judgment:
    """What an arrow says; where it is a suggested pair's, reading's view of how explicit it is stands."""
    own = task.pairs[0].judged(answer_of(label, *task.where, "stance"), annotator)
    made = replace(own, mention=actor.words, actor=actor.name, process=process.name)
    known = next((p for p in task.pairs if p.id == made.pair), None)
    explicit = known is None or known.explicit_process or known.process_start is None
    by_name = known is None or known.explicit_actor
    return replace(made, explicit_actor=actor.said and by_name, explicit_process=process.said and explicit)


def _answers(result: list[dict[str, Any]], task: _Task, codebook: Codebook, annotator: str) -> dict[str, Judgment]:
    """One annotation's judgments by pair; of two on one pair the codebook's rule 1 decides."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for part in result:
        if part["type"] != "relation":
            parts.setdefault(part["id"], []).append(part)
    regions = {key: _read_region(group, task, codebook) for key, group in parts.items()}
    out: dict[str, Judgment] = {}
    for arrow in (part for part in result if part["type"] == "relation"):
        ends = {r.kind: r for r in (regions[arrow["from_id"]], regions[arrow["to_id"]])}
        if set(ends) != {"Actor", "Process"}:
            raise InputError("an arrow that does not join an Actor and a Process", *task.where, "relation")
        label = ", ".join(arrow.get("labels") or ["an arrow without a label"])
        made = _judged(ends["Actor"], ends["Process"], label, task, annotator)
        before = out.setdefault(made.pair, made)
        out[made.pair] = min(before, made, key=lambda j: PRECEDENCE.index(j.answer))
    return out


def read_label_studio(path: Path, batch: Batch, codebook: Codebook) -> list[Judgment]:
    """Read Label Studio's JSON export; a pair of the task that an annotator left without an arrow is `none`.

    Raises:
        InputError: a task that is not the batch's, or an annotation that says what the codebook has no word for.
    """
    out: list[Judgment] = []
    for n, row in enumerate(read_tasks(path), 1):
        if not isinstance(row.get("annotations"), list):
            raise InputError("missing: export from Label Studio as JSON, not JSON-MIN", path, n, "annotations")
        try:
            task = _Task.of(row, batch, (path, n))
            done = [(_annotator(a["completed_by"]), a["result"]) for a in row["annotations"] if not a["was_cancelled"]]
            answers = {name: _answers(result, task, codebook, name) for name, result in done}
        except MISFIT as error:
            raise InputError(f"not what Label Studio exports of this batch: {error!r}", path, n) from None
        asked = {key: j for found in answers.values() for key, j in found.items()}
        asked |= {p.id: p.judged("none", "") for p in task.pairs}
        for name, found in answers.items():
            out += [found.get(key) or replace(j, answer="none", annotator=name) for key, j in asked.items()]
    return out


def _annotator(completed_by: Any) -> str:
    """A stable name for a user: his address where the export has it, else his number."""
    return str(completed_by["email"]) if isinstance(completed_by, dict) else f"user-{completed_by}"


def sheet(batch: Batch) -> str:
    """The batch as CSV for a spreadsheet program: a pair a row, with the byte order mark that Excel needs."""
    lines = [csv_line(COLUMNS)]
    for p in batch.pairs:
        key = f"{FORMAT}-{batch.codebook}-{p.id}"
        cells = (key, p.doc, " ".join(p.text.split()), p.mention, p.actor, p.process, p.suggested, p.why, "", "", "")
        lines.append(csv_line(map(inert, cells)))
    return "\ufeff" + "".join(lines)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """A sheet's rows, numbered as a spreadsheet program numbers them, cells restored."""
    text = decode(read_bytes(path, MAX_BYTES), path)
    if not text.endswith(("\n", "\r")):
        raise InputError("the last line has no end: half-written?", path)
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        columns = next(reader)
        for column in COLUMNS:
            if columns.count(column) != 1:
                raise InputError("renamed, missing or there twice", path, 1, column)
        for n, cells in enumerate(reader, 2):
            if any(cells) and len(cells) != len(columns):
                raise InputError(f"{len(cells)} cells under {len(columns)} columns: half-written?", path, n)
            if any(cells):
                yield n, {k: restored(v) for k, v in zip(columns, cells, strict=True)}
    except csv.Error as error:
        raise InputError(f"not CSV: {error}: half-written?", path, reader.line_num) from None


def _row_pair(row: Mapping[str, str], batch: Batch, where: Where) -> Pair:
    """The pair that a row is about, with the mention as the annotator left it."""
    version, codebook, key = [*row["id"].strip().split("-"), "", ""][:3]
    if not key:
        raise InputError(f"unknown id {row['id']!r}", *where, "id")
    batch.check(version, codebook, *where, "id")
    pair = batch.pair(key, *where, "id")
    for column, value in (("doc", pair.doc), ("sentence", pair.text), ("actor", pair.actor), ("process", pair.process)):
        if row[column].split() != value.split():
            raise InputError(f"{row[column]!r:.60} is not what went out", *where, column)
    found = re.search(r"\s+".join(map(re.escape, row["mention"].split())), pair.text)
    if found is None:
        raise InputError(f"{row['mention']!r} is not in the sentence", *where, "mention")
    return replace(pair, mention=found.group())


def read_sheet(path: Path, batch: Batch, annotator: str | None) -> list[Judgment]:
    """Read a filled sheet; rows without an answer are skipped, rows without a name are `annotator`'s.

    Raises:
        InputError: a row or column that does not fit the batch, with its place.
    """
    out: dict[tuple[str, str], Judgment] = {}
    for n, row in _rows(path):
        pair = _row_pair(row, batch, (path, n))
        if not row["answer"].strip():
            continue
        name = row["annotator"].strip() or annotator
        if not name:
            raise InputError("who answered? fill it in, or give --annotator", path, n, "annotator")
        answer = answer_of(row["answer"].strip().casefold(), path, n, "answer")
        judgment = pair.judged(answer, name, row["comment"].strip())
        if out.setdefault((pair.id, name), judgment) != judgment:
            raise InputError(f"a second, different answer of {name!r} for this pair", path, n, "answer")
    return list(out.values())
