"""Model folders: a manifest with checksums, the gate that makes a champion, and which model is current.

`models/<name>/manifest.json` is written last, so that a folder without one is half-written; `models/current.json`
names the champion. Prediction reads these and nothing else.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance.codebook import Codebook
from stance.errors import GateError, InputError, ModelError
from stance.io import file_digest, found, locked, read_json, sync, write_json
from stance.records import LABELS

FORMAT = 1
# What a model is made of. None of these can hold a program that runs when it is opened, as a pickle can.
KINDS = frozenset((".json", ".md", ".onnx", ".safetensors", ".skops"))
MANIFEST = "manifest.json"
CURRENT = "current.json"
RELEASE = "release"  # the model that ships with the program
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder says of itself."""

    name: str
    kind: str
    codebook: str
    data: str
    files: Mapping[str, str]
    config: Mapping[str, Any]
    notes: Mapping[str, Any]

    @property
    def version(self) -> str:
        """`name@digest`, where the digest covers every file of the model."""
        from stance.io import digest

        return f"{self.name}@{digest(dict(self.files))}"


def _earlier(folder: Path) -> Path:
    """Where a model waits until the next of its name has taken its place."""
    return folder.with_name(f".{folder.name}.earlier")


def save(folder: Path, write: Callable[[Path], None], **about: Any) -> Manifest:
    """Write a model folder whole: into a neighbour first, then in place of what stood there.

    `write` fills an empty folder with the model's files; `about` are the manifest's other fields. Whenever the process
    is killed, the model that stood there or the new one is found by `locate`.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".part"))
    try:
        write(part)
        paths = [p for p in sorted(part.rglob("*")) if p.is_file()]
        for path in paths:
            sync(path)
        files = {str(p.relative_to(part)): file_digest(p) for p in paths}
        manifest = Manifest(files=files, **about)
        fields = {name: getattr(manifest, name) for name in Manifest.__dataclass_fields__}
        write_json(part / MANIFEST, {"format": FORMAT, "labels": LABELS, "version": manifest.version, **fields})
        part.chmod(0o755)
        if folder.exists():
            shutil.rmtree(_earlier(folder), ignore_errors=True)
            folder.rename(_earlier(folder))
        part.rename(folder)
        shutil.rmtree(_earlier(folder), ignore_errors=True)
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror or error}", folder) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return manifest


def _inside(name: str) -> bool:
    """Whether a name can be a file's (no NUL, no half of a surrogate pair) and leads only into its folder."""
    return name.isprintable() and not Path(name).is_absolute() and ".." not in Path(name).parts


def read(folder: Path) -> Manifest:
    """Read and check a model folder.

    Raises:
        ModelError: no folder, half-written, of another format, or with a file that is missing or changed.
    """
    if not folder.is_dir():
        raise ModelError("no such model: train one with `python -m stance.train`", folder)
    if not (folder / MANIFEST).exists():
        raise ModelError("half-written (no manifest.json): train again with `python -m stance.train`", folder)
    try:
        value = read_json(folder / MANIFEST)
        manifest = Manifest(**{name: value[name] for name in Manifest.__dataclass_fields__})
        found = value["format"], tuple(map(str, value["labels"]))
        if not isinstance(manifest.files, dict) or not all(map(_inside, manifest.files)):
            raise TypeError("'files' are not names of files in the folder")
    except InputError as error:
        raise ModelError(error.problem, *error.where) from None
    except (KeyError, TypeError) as error:
        raise ModelError(f"not a manifest: {error}", folder / MANIFEST) from None
    if found != (FORMAT, LABELS):
        raise ModelError(f"format {found[0]} with labels {', '.join(found[1])} is not readable by this version", folder)
    for name, sha256 in manifest.files.items():
        path = folder / name
        if path.suffix not in KINDS:
            kinds = ", ".join(sorted(KINDS))
            raise ModelError(f"no model of this program has such a file (only {kinds}): do not trust this one", path)
        if not path.is_file():
            raise ModelError("missing from the model: train again", path)
        if file_digest(path) != sha256:
            raise ModelError("damaged (its checksum differs from the manifest's): train again", path)
    return manifest


@contextmanager
def writing(models: Path) -> Iterator[None]:
    """Be the only run that builds, trains or releases models there; what killed ones left half-written is removed.

    Raises:
        InputError: another run is at work there.
    """
    with locked(models / ".lock"):
        for left in models.glob(".*.part"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def check_codebook(manifest: Manifest, codebook: Codebook, folder: Path, foreign: bool = False) -> None:
    """Refuse a model that was trained under another codebook, or only warn where a `foreign` one was asked for.

    What a model reads has every name masked, so it can judge under any codebook; how well, nobody has measured.
    """
    if manifest.codebook == codebook.digest:
        return
    differs = f"trained under another codebook ({manifest.codebook}, not {codebook.digest})"
    if not foreign:
        raise ModelError(
            f"{differs}: train again, or say `python -m stance.predict --codebook FILE` to use it nonetheless", folder
        )
    log.warning("warning: %s was %s: its published figures say nothing about these predictions", folder, differs)


def choose(scores: Mapping[str, float], wins: Mapping[str, bool], must_beat: str) -> str:
    """The champion among the models that passed the audit, by their `scores`.

    The best of those that significantly beat `must_beat`, else `must_beat` itself, else, if it did not pass, the best.

    Raises:
        GateError: no model passed.
    """
    if not scores:
        raise GateError("no model passes the audit, so none becomes champion: see `python -m stance.audit`")
    eligible = [name for name in scores if name != must_beat and (must_beat not in scores or wins.get(name, False))]
    return max(eligible, key=scores.__getitem__, default=must_beat)


def set_current(models: Path, name: str) -> None:
    """Make a model the one that prediction uses."""
    write_json(models / CURRENT, {"model": name})


def locate(models: Path, name: str | None) -> Path:
    """The folder of a model by its name; None is the champion, or where nobody has trained one, the released model."""
    if name is None:
        name = current(models) if (models / CURRENT).exists() else RELEASE
    folder = found(models / RELEASE) if name == RELEASE else models / name
    return folder if folder.exists() or not _earlier(folder).exists() else _earlier(folder)


def current(models: Path) -> str:
    """The name of the model that prediction uses."""
    path = models / CURRENT
    value = read_json(path)
    name = value.get("model") if isinstance(value, dict) else None
    if not isinstance(name, str) or not _inside(name):
        raise ModelError("names no model: run `python -m stance.train`", path)
    return name
