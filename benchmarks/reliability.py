"""What is lost when runs are killed, disks are full or the clock jumps: figures of docs/reliability.md.

    python benchmarks/reliability.py [writers resume archive seeds disk clock] [--seed 13]

Each measure works in a temporary folder and prints one line. `writers` kills whoever writes, at a random moment of its
writing, and looks at what lies there; `resume` kills a training of a tiny network and lets it go on, and compares the
weights with those of a training that nobody killed; `archive` does so with a run over 1,000 documents; `seeds` runs the
whole job on a small project twice; `disk` runs it on a disk that gets full at different moments; `clock` (with the
library of the Debian package libfaketime given by --faketime) goes on with an archive years earlier and later.
"""

from __future__ import annotations

import argparse
import functools
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
FORK = multiprocessing.get_context("fork")
SENTENCE = "Turkey hosted the Astana talks on Syria in {}. Iran refused to attend the Geneva talks on Syria. "
Write = Callable[[int], None]
Whole = Callable[[], object]


def killed(work: Callable[[], None], seconds: float) -> bool:
    """Do work in a process that is killed after so many seconds; whether it was."""
    child = FORK.Process(target=work)
    child.start()
    child.join(seconds)
    child.kill()
    child.join()
    return child.exitcode == -signal.SIGKILL


def rows(n: int) -> list[dict[str, object]]:
    """Rows that all bear one number, so that a mixture of two writes is seen."""
    return [{"n": n, "text": "é" * 50} for _ in range(2000)]


def one_number(found: list[Any]) -> bool:
    """Whether rows are those of one write."""
    return len(found) == 2000 and len(set(map(str, found))) == 1


def writers(folder: Path) -> Iterator[tuple[str, Write, Whole]]:
    """Every way of writing that the program has: what writes, and whether what lies there is whole."""
    import csv

    import networkx as nx
    import openpyxl
    import pyarrow.parquet as pq
    import torch

    from stance import io, output, registry
    from stance.exports import bundle, network, tables
    from stance.models.checkpoint import Checkpoint

    columns = {"n": "int", "text": "string"}
    at = folder.joinpath
    yield "JSON", lambda n: io.write_json(at("a.json"), rows(n)), lambda: one_number(io.read_json(at("a.json")))
    for form, read in (
        ("jsonl", lambda: [row for _, row in io.read_jsonl(at("a.jsonl"))]),
        ("csv", lambda: list(csv.DictReader(at("a.csv").open(encoding="utf-8")))),
        ("parquet", lambda: pq.read_table(at("a.parquet")).to_pylist()),
    ):
        write = functools.partial(output.write, form, columns=columns, target=at(f"a.{form}"))
        yield form, lambda n, w=write: w(rows=rows(n)), lambda r=read: one_number(r())  # type: ignore[misc]

    def graph(n: int) -> Any:
        made = nx.MultiDiGraph()
        made.add_nodes_from((str(node), {"n": n}) for node in range(2000))
        return made

    def nodes() -> bool:
        found = nx.read_graphml(at("a.graphml")).nodes(data="n")
        return one_number([n for _, n in found])

    yield "GraphML", lambda n: network.write_network(graph(n), at("a.graphml")), nodes

    def sheet() -> bool:
        made = openpyxl.load_workbook(at("a.xlsx"))["stances"]
        return one_number([cell[0].value for cell in made.iter_rows(min_row=2)])

    def table(n: int) -> Any:
        return tables.Table([("n", int)], [(n,)] * 2000)

    yield "XLSX", lambda n: tables.write_xlsx({"stances": table(n)}, at("a.xlsx")), sheet
    files = lambda n: {f"{i}.txt": str(n).encode() * 5000 for i in range(20)}  # noqa: E731
    yield "bundle", lambda n: bundle.write_bundle(files(n), at("a.zip")), lambda: zipfile.ZipFile(at("a.zip")).testzip() is None  # fmt: skip

    def weights(part: Path, n: int) -> None:
        for i in range(5):
            (part / f"{i}.onnx").write_bytes(bytes([n % 256]) * 200_000)

    def model(n: int) -> None:
        registry.save(at("m"), lambda part: weights(part, n), name="m", kind="", codebook="", data="", config={}, notes={})  # fmt: skip

    yield "model", model, lambda: registry.read(registry.locate(folder, "m")).files
    net = torch.nn.Linear(200, 200)
    optimiser = torch.optim.AdamW(net.parameters())
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1.0)

    def another_epoch(n: int) -> None:
        run = Checkpoint(at("c"), "key")
        done = run.resume(net, optimiser, schedule)
        run.save(net, optimiser, schedule, [*done, {}], best=n % 3 == 0)

    def resumed() -> bool:
        whole = list(Checkpoint(at("c"), "key")._whole())
        return len(whole) == len(list(at("c").glob("epoch-*.json")))

    yield "checkpoint", another_epoch, resumed


def kill_writers(rng: random.Random) -> str:
    """Kill each writer 20 times or more, 200 times in all."""
    total, damaged, left = 0, [], 0
    names = []
    with tempfile.TemporaryDirectory() as name:
        for what, write, whole in writers(Path(name)):
            names.append(what)

            def forever(write: Write = write) -> None:
                for n in count():
                    write(n)

            write(0)
            start = time.perf_counter()
            write(1)
            once = time.perf_counter() - start
            for _ in range(23):
                total += killed(forever, 0.02 + rng.random() * 3 * once)
                try:
                    good = whole()
                except Exception as error:  # any kind is damage
                    good, what = False, f"{what}: {error!r}"
                if not good:
                    damaged.append(what)
        left = sum(".part" in path.name for path in Path(name).rglob("*"))
    return (
        f"{total} kills over {', '.join(names)}: {len(damaged)} damaged {damaged or ''}; {left} hidden .part left over"
    )


def small(folder: Path) -> Path:
    """A small project with a tiny encoder, whose whole job takes about a minute."""
    from tests.conftest import shrink, small_project

    folder.mkdir()
    small_project(folder)
    shrink(folder / "configs")
    for name in ("raw", "review"):
        (folder / "data" / name).mkdir()
    return folder


def stance(folder: Path, *arguments: str, limit: int | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a verb there, with no file larger than `limit`."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"} | more

    def limited() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", f"stance.{arguments[0]}", *arguments[1:]]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, preexec_fn=limited)  # fmt: skip


def kill_training(rng: random.Random) -> str:
    """Kill a training at 10 random moments, each time on its own, and let it go on."""
    import torch
    from safetensors.torch import save_model

    from stance.io import file_digest
    from stance.models.transformer import TransformerModel
    from tests.conftest import tiny_encoder
    from tests.models.test_models import ROWS, config

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tiny_encoder(folder / "encoder")

        def train(work: str) -> None:
            model = TransformerModel(config(folder / "encoder", epochs=5))
            model.fit(ROWS, ROWS, 13, folder / f"{work}-checkpoint", lambda name, share: None)
            save_model(model._network, str(folder / f"{work}.safetensors"))

        start = time.perf_counter()
        assert not killed(lambda: train("whole"), 600)
        whole = time.perf_counter() - start
        kills, equal, went_on = 0, 0, 0
        while kills < 10:
            work = f"run-{kills}"
            if not killed(functools.partial(train, work), whole * (0.2 + 0.8 * rng.random())):
                (folder / f"{work}.safetensors").unlink()
                continue
            kills += 1
            went_on += any((folder / f"{work}-checkpoint").glob("epoch-*.json"))
            assert not killed(functools.partial(train, work), 600)
            equal += file_digest(folder / f"{work}.safetensors") == file_digest(folder / "whole.safetensors")
    return f"{equal} of {kills} killed trainings end with the weights of the undisturbed one ({went_on} went on from a checkpoint)"


def documents(path: Path, number: int = 1000) -> None:
    """An archive of so many documents with a dateline."""
    head = "ASTANA, January 30, 2018 (Levant Wire) - "
    lines = (json.dumps({"doc": f"d{n}", "text": head + SENTENCE.format(n) * 5}) for n in range(number))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


ARCHIVE = ("predict", "all.jsonl", "--model", "rules", "--set", "pipeline.archive.part_documents=20", "--output")


def content(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def kill_archive(rng: random.Random) -> str:
    """Kill a run over 1,000 documents 20 times."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents(folder / "all.jsonl")
        stance(folder, *ARCHIVE, "whole/")
        kills = 0
        while kills < 20:
            command = [sys.executable, "-m", f"stance.{ARCHIVE[0]}", *ARCHIVE[1:], "out/"]
            with subprocess.Popen(command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True) as run:  # fmt: skip
                assert run.stderr
                for _ in range(rng.randint(1, 3)):  # so that some parts are done
                    run.stderr.readline()
                time.sleep(rng.random() * 0.2)
                run.kill()
                kills += run.wait() == -signal.SIGKILL
                run.stderr.read()
            if b'"complete"' in (folder / "out/manifest.jsonl").read_bytes():
                shutil.rmtree(folder / "out")
        stance(folder, *ARCHIVE, "out/")
        ids = [json.loads(line)["doc"] for part in sorted((folder / "out").glob("part*")) for line in part.open()]
        missing = 1000 - len(set(ids))
        same = content(folder / "out") == content(folder / "whole")
    return f"{kills} kills: {missing} documents missing, bytes of the undisturbed run: {'yes' if same else 'NO'}"


def same_seed(_: random.Random) -> str:
    """The whole job twice on the same small project."""
    from stance import registry

    found = []
    with tempfile.TemporaryDirectory() as name:
        first = small(Path(name) / "0")
        shutil.copytree(first, Path(name) / "1")
        for folder in (first, Path(name) / "1"):
            done = stance(folder, "train", "-q", "--set", "pipeline.threads=1", OMP_NUM_THREADS="1")
            assert done.returncode == 0, done.stderr
            (folder / "a.txt").write_text(SENTENCE.format("May") * 3, encoding="utf-8")
            models = [registry.read(folder / "models" / model).files for model in ("tfidf", "transformer")]
            printed = [
                stance(folder, "predict", "a.txt", "--all", "--model", m).stdout for m in ("tfidf", "transformer")
            ]
            found.append((models, printed))
    (models, printed), (other, again) = found
    files = [(a[file], b[file]) for a, b in zip(models, other, strict=True) for file in a]
    return (
        f"{sum(a == b for a, b in files)} of {len(files)} model files equal; predictions byte-equal: {printed == again}"
    )


def full_disk(_: random.Random) -> str:
    """The whole job again and again on a trained project, where a file may not be larger than a limit."""
    from stance import registry

    ends: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = small(Path(name) / "0")
        assert stance(folder, "train", "-q").returncode == 0
        before = {m: registry.read(folder / "models" / m) for m in ("tfidf", "transformer")}
        bad = 0
        for limit in (200, 2_000, 20_000, 100_000, 300_000, 1_000_000, 3_000_000, 4_500_000, 6_000_000):
            done = stance(folder, "train", "-q", limit=limit)
            last = (done.stderr.strip().splitlines() or [""])[-1]
            whole = all(registry.read(folder / "models" / m).files == before[m].files for m in before)
            fine = (done.returncode == 2 and done.stderr.count("\n") == 1) or done.returncode == 0
            bad += not (fine and whole)
            ends[f"{limit:,}"] = f"rc {done.returncode}, models as before: {whole}, {last[-110:]}"
    return f"{bad} of {len(ends)} limits end in more than one line or lose a model\n" + "\n".join(f"    {k}: {v}" for k, v in ends.items())  # fmt: skip


def jumping_clock(faketime: str | None) -> str:
    """An archive of which one half is read 12 years earlier, or later, by the clock."""
    if not faketime:
        return "not measured: needs --faketime libfaketime.so.1"
    out = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents(folder / "all.jsonl", 400)
        stance(folder, *ARCHIVE, "whole/")
        for jump in ("-12y", "+12y"):
            run = functools.partial(stance, folder, *ARCHIVE, "out/")
            with subprocess.Popen([sys.executable, "-m", f"stance.{ARCHIVE[0]}", *ARCHIVE[1:], "out/"], cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE) as half:  # fmt: skip
                assert half.stderr
                half.stderr.readline()
                half.kill()
                half.stderr.read()
            done = run(LD_PRELOAD=faketime, FAKETIME=jump)
            parts = [[row for part in sorted((folder / kind).glob("part*")) for row in map(json.loads, part.open())] for kind in ("whole", "out")]  # fmt: skip
            undated = sum(row["date"] is None for row in parts[1])
            same = [{**row, "date": None} for row in parts[0]] == [{**row, "date": None} for row in parts[1]]
            out.append(f"{jump}: rc {done.returncode}, rows equal but for dates: {same}, dates lost: {undated} of {len(parts[1])}")  # fmt: skip
            shutil.rmtree(folder / "out")
    return "; ".join(out)


MEASURES: Mapping[str, Callable[[random.Random], str]] = {
    "writers": kill_writers,
    "resume": kill_training,
    "archive": kill_archive,
    "seeds": same_seed,
    "disk": full_disk,
}


def main() -> None:
    """Print a line for each measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measures", nargs="*", choices=[*MEASURES, "clock", []], default=[*MEASURES, "clock"])
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--faketime", help="path of libfaketime.so.1")
    args = parser.parse_args()
    for name in args.measures:
        found = jumping_clock(args.faketime) if name == "clock" else MEASURES[name](random.Random(args.seed))
        print(f"{name}: {found}", flush=True)


if __name__ == "__main__":
    main()
