"""Review formats, both ways: Label Studio's JSON with its labeling configuration, and a plain spreadsheet.

A batch is what an export writes and an import checks the answers against. A Label Studio task shows the context, the
sentence to judge, and a foot with an anchor for whatever the sentence has no words for; a spreadsheet row is a pair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from stance.codebook import Codebook
from stance.errors import InputError
from stance.io import read_json
from stance.labeling.review import Pair
from stance.records import LABELS, Document

FORMAT = 1
COLUMNS = ("id", "doc", "sentence", "mention", "actor", "process", "suggested stance", "why", "answer", "annotator", "comment")  # fmt: skip
SENTENCE, FOOT, UNSAID = "▶ ", "\n\nNot in the words of the sentence: ", "actor"
COLOURS = {"supportive": "#2e7d32", "skeptical": "#ef6c00", "boycotting": "#c62828", "none": "#757575"}
_FORMULA = re.compile(r"'*[=+\-@\t\r]")

Where = tuple[Path, int]


def _same_codebook(found: object, wanted: str, *where: str | int | Path) -> None:
    if found != wanted:
        raise InputError(f"made under another codebook ({found}, not {wanted}): export again", *where)


def _same_format(found: object, *where: str | int | Path) -> None:
    if str(found) != str(FORMAT):
        raise InputError(f"format version {found} is not readable by this version (it reads {FORMAT})", *where)


# Label Studio, out


@dataclass(frozen=True)
class Shown:
    """A task's text as the annotator sees it, and where its parts stand; no character of the sentence is moved."""

    text: str
    sentence: int
    foot: dict[str, int]

    @classmethod
    def of(cls, pairs: Sequence[Pair], context: str, processes: Sequence[str]) -> Shown:
        """The text of one sentence's task."""
        context = context.strip()
        head = f"{context}\n\n{SENTENCE}" if context else SENTENCE
        text = head + pairs[0].text + FOOT
        foot = {}
        for word in (UNSAID, *processes):
            foot[word] = len(text)
            text += f"{word}  "
        # A carriage return would be dropped on screen, and every offset behind it would shift.
        return cls(text.rstrip().replace("\r", " "), len(head), foot)


def labeling_config(codebook: Codebook) -> str:
    """Label Studio's labeling configuration for a codebook."""
    relations = "".join(f"\n    <Relation value={quoteattr(k)} background={quoteattr(COLOURS[k])}/>" for k in LABELS)
    choices = "".join(
        f"\n    <Choice value={quoteattr(p.id)} hint={quoteattr(' '.join(p.description.split()))}/>"
        for p in codebook.processes
    )
    region = 'toName="text" perRegion="true" visibleWhen="region-selected" whenTagName="what"'
    return f"""<View>
  <Header value="$doc" size="5"/>
  <Labels name="what" toName="text">
    <Label value="Actor" background="#1565c0"/>
    <Label value="Process" background="#6a1b9a"/>
  </Labels>
  <Relations>{relations}
  </Relations>
  <Text name="text" value="$text" valueType="text"/>
  <Header size="6" value="Judge the sentence after {SENTENCE.strip()}: relate each Actor to the Process and label the relation."/>
  <TextArea name="actor" {region} whenLabelValue="Actor" maxSubmissions="1" editable="true" placeholder="canonical name"/>
  <Choices name="process" {region} whenLabelValue="Process" choice="single-radio" showInline="true">{choices}
  </Choices>
</View>
"""  # noqa: E501


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
    relations = []
    for pair in pairs:
        shift = shown.sentence - pair.start
        actor_at = shown.foot[UNSAID] if pair.mention_start is None else pair.mention_start + shift
        process_at, words = shown.foot[pair.process], pair.process
        if pair.process_start is not None and pair.process_end is not None:
            process_at = pair.process_start + shift
            words = shown.text[process_at : pair.process_end + shift]
        actor = _region(actor_at, pair.mention or UNSAID, "Actor", pair.actor)
        process = _region(process_at, words, "Process", pair.process)
        results |= {(r["id"], r["type"]): r for r in (*actor, *process)}
        ends = {"from_id": actor[0]["id"], "to_id": process[0]["id"]}
        relations.append({"type": "relation", **ends, "direction": "right", "labels": [pair.suggested]})
    return [*results.values(), *relations]


def tasks(batch: Batch, documents: Mapping[str, Document], codebook: Codebook, model: str) -> Iterator[dict[str, Any]]:
    """Yield Label Studio tasks, a sentence each, with the suggestions as predictions."""
    for (doc, start, _), pairs in batch.by_sentence.items():
        context = documents[doc].text[min(p.shown_from for p in pairs) : start]
        shown = Shown.of(pairs, context, list(codebook.process))
        prediction = {
            "model_version": model,
            "score": min(p.confidence for p in pairs),
            "result": _suggestions(pairs, shown),
        }
        yield {
            "data": {"doc": doc, "text": shown.text},
            "meta": {
                "format": FORMAT,
                "codebook": batch.codebook,
                "sentence": shown.sentence,
                "foot": shown.foot,
                "pairs": [asdict(p) for p in pairs],
            },
            "predictions": [prediction],
        }


def read_batch(path: Path) -> Batch:
    """Read the batch back from its tasks.

    Raises:
        InputError: not a tasks file of this version, or of several codebooks.
    """
    pairs, codebook = [], ""
    for n, task in enumerate(_list(path), 1):
        try:
            meta = task["meta"]
            _same_format(meta["format"], path, n, "format")
            codebook = codebook or meta["codebook"]
            _same_codebook(meta["codebook"], codebook, path, n, "codebook")
            pairs += [Pair(**pair) for pair in meta["pairs"]]
        except (KeyError, TypeError) as error:
            raise InputError(f"not a task that `review export` wrote: {error}", path, n, "meta") from None
    return Batch(codebook, tuple(pairs))


def _list(path: Path) -> list[dict[str, Any]]:
    value = read_json(path)
    if not isinstance(value, list) or not all(isinstance(task, dict) for task in value):
        raise InputError("not a list of tasks: export from Label Studio as JSON", path)
    return value


# Label Studio, in


@dataclass(frozen=True, slots=True)
class _Task:
    """A returned task: its own text, and the batch's pairs that stand in it."""

    pairs: tuple[Pair, ...]
    text: str
    sentence: int
    where: Where

    @classmethod
    def of(cls, task: dict[str, Any], batch: Batch, where: Where) -> _Task:
        """Check a returned task against the batch that went out."""
        meta = task.get("meta")
        if not isinstance(meta, dict) or "format" not in meta:
            raise InputError("not a task of a review batch", *where, "meta")
        _same_format(meta["format"], *where, "meta.format")
        _same_codebook(meta.get("codebook"), batch.codebook, *where, "meta.codebook")
        try:
            ids, sentence, text = (
                [Pair(**pair).id for pair in meta["pairs"]],
                int(meta["sentence"]),
                task["data"]["text"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"damaged: {error}", *where, "meta") from None
        for known in ids:
            if known not in batch.by_id:
                raise InputError(f"unknown id {known}: not in this batch", *where, "meta.pairs")
        pairs = tuple(batch.by_id[known] for known in ids)
        if not pairs or not text[sentence:].startswith(pairs[0].text.replace("\r", " ") + FOOT):
            raise InputError("not the text that the batch has", *where, "data.text")
        return cls(pairs, text, sentence, where)

    @property
    def foot(self) -> int:
        """Where the sentence ends and the foot begins."""
        return self.sentence + self.pairs[0].end - self.pairs[0].start


@dataclass(frozen=True, slots=True)
class _Region:
    """Marked words: an actor with his canonical name or a process with its id; `inside` means in the sentence."""

    kind: str
    words: str
    name: str
    inside: bool


def _actor_name(words: str, codebook: Codebook) -> str | None:
    """The canonical name of words that are one of the codebook's names."""
    for actor in codebook.actors:
        if words.casefold() in (name.casefold() for name, _ in codebook.names(actor)):
            return codebook.principal(actor.id).name
    return None


def _read_region(parts: list[dict[str, Any]], task: _Task, codebook: Codebook) -> _Region:
    values: dict[str, Any] = {part["type"]: part["value"] for part in parts}
    span = values["labels"]
    ((kind,), start, end) = span["labels"], span["start"], span["end"]
    words = task.text[start:end]
    if kind not in ("Actor", "Process"):
        raise InputError(f"{kind!r} is neither Actor nor Process", *task.where, "what")
    if span.get("text", words) != words:
        raise InputError(f"{span['text']!r} is not in the text at {start} to {end}", *task.where, "mention")
    inside, at_foot = task.sentence <= start and end <= task.foot, start >= task.foot
    if kind == "Process":
        name = next(iter(values.get("choices", {}).get("choices", ())), words.strip())
        if name not in codebook.process:
            raise InputError(f"{words!r}: choose which process it is", *task.where, "process")
        return _Region(kind, words, name, inside)
    if not inside and not at_foot:
        raise InputError(f"{words!r} is not in the sentence to judge", *task.where, "mention")
    name = " ".join(values.get("textarea", {}).get("text", ())).strip() or _actor_name(words.strip(), codebook)
    if not name or (at_foot and name == UNSAID):
        raise InputError(f"{words!r}: write the actor's canonical name", *task.where, "actor")
    sentence = task.pairs[0].text[start - task.sentence : end - task.sentence]  # its own characters, as in the document
    return _Region(kind, sentence.strip() if inside else "", name, inside)


def _answers(result: list[dict[str, Any]], task: _Task, codebook: Codebook, annotator: str) -> dict[str, Judgment]:
    """One annotation's judgments by pair; of two on one pair the codebook's rule 1 decides."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for part in result:
        if part["type"] != "relation":
            parts.setdefault(part["id"], []).append(part)
    regions = {key: _read_region(group, task, codebook) for key, group in parts.items()}
    out: dict[str, Judgment] = {}
    for relation in (part for part in result if part["type"] == "relation"):
        ends = {r.kind: r for r in (regions[relation["from_id"]], regions[relation["to_id"]])}
        labels = relation.get("labels") or []
        if set(ends) != {"Actor", "Process"}:
            raise InputError("a relation that does not join an Actor and a Process", *task.where, "relation")
        if len(labels) != 1 or labels[0] not in LABELS:
            raise InputError(
                f"{', '.join(labels) or 'nothing'!r} is not one of {', '.join(LABELS)}", *task.where, "stance"
            )
        judgment = _judgment(ends["Actor"], ends["Process"], labels[0], task, annotator)
        before = out.get(judgment.pair)
        if before is None or PRECEDENCE.index(judgment.answer) < PRECEDENCE.index(before.answer):
            out[judgment.pair] = judgment
    return out


def _judgment(actor: _Region, process: _Region, answer: Label, task: _Task, annotator: str) -> Judgment:
    """What an arrow says; a suggested pair keeps what reading knew of its explicitness."""
    p = task.pairs[0]
    known = {q.id: q for q in task.pairs}.get(pair_id(p.doc, p.start, p.end, actor.name, process.name))
    explicit_actor = actor.inside and (known is None or known.explicit_actor)
    moved = known is None or known.process_start is None
    explicit_process = process.inside and (moved or (known is not None and known.explicit_process))
    return Judgment(p.doc, p.start, p.end, actor.words, actor.name, process.name, answer, explicit_actor, explicit_process, annotator)  # fmt: skip # noqa: E501


def read_label_studio(path: Path, batch: Batch, codebook: Codebook) -> list[Judgment]:
    """Read Label Studio's JSON export; a pair of the task that an annotator left without an arrow is `none`.

    Raises:
        InputError: a task that is not the batch's, or an annotation that says something the codebook has no word for.
    """
    out: list[Judgment] = []
    for n, row in enumerate(_list(path), 1):
        if not isinstance(row.get("annotations"), list):
            raise InputError("no annotations: export from Label Studio as JSON, not JSON-MIN", path, n, "annotations")
        task = _Task.of(row, batch, (path, n))
        by_annotator: dict[str, dict[str, Judgment]] = {}
        for annotation in row["annotations"]:
            if annotation.get("was_cancelled"):
                continue
            name = _annotator(annotation.get("completed_by"))
            try:
                by_annotator[name] = _answers(annotation["result"], task, codebook, name)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise InputError(f"not an annotation of this configuration: {error!r}", path, n, "result") from None
        asked = {p.id: suggested(p, "none", "") for p in task.pairs}
        for found in by_annotator.values():
            asked = {**found, **asked}
        for name, found in by_annotator.items():
            out += [found.get(key) or replace(asked[key], answer="none", annotator=name) for key in asked]
    return out


def _annotator(completed_by: object) -> str:
    """A stable name for the user who completed an annotation: his address where the export has it, else his number."""
    if isinstance(completed_by, dict):
        return str(completed_by.get("email") or f"user-{completed_by.get('id')}")
    return f"user-{completed_by}"


def suggested(pair: Pair, answer: Label, annotator: str, comment: str = "") -> Judgment:
    """A judgment of a pair exactly as it was suggested."""
    p = pair
    return Judgment(p.doc, p.start, p.end, p.mention, p.actor, p.process, answer, p.explicit_actor, p.explicit_process, annotator, comment)  # fmt: skip # noqa: E501


# Spreadsheets


def _safe(cell: str) -> str:
    """A cell that cannot run as a formula; `_restored` undoes it, quotes that stood there before included."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _restored(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _one_line(text: str) -> str:
    return " ".join(text.split())


def sheet(batch: Batch) -> str:
    """The batch as CSV for a spreadsheet program: a pair a row, UTF-8 with a byte order mark, which Excel needs."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for p in batch.pairs:
        key = f"{FORMAT}-{batch.codebook}-{p.id}"
        cells = (key, p.doc, _one_line(p.text), p.mention, p.actor, p.process, p.suggested, p.why, "", "", "")
        writer.writerow(map(_safe, cells))
    return "\ufeff" + out.getvalue()


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """A sheet's rows, numbered as a spreadsheet program numbers them, cells restored."""
    text = decode(read_bytes(path), path)
    if not text.endswith(("\n", "\r")):
        raise InputError("the last line has no end: half-written?", path)
    head = text.splitlines()[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        columns = next(reader)
        for column in COLUMNS:
            if columns.count(column) != 1:
                raise InputError(f"{'no' if column not in columns else 'more than one'} such column", path, 1, column)
        for n, cells in enumerate(reader, 2):
            if any(cells):
                if len(cells) != len(columns):
                    raise InputError(f"{len(cells)} cells under {len(columns)} columns: half-written?", path, n)
                yield n, {k: _restored(v) for k, v in zip(columns, cells, strict=True)}
    except csv.Error as error:
        raise InputError(f"not CSV: {error}: half-written?", path, reader.line_num) from None


def _sheet_pair(row: Mapping[str, str], batch: Batch, where: Where) -> Pair:
    """The pair that a row is about, with the mention as the annotator left it."""
    form, codebook, key = (*row["id"].strip().split("-"), "", "")[:3]
    if not key:
        raise InputError(f"unknown id {row['id']!r}", *where, "id")
    _same_format(form, *where, "id")
    _same_codebook(codebook, batch.codebook, *where, "id")
    pair = batch.by_id.get(key)
    if pair is None:
        raise InputError(f"unknown id {row['id']!r}: not in this batch", *where, "id")
    for column, value in (("doc", pair.doc), ("sentence", pair.text), ("actor", pair.actor), ("process", pair.process)):
        if _one_line(row[column]) != _one_line(value):
            raise InputError(f"{row[column]!r:.60} is not what went out", *where, column)
    if _one_line(row["mention"]) == _one_line(pair.mention):
        return pair
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
        pair, answer = _sheet_pair(row, batch, (path, n)), row["answer"].strip().casefold()
        if not answer:
            continue
        if answer not in LABELS:
            raise InputError(f"{row['answer']!r} is not one of {', '.join(LABELS)}", path, n, "answer")
        name = row["annotator"].strip() or annotator
        if not name:
            raise InputError("who answered? fill it in, or give --annotator", path, n, "annotator")
        judgment = suggested(pair, answer, name, row["comment"].strip())
        if out.setdefault((pair.id, name), judgment) != judgment:
            raise InputError(f"a second, different answer of {name!r} for this pair", path, n, "answer")
    return list(out.values())
