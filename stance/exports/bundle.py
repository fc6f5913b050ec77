"""The replication bundle: one zip with what was read, by which model and settings, and what came out."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from platform import python_version

from stance import registry
from stance.codebook import Codebook
from stance.config import Pipeline
from stance.errors import ModelError
from stance.io import atomic_path, file_digest, found, read_bytes
from stance.statements import Statement

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_README = """# Replication bundle

| file | what it is |
| --- | --- |
| `SHA256SUMS` | checksums of the files here: `sha256sum -c SHA256SUMS` |
| `command.json` | the command as it was typed, and the settings that it ran under |
| `inputs.json` | the files that were read, with size and SHA-256; they are not in here |
| `codebook.json` | digest of the codebook (actors, processes, their names) |
| `models/` | manifest and, where it has one, card of each model named in the predictions that was at hand |
| `predictions.jsonl` | every statement, in the form of `python -m stance.predict` |
| `ledger.csv` | the positions made of them |
| `report.html` | the same to look at, where what draws it was installed |
| `environment.json` | versions of Python and of every installed package |

To repeat it: install those versions, check that your inputs have these digests, run the command. `predictions.jsonl`
alone, given as the input, gives the ledger again without any model.
"""


def _json(value: object) -> bytes:
    """JSON; a file's name that is no UTF-8 keeps its bytes as escapes."""
    return (json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n").encode(errors="backslashreplace")


def _input(path: Path) -> dict[str, object]:
    """Size and digest of a file that was read."""
    return {"file": path.as_posix(), "bytes": path.stat().st_size, "sha256": file_digest(path)}


def _models(folder: Path, versions: set[str]) -> dict[str, bytes]:
    """Manifest and card of each model at hand that made some of the statements."""
    out: dict[str, bytes] = {}
    for place in sorted({*folder.glob("*"), found(folder / registry.RELEASE)}):
        try:
            manifest = registry.read(place)
        except ModelError:
            continue  # damaged, half-written or no model at all: not one that made predictions
        if manifest.version in versions:
            for name in (registry.MANIFEST, "README.md"):
                if (place / name).is_file():
                    out[f"models/{manifest.version}/{name}"] = read_bytes(place / name)
    return out


def contents(
    statements: Sequence[Statement],
    inputs: Iterable[Path],
    command: Sequence[str],
    pipeline: Pipeline,
    codebook: Codebook,
) -> dict[str, bytes]:
    """The files of a bundle by name: what was read and under what, and the predictions."""
    versions = sorted({s.model for s in statements})
    rows = "".join(json.dumps(s.row(), ensure_ascii=False) + "\n" for s in statements)
    packages = {d.metadata["Name"]: d.version for d in distributions()}
    return {
        "README.md": _README.encode(),
        "command.json": _json({"command": list(command), "models": versions, "settings": pipeline.model_dump()}),
        "inputs.json": _json([_input(path) for path in inputs]),
        "codebook.json": _json({"file": pipeline.paths.codebook, "digest": codebook.digest}),
        "environment.json": _json({"python": python_version(), "packages": dict(sorted(packages.items()))}),
        "predictions.jsonl": rows.encode(),
        **_models(Path(pipeline.paths.models), set(versions)),
    }


def write_bundle(files: Mapping[str, bytes], path: Path) -> None:
    """Write files as a zip with their checksums; the same files give the same bytes, whenever and in whatever order."""
    sums = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    with atomic_path(path) as part, zipfile.ZipFile(part, "w") as out:
        for name, data in sorted({**files, "SHA256SUMS": sums.encode()}.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, whatever this is
            entry.external_attr = 0o644 << 16
            out.writestr(entry, data, zipfile.ZIP_DEFLATED)
