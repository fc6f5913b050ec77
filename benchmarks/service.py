"""What the service stands: speed, ten thousand requests at once, clients that hang, and an hour of load.

    python benchmarks/service.py [--server stance|mlflow] [--requests 10000] [--flight 500 10000] [--hang 1000]
    python benchmarks/service.py --minutes 60 [--rate 2]      # the soak, instead of the rest

Starts `python -m stance.serve` or `mlflow models serve` with the released model on a free port of 127.0.0.1, and stops
it. Every answer is compared with the first one to the same request. Linux: memory is read from /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import aiohttp
import mlflow
import numpy as np

from stance import tracking

ROOT = Path(__file__).parent.parent
TEXT = "Turkey said it would send a delegation to the Astana talks on Syria."
JSON = {"Content-Type": "application/json"}
# What a client may have sent when it falls silent: nothing, half a header, half a body.
SILENT = (
    b"",
    b"POST /invo",
    b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Length: 9\r\n\r\n{",
)
SAMPLE = 10.0  # seconds between two readings of the memory
FLIGHT = 16  # requests of the soak at once


class Request(NamedTuple):
    """One request: its body and what the header says of it."""

    body: bytes
    headers: dict[str, str] = JSON


class Outcome(NamedTuple):
    """What a client got, and after how many seconds: a status, "wrong" or what broke."""

    said: str
    seconds: float


def ask_for(*texts: str) -> Request:
    """A request for texts."""
    return Request(json.dumps({"dataframe_records": [{"text": t} for t in texts]}).encode())


def save(folder: Path) -> Path:
    """The released model as MLflow keeps it, in a new folder."""
    about = tracking.service(ROOT / "models" / "release", ROOT / "configs" / "codebook.yaml")
    mlflow.pyfunc.save_model(folder, **about)
    return folder


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(server: str, model: Path, port: int, patience: int = 60) -> Iterator[int]:
    """A server that answers on 127.0.0.1 and is stopped in the end; gives the id of the process that answers."""
    command = [sys.executable, "-m", "stance.serve", "--model", str(model), "--port", str(port)]
    if server == "mlflow":
        command = ["mlflow", "models", "serve", "-m", str(model), "--env-manager", "local", "--port", str(port)]
        command += ["--timeout", str(patience)]
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT": str(patience),
    }
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except OSError:
                if started.poll() is not None:
                    raise
                time.sleep(0.1)
        else:
            raise TimeoutError(f"{server} does not answer")
        below = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
        yield int(below[0]) if below else started.pid
    finally:
        started.terminate()
        try:
            started.wait(60)
        except subprocess.TimeoutExpired:  # it still judges what nobody waits for
            started.kill()
            started.wait()


def megabytes(process: int) -> float:
    """A process's resident memory."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


class Client:
    """Sends requests and counts what comes back."""

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self._url, self._session = f"http://127.0.0.1:{port}/invocations", session
        self._first: dict[bytes, bytes] = {}
        self.outcomes: list[Outcome] = []

    async def send(self, request: Request) -> None:
        """Send one request and note what became of it."""
        start = time.perf_counter()
        try:
            async with self._session.post(self._url, data=request.body, headers=request.headers) as answer:
                content, said = await answer.read(), str(answer.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            content, said = b"", type(error).__name__
        if said == "200" and self._first.setdefault(request.body, content) != content:
            said = "wrong"
        self.outcomes.append(Outcome(said, time.perf_counter() - start))


def report(title: str, outcomes: Sequence[Outcome], seconds: float) -> None:
    """Print how many got what, and how soon those that were answered had their answer."""
    said = ", ".join(f"{n:,} x {what}" for what, n in Counter(o.said for o in outcomes).most_common())
    waits = [o.seconds for o in outcomes if o.said == "200"] or [0.0, 0.0]
    p50, p95 = np.quantile(waits, (0.5, 0.95))
    print(f"{title:28} {len(outcomes) / seconds:7.1f}/s  p50 {p50:7.3f} s  p95 {p95:7.3f} s  {said}", flush=True)


async def burst(port: int, requests: int, flight: int) -> None:
    """So many small requests, so many of them at once."""
    timeout = aiohttp.ClientTimeout(total=300)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
        client, room = Client(port, session), asyncio.Semaphore(flight)

        async def one() -> None:
            async with room:
                await client.send(ask_for(TEXT))

        start = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(requests)))
        report(f"{requests:,} requests, {flight:,} at once", client.outcomes, time.perf_counter() - start)


async def hang(port: int, clients: int) -> None:
    """Clients that fall silent, and what one that does not gets meanwhile."""
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(clients)]
    start = time.perf_counter()
    for n, (_, writer) in enumerate(opened):
        writer.write(SILENT[n % len(SILENT)])
    await burst(port, 20, 1)

    async def closed(reader: asyncio.StreamReader) -> Outcome:
        try:
            answer = await asyncio.wait_for(reader.read(), 130)
        except (TimeoutError, ConnectionError) as error:
            return Outcome("still open" if isinstance(error, TimeoutError) else "reset", time.perf_counter() - start)
        return Outcome(answer.partition(b"\r\n")[0].decode() or "closed", time.perf_counter() - start)

    ended = await asyncio.gather(*(closed(reader) for reader, _ in opened))
    for n, what in enumerate(("nothing sent", "half a header", "half a body")):
        own = ended[n :: len(SILENT)]
        said = ", ".join(f"{k} x {v}" for v, k in Counter(o.said for o in own).items())
        print(f"  {what:14} {said}, after {min(o.seconds for o in own):.0f} to {max(o.seconds for o in own):.0f} s")
    for _, writer in opened:
        writer.close()


def mixture() -> list[Request]:
    """Requests of many sizes, every fifth of them faulty."""
    lines = (ROOT / "data/corpus/documents.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    good = [ask_for(*texts[n : n + size]) for n, size in enumerate((1, 1, 2, 1, 4, 1, 1, 8, 1, 1) * 12)]
    good += [ask_for("\n\n".join(texts[n : n + size])) for n, size in enumerate((2, 5, 10) * 5, 200)]
    bad = [
        Request(b'{"dataframe_records": ['),
        Request(b"[" * 100_000),
        Request(TEXT.encode(), {"Content-Type": "text/plain"}),
        Request(b'{"dataframe_records": [{"txt": "a"}]}'),
        Request(b'{"dataframe_records": [{"text": "\\ud800"}]}'),
        ask_for(" "),
        ask_for(*["a"] * 1_001),
        ask_for("word " * 300_000),
        Request(b'{"dataframe_records": [{"text": "' + b"x" * 5_000_000),
    ]
    spoilt = cycle(bad)
    return [r for n, request in enumerate(good) for r in ((request, next(spoilt)) if n % 4 == 3 else (request,))]


async def soak(port: int, process: int, minutes: float, rate: float) -> None:
    """A load of so many requests a second, or as many as the machine has time for; the memory of the server."""
    memory: list[tuple[float, float]] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as session:
        client, flying = Client(port, session), set[asyncio.Task[None]]()
        start = time.monotonic()
        for n, request in enumerate(cycle(mixture())):
            await asyncio.sleep(max(0.0, start + n / rate - time.monotonic()))
            if len(flying) >= FLIGHT:
                await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
            if (now := time.monotonic() - start) > 60 * minutes:
                break
            flying.add(task := asyncio.create_task(client.send(request)))
            task.add_done_callback(flying.discard)
            if now >= SAMPLE * len(memory):
                memory.append((now / 60, megabytes(process)))
                if len(memory) % 30 == 1:
                    print(f"  minute {memory[-1][0]:5.1f}: {memory[-1][1]:6.1f} MB, {n:,} requests", flush=True)
        await asyncio.gather(*flying)
    report(f"{minutes:g} minutes, {rate:g} a second", client.outcomes, 60 * minutes)
    at = np.array(memory)
    for name, share in (("start", 0.0), ("quarter", 0.25), ("half", 0.5), ("three quarters", 0.75), ("end", 1.0)):
        minute = max(min(1.0, minutes / 4), share * minutes)
        near = at[np.abs(at[:, 0] - minute) <= 1, 1]
        print(f"  {name:15} {statistics.mean(near):6.1f} MB")
    late = at[at[:, 0] >= minutes / 2]
    slope = 60 * np.polyfit(late[:, 0], late[:, 1], 1)[0]
    print(f"  slope of the second half {slope:+.1f} MB an hour, most {at[:, 1].max():.1f} MB")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", choices=("stance", "mlflow"), default="stance")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--flight", type=int, nargs="*", default=[500, 10_000])
    parser.add_argument("--hang", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--rate", type=float, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model, port = save(Path(folder) / "model"), args.port or free_port()
        with running(args.server, model, port) as process:
            files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
            print(f"{args.server}: {megabytes(process):.1f} MB, at most {files:,} open files")
            if args.minutes:
                asyncio.run(soak(port, process, args.minutes, args.rate))
                return
            for requests, flight in ((300, 1), (500, 8), *((args.requests, flight) for flight in args.flight)):
                asyncio.run(burst(port, requests, flight))
            print(f"  {megabytes(process):.1f} MB")
            asyncio.run(hang(port, args.hang))
            asyncio.run(burst(port, 300, 1))
            print(f"  {megabytes(process):.1f} MB")


if __name__ == "__main__":
    main()
