"""What a training run needs to go on after an interruption: one checkpoint after each epoch, written whole or not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_model, save_model
from torch import nn

from stance.errors import InputError
from stance.io import file_digest, read_json, write_json


class Checkpoint:
    """The state of one run, identified by the digest of its configuration, seed and data."""

    def __init__(self, folder: Path, key: str) -> None:
        self._folder = folder
        self._key = key
        self._manifest = folder / "checkpoint.json"

    def _file(self, name: str) -> Path:
        return self._folder / name

    def save(
        self, network: nn.Module, optimiser: Any, schedule: Any, history: list[dict[str, float]], *, best: bool
    ) -> None:
        """Write the state after an epoch; the manifest comes last and names the files that belong together."""
        self._folder.mkdir(parents=True, exist_ok=True)
        epoch = len(history)
        names = {"weights": f"epoch-{epoch}.safetensors", "optimiser": f"epoch-{epoch}.pt"}
        save_model(network, str(self._file(names["weights"])))
        torch.save([optimiser.state_dict(), schedule.state_dict()], self._file(names["optimiser"]))
        if best:
            shutil.copyfile(self._file(names["weights"]), self._file(f"best-{epoch}.safetensors"))
        previous = self._read() or {}
        names["best"] = f"best-{epoch}.safetensors" if best else previous["files"]["best"]
        sums = {name: file_digest(self._file(name)) for name in names.values()}
        write_json(self._manifest, {"key": self._key, "history": history, "files": names, "sha256": sums})
        for path in self._folder.iterdir():
            if path.name not in (*names.values(), self._manifest.name):
                path.unlink()

    def _read(self) -> dict[str, Any] | None:
        """The manifest, if it belongs to this run and its files are whole."""
        try:
            manifest: dict[str, Any] = read_json(self._manifest)
            sums = manifest["sha256"]
            whole = all(file_digest(self._file(name)) == value for name, value in sums.items())
        except (InputError, KeyError, TypeError):
            return None
        return manifest if whole and manifest.get("key") == self._key else None

    def resume(self, network: nn.Module, optimiser: Any, schedule: Any) -> list[dict[str, float]]:
        """Restore the last epoch's state; returns the epochs done, none where there is nothing to resume."""
        manifest = self._read()
        if manifest is None:
            self.remove()
            return []
        load_model(network, str(self._file(manifest["files"]["weights"])))
        states = torch.load(self._file(manifest["files"]["optimiser"]), weights_only=True)
        optimiser.load_state_dict(states[0])
        schedule.load_state_dict(states[1])
        return list(manifest["history"])

    def load_best(self, network: nn.Module) -> None:
        """Restore the best epoch's weights."""
        manifest = self._read()
        if manifest is None:
            raise InputError("the checkpoint of the run that just ended is damaged", self._manifest)
        load_model(network, str(self._file(manifest["files"]["best"])))

    def remove(self) -> None:
        """Delete the run's checkpoint."""
        shutil.rmtree(self._folder, ignore_errors=True)
