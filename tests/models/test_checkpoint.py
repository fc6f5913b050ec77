"""What an interrupted training goes on from: the newest checkpoint that is whole."""

from __future__ import annotations

import logging
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from stance.errors import InputError
from stance.models.checkpoint import Checkpoint

KEY = "a digest"


class Run:
    """A network of one weight that is its epoch's number."""

    def __init__(self, folder: Path, key: str = KEY) -> None:
        self.network = torch.nn.Linear(1, 1, bias=False)
        self.optimiser = torch.optim.AdamW(self.network.parameters())
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, lambda step: 1.0)
        self.checkpoint = Checkpoint(folder, key)
        self.history: list[dict[str, float]] = []

    @property
    def weight(self) -> float:
        return self.network.weight.item()

    def train(self, epochs: int, best: int) -> None:
        for epoch in range(len(self.history) + 1, epochs + 1):
            torch.nn.init.constant_(self.network.weight, epoch)
            self.history.append({"epoch": epoch})
            self.checkpoint.save(self.network, self.optimiser, self.schedule, self.history, best=epoch <= best)

    def resume(self) -> int:
        self.history = self.checkpoint.resume(self.network, self.optimiser, self.schedule)
        return len(self.history)


def test_two_checkpoints_are_kept_and_the_newest_is_resumed(tmp_path: Path) -> None:
    Run(tmp_path).train(4, best=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "best-2.safetensors",
        *(f"epoch-{epoch}.{ending}" for epoch in (3, 4) for ending in ("json", "pt", "safetensors")),
    ]
    again = Run(tmp_path)
    assert (again.resume(), again.weight) == (4, 4)
    again.checkpoint.load_best(again.network)
    assert again.weight == 2


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def another(path: Path) -> None:
    path.write_text("[1]")


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("epoch-3.safetensors", cut),
        ("epoch-3.safetensors", flip),
        ("epoch-3.pt", Path.unlink),
        ("best-3.safetensors", flip),
        ("epoch-3.json", cut),
        ("epoch-3.json", another),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_where_the_newest_is_damaged_the_one_before_serves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, file: str, damage: Callable[[Path], None]
) -> None:
    Run(tmp_path).train(3, best=3)
    damage(tmp_path / file)
    again = Run(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert (again.resume(), again.weight) == (2, 2)
    assert caplog.messages == [
        f"warning: the checkpoint {tmp_path / 'epoch-3.json'} is damaged: going on from the one before, if any"
    ]
    again.train(3, best=3)
    last = Run(tmp_path)
    assert (last.resume(), last.weight) == (3, 3)


def test_where_all_are_damaged_training_begins_again(tmp_path: Path) -> None:
    Run(tmp_path).train(2, best=1)
    flip(tmp_path / "best-1.safetensors")
    again = Run(tmp_path)
    assert again.resume() == 0
    assert not tmp_path.exists()


def test_the_best_weights_are_not_taken_once_they_changed(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.train(2, best=1)
    flip(tmp_path / "best-1.safetensors")
    with pytest.raises(InputError, match=r"best-1\.safetensors: damaged"):
        run.checkpoint.load_best(run.network)


def test_another_runs_checkpoints_are_not_resumed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Run(tmp_path).train(2, best=2)
    assert Run(tmp_path, "another digest").resume() == 0
    assert caplog.messages == []


@contextmanager
def full_disk() -> Iterator[None]:
    """A limit on the size of files stands for the disk: not a fixture, for pytest writes its own log before a teardown."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_an_error_and_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    run = Run(tmp_path)
    with pytest.raises(InputError, match="cannot write: "), full_disk():
        run.train(1, best=1)  # the optimiser's state takes more
    assert Run(tmp_path).resume() == 0
