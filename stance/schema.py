"""YAML files into strict pydantic models: every mistake is named with its file, its line and the nearest valid key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from stance.errors import ConfigError
from stance.io import read_bytes

MAX_BYTES = 4_000_000
MAX_DEPTH = 50
MAX_NUMBER = 100  # characters of a number, a date or a truth value
Path_ = tuple[str | int, ...]


class Strict(BaseModel):
    """A frozen model that refuses unknown keys and does not convert between types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


M = TypeVar("M", bound=BaseModel)


_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads the codebook ten times faster
_SCALARS = yaml.constructor.SafeConstructor()
_RESOLVER: Any = yaml.resolver.Resolver()


def _value(event: Any, events: Iterator[Any], path: Path_, lines: dict[Path_, int]) -> Any:
    """The plain value that begins with an event; fills `lines` with the line of every key and item."""
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent):
        raise ConfigError("YAML aliases are not allowed", line)
    if event.tag is not None:
        raise ConfigError(f"YAML tags are not allowed: {event.tag:.60}", line)
    if len(path) > MAX_DEPTH:
        raise ConfigError(f"nested more than {MAX_DEPTH} deep", line)
    lines.setdefault(path, line)
    if isinstance(event, yaml.MappingStartEvent):
        out: dict[str, Any] = {}
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            at = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarEvent) or key.tag is not None:
                raise ConfigError("a key must be a plain word", at)
            if key.value in out:
                raise ConfigError(f"duplicate key '{key.value}'", at)
            lines[(*path, key.value)] = at
            out[key.value] = _value(next(events), events, (*path, key.value), lines)
        return out
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Any] = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            items.append(_value(item, events, (*path, len(items)), lines))
        return items
    if len(event.value) > MAX_NUMBER:  # a text; and numbers are read in the square of their length
        return event.value
    tag = _RESOLVER.resolve(yaml.ScalarNode, event.value, event.implicit)
    try:
        return _SCALARS.construct_object(yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark))
    finally:
        _SCALARS.constructed_objects.clear()  # which it keeps, for aliases


def parse_yaml(text: str, source: Path | None = None) -> tuple[Any, dict[Path_, int]]:
    """Parse YAML into plain values and the line of each; aliases, tags and duplicate keys are refused.

    It is read event by event: PyYAML's own composer ends the process where a text is nested too deep.

    Raises:
        ConfigError: no YAML, more than MAX_BYTES or MAX_DEPTH of it, or what is refused, with its line.
    """
    if len(text) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES // 1_000_000} MB", source)
    lines: dict[Path_, int] = {}
    try:
        events = yaml.parse(text, Loader=_READER)
        next(events), next(events)  # the stream, and its document or its end
        first = next(events, None)
        value = None if first is None else _value(first, events, (), lines)
        if first is not None and not isinstance((next(events), next(events))[1], yaml.StreamEndEvent):
            raise ConfigError("more than one document")
        return value, lines
    except ConfigError as error:
        raise ConfigError(error.problem, source, *error.where) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(f"not YAML: {error.problem}", source, line) from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"not YAML: {' '.join(str(error).split())}", source) from None


def _fields_at(model: type[BaseModel], path: Path_) -> list[str]:
    """The keys that the schema allows where `path` leads, so that a wrong one can be answered with the nearest."""
    current: Any = model
    for part in path:
        if isinstance(part, int) or not (isinstance(current, type) and issubclass(current, BaseModel)):
            continue
        field = current.model_fields.get(part)
        if field is None:
            continue
        annotation = field.annotation
        models = [a for a in (annotation, *getattr(annotation, "__args__", ())) if isinstance(a, type)]
        current = next((m for m in models if issubclass(m, BaseModel)), current)
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return []
    return [field.alias or name for name, field in current.model_fields.items()]


def _explain(error: ErrorDetails, model: type[BaseModel]) -> str:
    path = error["loc"]
    name = ".".join(map(str, path))
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(path[-1]), _fields_at(model, path[:-1]), n=1, cutoff=0.5)
        return f"unknown key '{name}'" + (f"; did you mean '{near[0]}'?" if near else "")
    if error["type"] == "missing":
        return f"missing key '{name}'"
    if error["type"] == "model_type":
        keys = f"keys were expected ({', '.join(_fields_at(model, path))}), not {error['input']!r:.60}"
        return f"{name}: {keys}" if name else keys
    shown = f", not {error['input']!r:.60}" if not isinstance(error["input"], (dict, list)) else ""
    return f"{name}: {error['msg'].removeprefix('Value error, ')}{shown}" if name else error["msg"]


def validate(model: type[M], value: Any, lines: dict[Path_, int], source: Path | None = None) -> M:
    """Check a parsed value against a schema.

    Raises:
        ConfigError: naming file, line, key and problem of the first mistake, and how many more there are.
    """
    try:
        # JSON mode lets dates and tuples be written as YAML writes them, and still converts nothing else.
        return model.model_validate(value)
    except ValidationError as error:
        first, *more = error.errors()
        path = first["loc"]
        line = next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), None)
        tail = f" (and {len(more)} more)" if more else ""
        raise ConfigError(_explain(first, model) + tail, source, line) from None


def override(value: dict[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """Apply `key.path=value` settings, whose values are read as YAML, to a parsed mapping."""
    for setting in settings:
        dotted, equals, text = setting.partition("=")
        if not equals or not dotted:
            raise ConfigError(f"expected KEY=VALUE, not {setting!r}", "--set")
        *parents, last = dotted.split(".")
        target = value
        for parent in parents:
            target = target.setdefault(parent, {})
            if not isinstance(target, dict):
                raise ConfigError(f"'{parent}' holds no keys", "--set", dotted)
        target[last] = parse_yaml(text, Path("--set"))[0]
    return value


def read_yaml(path: Path) -> tuple[Any, dict[Path_, int]]:
    """Read a YAML file into plain values and the line of each."""
    try:
        text = read_bytes(path, MAX_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 (byte {error.start})", path) from None
    return parse_yaml(text, path)


def refuse(problems: Iterable[tuple[Path_, str]], lines: dict[Path_, int], source: Path) -> None:
    """Raise the first of some problems, each with the path of the entry to blame, naming its file and line.

    Raises:
        ConfigError: if there is a problem.
    """
    for where, problem in problems:
        line = next(lines[where[:n]] for n in range(len(where), -1, -1) if where[:n] in lines)
        raise ConfigError(problem, source, line)


def load_yaml(model: type[M], path: Path, settings: Sequence[str] = ()) -> M:
    """Read a YAML file into its schema, after applying overrides."""
    if not path.exists():
        raise ConfigError("no such file: run this in the project's folder, where configs/ is", path)
    value, lines = read_yaml(path)
    if not isinstance(value, dict):
        raise ConfigError("a mapping of keys was expected", path)
    return validate(model, override(value, settings), lines, path)
