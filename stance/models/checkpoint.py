"""What a training run needs to go on after an interruption: a checkpoint after each epoch, of which two are kept.

A checkpoint is its manifest, `epoch-N.json`, written last, and the files that the manifest names with their checksums.
Where the newest is damaged, the one before serves.
"""

from __future__ import annotations

import io
import logging
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_model, save_model
from torch import nn

from stance.errors import InputError, ModelError
from stance.io import file_digest, read_json, sync, write_json

log = logging.getLogger(__name__)


def _bytes(states: object) -> bytes:
    """What torch saves; to a file that cannot be written it would only say that positions differ."""
    out = io.BytesIO()
    torch.save(states, out)
    return out.getvalue()


class Checkpoint:
    """The state of one run, identified by the digest of its configuration, seed and data."""

    def __init__(self, folder: Path, key: str) -> None:
        self._folder = folder
        self._key = key
        self._newest: dict[str, dict[str, str]] = {"files": {}, "sha256": {}}

    def _manifest(self, epoch: int) -> Path:
        return self._folder / f"epoch-{epoch}.json"

    def save(
        self, network: nn.Module, optimiser: Any, schedule: Any, history: list[dict[str, float]], *, best: bool
    ) -> None:
        """Write the state after an epoch, and remove what is older than the one before.

        Raises:
            InputError: it cannot be written, for example because the disk is full; the checkpoints before are kept.
        """
        epoch = len(history)
        files = {"weights": f"epoch-{epoch}.safetensors", "optimiser": f"epoch-{epoch}.pt"}
        files["best"] = f"best-{epoch}.safetensors" if best else self._newest["files"]["best"]
        weights, states = self._folder / files["weights"], self._folder / files["optimiser"]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            save_model(network, str(weights))
            states.write_bytes(_bytes([optimiser.state_dict(), schedule.state_dict()]))
            if best:
                shutil.copyfile(weights, self._folder / files["best"])
            for name in files.values():
                sync(self._folder / name)
        except (OSError, SafetensorError) as error:
            raise InputError(f"cannot write: {error}", self._folder) from error
        sums = {name: file_digest(self._folder / name) for name in files.values()}
        manifest = {"key": self._key, "history": history, "files": files, "sha256": sums}
        write_json(self._manifest(epoch), manifest)
        kept = {*files.values(), *self._newest["files"].values(), *(self._manifest(n).name for n in (epoch - 1, epoch))}
        for path in self._folder.iterdir():
            if path.name not in kept:
                path.unlink()
        self._newest = {"files": files, "sha256": sums}

    def _whole(self) -> Iterator[dict[str, Any]]:
        """The run's manifests whose files are whole, the newest first."""
        epochs = (path.stem.removeprefix("epoch-") for path in self._folder.glob("epoch-*.json"))
        for epoch in sorted((int(e) for e in epochs if e.isdecimal()), reverse=True):
            path = self._manifest(epoch)
            try:
                manifest: dict[str, Any] = read_json(path)
                if manifest["key"] != self._key:
                    continue
                for name in manifest["files"].values():
                    self._check(name, manifest["sha256"])
            except (InputError, AttributeError, KeyError, TypeError):
                log.warning("warning: the checkpoint %s is damaged: going on from the one before, if any", path)
                continue
            yield manifest

    def _check(self, name: str, sums: Mapping[str, str]) -> Path:
        """The path of a file that is as it was written."""
        path = self._folder / name
        if file_digest(path) != sums[name]:
            raise InputError("damaged (its checksum differs from the manifest's)", path)
        return path

    def resume(self, network: nn.Module, optimiser: Any, schedule: Any) -> list[dict[str, float]]:
        """Restore the last epoch whose state is whole; returns the epochs done, none where there is nothing to resume.

        Raises:
            ModelError: a file is as its manifest says, and yet no checkpoint.
        """
        manifest = next(self._whole(), None)
        if manifest is None:
            self.remove()
            return []
        self._newest = {name: manifest[name] for name in ("files", "sha256")}
        try:
            states = torch.load(self._folder / manifest["files"]["optimiser"], weights_only=True)
            load_model(network, str(self._folder / manifest["files"]["weights"]))
            optimiser.load_state_dict(states[0])
            schedule.load_state_dict(states[1])
        except Exception as error:  # torch and safetensors raise many kinds
            problem = f"holds no checkpoint of this program ({type(error).__name__}): remove it to train from the start"
            raise ModelError(problem, self._folder) from None
        return list(manifest["history"])

    def load_best(self, network: nn.Module) -> None:
        """Restore the best epoch's weights.

        Raises:
            InputError: they are not as they were written.
        """
        load_model(network, str(self._check(self._newest["files"]["best"], self._newest["sha256"])))

    def remove(self) -> None:
        """Delete the run's checkpoints."""
        shutil.rmtree(self._folder, ignore_errors=True)
