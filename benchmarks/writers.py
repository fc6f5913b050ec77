"""Everything that the program writes, and what is left of it when the process is killed (for reliability.py)."""

from __future__ import annotations

import csv
import functools
import multiprocessing
import random
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from stance import io, output, registry
from stance.exports import bundle, network, tables
from stance.exports.tables import Table

FORK = multiprocessing.get_context("fork")
ROWS = 2000
KILLS = 23  # of each writer
COLUMNS = {"n": "int", "text": "string"}


class Writer(NamedTuple):
    """Something that writes: `write(n)` writes what bears the number n, `whole` says whether it lies there."""

    name: str
    write: Callable[[int], object]
    whole: Callable[[], bool]


def killed(work: Callable[[], object], seconds: float) -> bool:
    """Do work in a process that is killed after so many seconds; whether it was."""
    child = FORK.Process(target=work)
    child.start()
    child.join(seconds)
    child.kill()
    child.join()
    return child.exitcode == -signal.SIGKILL


def rows(n: int) -> list[dict[str, object]]:
    """Rows that all bear one number, so that a mixture of two writes is seen."""
    return [{"n": n, "text": "é" * 50}] * ROWS


def one_write(found: list[Any]) -> bool:
    """Whether rows are all there, and of one write."""
    return len(found) == ROWS and len(set(map(str, found))) == 1


def tabular(at: Path) -> Iterator[Writer]:
    """Files of rows."""
    import pyarrow.parquet as pq

    readers: dict[str, Callable[[], list[Any]]] = {
        "jsonl": lambda: [row for _, row in io.read_jsonl(at / "a.jsonl")],
        "csv": lambda: list(csv.DictReader((at / "a.csv").read_text(encoding="utf-8").splitlines())),
        "parquet": lambda: pq.read_table(at / "a.parquet").to_pylist(),
    }

    def write(form: str, n: int) -> None:
        output.write(form, rows(n), COLUMNS, at / f"a.{form}")

    def whole(form: str) -> bool:
        return one_write(readers[form]())

    for form in readers:
        yield Writer(form, functools.partial(write, form), functools.partial(whole, form))
    path = at / "a.json"
    yield Writer("json", lambda n: io.write_json(path, rows(n)), lambda: one_write(io.read_json(path)))


def exported(at: Path) -> Iterator[Writer]:
    """Files for other programs."""
    import networkx as nx
    import openpyxl

    def write_graph(n: int) -> None:
        graph = nx.MultiDiGraph()
        graph.add_nodes_from((str(node), {"n": n}) for node in range(ROWS))
        network.write_network(graph, at / "a.graphml")

    def whole_graph() -> bool:
        return one_write([n for _, n in nx.read_graphml(at / "a.graphml").nodes(data="n")])

    def write_book(n: int) -> None:
        tables.write_xlsx({"stances": Table([("n", int)], [(n,)] * ROWS)}, at / "a.xlsx")

    def whole_book() -> bool:
        sheet = openpyxl.load_workbook(at / "a.xlsx")["stances"]
        return one_write([row[0].value for row in sheet.iter_rows(min_row=2)])

    def write_bundle(n: int) -> None:
        bundle.write_bundle({f"{i}.txt": str(n).encode() * 5000 for i in range(20)}, at / "a.zip")

    def whole_bundle() -> bool:
        with zipfile.ZipFile(at / "a.zip") as file:
            return file.testzip() is None

    yield Writer("graphml", write_graph, whole_graph)
    yield Writer("xlsx", write_book, whole_book)
    yield Writer("bundle", write_bundle, whole_bundle)


def models(at: Path) -> Iterator[Writer]:
    """A model's folder, and a training's checkpoints."""
    import torch

    from stance.models.checkpoint import Checkpoint

    def write_model(n: int) -> None:
        def files(folder: Path) -> None:
            for i in range(5):
                (folder / f"{i}.onnx").write_bytes(bytes([n % 256]) * 200_000)

        registry.save(at / "m", files, name="m", kind="", codebook="", data="", config={}, notes={})

    network = torch.nn.Linear(200, 200)
    optimiser = torch.optim.AdamW(network.parameters())
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1.0)

    def write_checkpoint(n: int) -> None:
        checkpoint = Checkpoint(at / "c", "key")
        history = checkpoint.resume(network, optimiser, schedule)
        checkpoint.save(network, optimiser, schedule, [*history, {}], best=n % 3 == 0)

    def whole_checkpoint() -> bool:
        return len(list(Checkpoint(at / "c", "key")._whole())) == len(list((at / "c").glob("epoch-*.json")))

    yield Writer("model", write_model, lambda: len(registry.read(registry.locate(at, "m")).files) == 5)
    yield Writer("checkpoint", write_checkpoint, whole_checkpoint)


def kill_writers(rng: random.Random, folder: Path) -> str:
    """Kill each writer at random moments; how many files are damaged then."""
    kills, damaged, names = 0, [], []
    for writer in (*tabular(folder), *exported(folder), *models(folder)):
        names.append(writer.name)
        writer.write(0)
        start = time.perf_counter()
        writer.write(1)
        once = time.perf_counter() - start

        def forever(write: Callable[[int], object] = writer.write) -> None:
            for n in count():
                write(n)

        for _ in range(KILLS):
            kills += killed(forever, 0.02 + rng.random() * 3 * once)
            try:
                whole = writer.whole()
            except Exception as error:  # whatever a reader makes of damage
                damaged.append(f"{writer.name}: {error!r}")
            else:
                damaged += [] if whole else [writer.name]
    left = sum(path.name.endswith(".part") for path in folder.rglob("*"))
    return f"{kills} kills ({', '.join(names)}): {len(damaged)} damaged {damaged}, {left} hidden .part left over"
