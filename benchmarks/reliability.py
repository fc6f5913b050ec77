"""What is lost when runs are killed, disks get full or the clock jumps: figures of docs/reliability.md.

    python benchmarks/reliability.py [writers resume archive seeds disk clock] [--seed 13] [--faketime FILE]

Each measure works in a temporary folder and prints what it found. `writers` kills whoever writes at a random moment
(benchmarks/writers.py); `resume` kills a training of a tiny network, lets it go on, and compares its weights with those
of a training that nobody killed; `archive` does so with a run over 1,000 documents; `seeds` runs the whole job twice on
a small project; `disk` runs it on a trained project where no file may be larger than a limit; `clock` goes on with an
archive 12 years earlier and later (--faketime: libfaketime.so.1, of the Debian package libfaketime).
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from writers import kill_writers, killed

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
TEXT = (
    "ASTANA, January 30, 2018 (Levant Wire) - "
    + 5 * "Turkey hosted the Astana talks. Iran refused to attend the Geneva talks. "
)
ARCHIVE = ("predict", "all.jsonl", "--model", "rules", "--set", "pipeline.archive.part_documents=20", "--output")
LIMITS = (200, 2_000, 20_000, 100_000, 300_000, 1_000_000, 3_000_000, 4_500_000, 6_000_000)


def started(folder: Path, *arguments: str, limit: int | None = None, **more: str) -> subprocess.Popen[str]:
    """Start a verb in a folder, with no file larger than `limit` bytes."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"} | more

    def limited() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", f"stance.{arguments[0]}", *arguments[1:]]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=folder, env=environment, preexec_fn=limited, **pipes)  # type: ignore[call-overload, no-any-return]


def stance(folder: Path, *arguments: str, limit: int | None = None, **more: str) -> tuple[int, str, str]:
    """Run a verb in a folder: its exit code, output and errors."""
    process = started(folder, *arguments, limit=limit, **more)
    out, err = process.communicate()
    return process.returncode, out, err


def small(folder: Path) -> Path:
    """A small project with a tiny encoder, whose whole job takes about a minute."""
    from tests.conftest import shrink, small_project

    folder.mkdir()
    small_project(folder)
    shrink(folder / "configs")
    for name in ("raw", "review"):
        (folder / "data" / name).mkdir()
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    return folder


def kill_training(rng: random.Random, folder: Path) -> str:
    """Kill 10 trainings at random moments and let each go on."""
    import torch
    from safetensors.torch import save_model

    from stance.io import file_digest
    from stance.models.transformer import TransformerModel
    from tests.conftest import tiny_encoder
    from tests.models.test_models import ROWS, config

    torch.set_num_threads(1)
    tiny_encoder(folder / "encoder")

    def train(work: str) -> None:
        model = TransformerModel(config(folder / "encoder", epochs=5))
        model.fit(ROWS, ROWS, 13, folder / f"{work}-checkpoint", lambda name, share: None)
        save_model(model._network, str(folder / f"{work}.safetensors"))

    start = time.perf_counter()
    assert not killed(functools.partial(train, "whole"), 600)
    whole = time.perf_counter() - start
    equal, went_on, kills = 0, 0, 0
    while kills < 10:
        run = functools.partial(train, f"run-{kills}")
        if not killed(run, whole * (0.2 + 0.8 * rng.random())):
            continue  # it had ended
        went_on += any((folder / f"run-{kills}-checkpoint").glob("epoch-*.json"))
        assert not killed(run, 600)
        equal += file_digest(folder / f"run-{kills}.safetensors") == file_digest(folder / "whole.safetensors")
        kills += 1
    return f"{equal} of 10 end with the weights of the undisturbed training; {went_on} went on from a checkpoint"


def documents(path: Path, number: int) -> None:
    """An archive of so many documents with a dateline."""
    path.write_text("".join(json.dumps({"doc": f"d{n}", "text": f"{TEXT}({n})"}) + "\n" for n in range(number)))


def content(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def predictions(folder: Path) -> list[dict[str, object]]:
    """The rows of an archive's parts."""
    return [json.loads(line) for part in sorted(folder.glob("part*")) for line in part.open(encoding="utf-8")]


def stopped(folder: Path, parts: int, seconds: float) -> bool:
    """Begin or go on with the archive, and kill it once so many parts more are done; whether it was still at work."""
    with started(folder, *ARCHIVE, "out/") as run:
        assert run.stderr
        for _ in range(parts):
            run.stderr.readline()
        time.sleep(seconds)
        run.kill()
        run.stderr.read()
    return run.returncode == -signal.SIGKILL


def kill_archive(rng: random.Random, folder: Path) -> str:
    """Kill a run over 1,000 documents 20 times."""
    documents(folder / "all.jsonl", 1000)
    stance(folder, *ARCHIVE, "whole/")
    kills = sum(stopped(folder, rng.randint(1, 3), rng.random() * 0.2) for _ in range(20))
    stance(folder, *ARCHIVE, "out/")
    rows, expected = (len(predictions(folder / name)) for name in ("out", "whole"))
    missing = 1000 - len({row["doc"] for row in predictions(folder / "out")})
    same = content(folder / "out") == content(folder / "whole")
    return (
        f"{kills} kills: {missing} documents missing, {rows} of {expected} rows, bytes of the undisturbed run: {same}"
    )


def same_seed(_: random.Random, folder: Path) -> str:
    """The whole job twice on the same small project."""
    from stance import registry

    first, second = small(folder / "0"), folder / "1"
    shutil.copytree(first, second)
    names = ("tfidf", "transformer")
    for project in (first, second):
        code, _out, error = stance(project, "train", "-q", OMP_NUM_THREADS="1")
        assert code == 0, error
    files: dict[str, bool] = {}
    for name in names:
        one, other = (registry.read(project / "models" / name).files for project in (first, second))
        files |= {f"{name}/{file}": one[file] == other[file] for file in one}
    printed = [
        [stance(project, "predict", "a.txt", "--all", "--model", name)[1] for name in names]
        for project in (first, second)
    ]
    differ = [file for file, same in files.items() if not same]
    return f"{len(files) - len(differ)} of {len(files)} files equal {differ}, predictions: {printed[0] == printed[1]}"


def full_disk(_: random.Random, folder: Path) -> str:
    """The whole job again on a trained project, at ever higher limits on the size of a file."""
    from stance import registry

    small(folder / "0")
    project = folder / "0"
    assert stance(project, "train", "-q")[0] == 0
    names = ("tfidf", "transformer")
    lines, bad = [], 0
    for limit in LIMITS:
        code, _out, error = stance(project, "train", "-q", "--set", f"pipeline.seed={limit}", limit=limit)
        for name in names:
            registry.read(project / "models" / name)  # else an error
        bad += not (code == 0 or (code == 2 and error.count("\n") == 1))
        said = (error.strip().splitlines() or ["done"])[-1]
        lines.append(f"    {limit:9,} bytes: exit code {code}, {error.count(chr(10))} lines: {said[-100:]}")
    return "\n".join([f"{bad} of {len(LIMITS)} end otherwise than in one line; both models whole after each", *lines])


def jumping_clock(_: random.Random, folder: Path, faketime: str | None) -> str:
    """An archive whose second half is read 12 years earlier, or later, by the clock."""
    if not faketime:
        return "not measured: needs --faketime"
    found = []
    documents(folder / "all.jsonl", 400)
    stance(folder, *ARCHIVE, "whole/")
    for jump in ("-12y", "+12y"):
        stopped(folder, 1, 0)
        code = stance(folder, *ARCHIVE, "out/", LD_PRELOAD=faketime, FAKETIME=jump)[0]
        rows, whole = predictions(folder / "out"), predictions(folder / "whole")
        undated = sum(row["date"] is None for row in rows)
        same = [row | {"date": None} for row in rows] == [row | {"date": None} for row in whole]
        found.append(f"{jump}: exit code {code}, dates lost {undated} of {len(rows)}, all else the same: {same}")
        shutil.rmtree(folder / "out")
    return "; ".join(found)


def main() -> None:
    """Print what each measure found."""
    measures: dict[str, Callable[[random.Random, Path], str]] = {
        "writers": kill_writers,
        "resume": kill_training,
        "archive": kill_archive,
        "seeds": same_seed,
        "disk": full_disk,
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measures", nargs="*", choices=[*measures, "clock", []], default=[*measures, "clock"])
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--faketime")
    args = parser.parse_args()
    measures["clock"] = functools.partial(jumping_clock, faketime=args.faketime)
    for name in args.measures:
        with tempfile.TemporaryDirectory() as folder:
            print(f"{name}: {measures[name](random.Random(args.seed), Path(folder))}", flush=True)


if __name__ == "__main__":
    main()
