"""The same archive on Ray: the same bytes, whatever dies, and nothing left behind."""

from __future__ import annotations

import logging
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from stance.archive import engine, runner
from stance.archive.engine import Ray
from stance.archive.runner import Workers
from stance.archive.sources import Record, Reject
from stance.archive.worker import Identity, Opening
from stance.config import load_pipeline
from stance.errors import StanceError
from stance.pipeline import open_judge
from tests.archive.conftest import ENVIRONMENT, command, content, run

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
GOOD = {"text": "Turkey hosted the Astana talks on Syria."}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster that is there already: a machine of two cores, on loopback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # read on import: loopback, no reports, no secret
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "disabled")
        from ray.cluster_utils import Cluster

        machines: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
        yield machines
        machines.shutdown()


@pytest.fixture
def opening(corpus: Path) -> Opening:
    columns = load_pipeline().columns.model_dump()
    return Opening(Path("configs/codebook.yaml"), Path("models"), "rules", False, columns)


@pytest.fixture
def pool(cluster: Any, opening: Opening) -> Iterator[Ray]:
    judge = open_judge(opening.codebook, opening.models, opening.model, 1)
    before = signal.getsignal(signal.SIGTERM)
    out = Ray(opening, Identity.of(judge), 2, cluster.address)
    assert signal.getsignal(signal.SIGTERM) is before
    yield out
    out.close()


@needs_ray
def test_a_cluster_writes_the_bytes_of_one_machine(
    cluster: Any, corpus: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker is killed and a machine joins in the first part; with the second part in work that machine is lost."""
    each = Ray.each
    calls = 0
    joined = None

    def disturbed(self: Ray, work: Any, pieces: Any) -> Iterator[Any]:
        nonlocal calls, joined
        calls += 1
        if calls == 1:
            os.kill(next(each(self, lambda _: os.getpid(), [None])), signal.SIGKILL)
            joined = cluster.add_node(num_cpus=1)
        for result in each(self, work, pieces):
            yield result
            if calls > 2 and joined:
                cluster.remove_node(joined, allow_graceful=False)
                joined = None

    monkeypatch.setattr(Ray, "each", disturbed)
    monkeypatch.setattr(runner, "CHUNK_RECORDS", 1)
    assert run("corpus", "--output", "out/", "--engine", "ray", "--address", cluster.address) == 0
    assert (calls, joined) == (10, None)
    assert content(Path("out")) == content(Path("whole"))
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [*(f"part-0000{n}.jsonl" for n in range(5)), "out"]


class Dies:
    """Content that ends the process that unpacks it, or with a marker to leave there, only the first that does."""

    def __init__(self, marker: Path | None = None) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        if self.marker is None:
            return os._exit, (1,)
        path = f"__import__('pathlib').Path({str(self.marker)!r})"
        return eval, (f"{GOOD} if {path}.exists() else ({path}.touch(), __import__('os')._exit(1))",)


@needs_ray
def test_work_that_a_killed_worker_held_is_done_again_and_a_deadly_document_is_a_reject(
    pool: Ray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "CHUNK_RECORDS", 2)
    contents: list[Any] = [GOOD, Dies(tmp_path / "died"), GOOD, Dies(), GOOD]
    found = Workers(pool).read([Record(Path("x.csv"), n, 10, content) for n, content in enumerate(contents)])
    assert (tmp_path / "died").exists()
    assert [f if isinstance(f, Reject) else (f.id, len(f.candidates)) for f in found] == [
        ("x-0", 1),
        ("x-1", 1),
        ("x-2", 1),
        Reject("x.csv", 3, "cannot be read: it ends the process that tries"),
        ("x-4", 1),
    ]


@needs_ray
def test_a_machine_with_another_codebook_is_refused(cluster: Any, opening: Opening) -> None:
    with pytest.raises(StanceError, match=r"would give other results: .*codebook='(?!other).*codebook='other'"):
        Ray(opening, Identity("rules", "other", "1"), 2, cluster.address)


@needs_ray
def test_waiting_for_a_core_is_said(
    cluster: Any, opening: Opening, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 0)
    caplog.set_level(logging.WARNING)
    judge = open_judge(opening.codebook, opening.models, opening.model, 1)
    Ray(opening, Identity.of(judge), 2, cluster.address).close()
    (message,) = caplog.messages
    assert re.fullmatch(r"waiting for a core of the Ray cluster: it has \d, and none has been free so far", message)


def below(pid: int) -> set[int]:
    """The processes that one has started, and so on."""
    own = {int(p) for task in Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()}
    return own.union(*map(below, own))


def listening(pids: set[int]) -> set[str]:
    """The addresses, in the kernel's hexadecimal, on which processes wait for connections."""
    held = {str(fd.readlink()) for pid in pids for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()}
    lines = [line.split() for kind in ("tcp", "tcp6") for line in Path(f"/proc/net/{kind}").read_text().splitlines()]
    return {line[1].partition(":")[0] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in held}


@needs_ray
def test_a_cluster_of_its_own_hears_this_machine_alone_and_ends_with_the_run(corpus: Path) -> None:
    """Killed, it leaves no worker, and this machine's own workers go on where it was."""
    arguments = command("corpus", "--output", "out/", "--engine", "ray")
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stderr
        assert process.stderr.readline().startswith("part-00000.jsonl")
        process.send_signal(signal.SIGSTOP)
        pids = below(process.pid)
        names = {pid: Path(f"/proc/{pid}/comm").read_text().strip() for pid in pids}
        workers = {os.pidfd_open(pid) for pid, name in names.items() if name in ("ray::IDLE", "ray::_do")}
        addresses = listening(pids)
        process.kill()
    assert addresses
    assert addresses <= {"0100007F", "0000000000000000FFFF00000100007F"}
    assert workers
    while workers:
        ended = select.select(workers, [], [], 60)[0]
        assert ended, "still alive a minute later"
        workers -= set(ended)
    assert b'"complete"' not in content(Path("out"))["manifest.jsonl"]
    assert run("corpus", "--output", "out/") == 0
    assert content(Path("out")) == content(Path("whole"))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--engine", "ray"), "--engine: is for an archive: give its folder with --output FOLDER/"),
        (("--address", "auto"), "--address: of which engine? Say --engine ray"),
    ],
)
def test_an_engine_is_for_an_archive(
    corpus: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], problem: str
) -> None:
    assert run("corpus", *arguments) == 2
    assert capsys.readouterr().err == f"stance.predict: error: {problem}\n"


def test_without_ray_one_line_says_what_to_install(
    corpus: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert run("corpus", "--output", "out/", "--engine", "ray", "--address", "auto") == 2
    problem = "stance.predict: error: --engine: Ray is not installed (pip install 'stance[ray]')\n"
    assert capsys.readouterr().err == problem


@needs_ray
def test_an_address_where_nobody_listens_is_one_line(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("corpus", "--output", "out/", "--engine", "ray", "--address", "127.0.0.1:1") == 2
    problem = "no Ray cluster at 127.0.0.1:1: [Errno 111] Connection refused"
    assert capsys.readouterr().err == f"stance.predict: error: --engine: {problem}\n"
