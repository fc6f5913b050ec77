"""The registered model over HTTP: the rows that predict prints, errors that say what to do, and a server that stays up."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from stance import predict, serve
from tests.conftest import ROOT, benchmark

TEXT = "Turkey said it would host the Astana talks on Syria. Iran refused to attend the Geneva talks on Syria."
ROWS: list[dict[str, Any]] = [
    {"doc": "first", "date": "2018-01-22", "outlet": "Levant Wire", "text": TEXT},
    {"text": "ASTANA, January 23, 2017 - Iran said it would \u201cnever\u201d attend the Geneva talks on Syria."},
    {"text": "Nothing of note \u0000 happened."},
]
HALF = b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"
JSON = "application/json"
Answer = tuple[int, str]


def ask(port: int, body: bytes, kind: str | None = JSON) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST", "/invocations", body, {"Content-Type": kind} if kind else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def told(port: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    status, content = ask(port, json.dumps({"dataframe_records": rows}).encode())
    assert status == 200, content
    found: list[dict[str, Any]] = json.loads(content)["predictions"]
    return found


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """Both ways to serve the released model, each on a port of 127.0.0.1."""
    service = benchmark("service")
    model = service.save(tmp_path_factory.mktemp("served") / "model")
    found = {server: service.free_port() for server in ("mlflow", "stance")}
    with ExitStack() as stack:
        starts = [service.running(server, model, port) for server, port in found.items()]
        with ThreadPoolExecutor() as pool:
            list(pool.map(stack.enter_context, starts))
        yield found


@pytest.fixture(params=["mlflow", "stance"])
def port(ports: dict[str, int], request: pytest.FixtureRequest) -> Iterator[int]:
    """A server that answers after the test as it did before."""
    port = ports[request.param]
    yield port
    assert {(row["actor"], row["process"]) for row in told(port, [{"text": TEXT}])} == {
        ("Turkey", "astana"),
        ("Iran", "geneva"),
    }


def test_the_answer_has_the_rows_that_predict_prints(
    port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "news.jsonl"
    table.write_text("".join(json.dumps({"doc": str(n), **row}) + "\n" for n, row in enumerate(ROWS)))
    assert predict.main([str(table), "--model", "release", "--format", "jsonl", "-q"]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told(port, ROWS) == printed
    assert {(row["doc"], row["date"], row["outlet"]) for row in printed} == {
        ("first", "2018-01-22", "Levant Wire"),
        ("1", "2017-01-23", None),
    }


def test_a_batch_says_of_each_text_what_it_says_of_it_alone(port: int) -> None:
    alone = [[{**row, "doc": None} for row in told(port, [{"text": row["text"]}])] for row in ROWS]
    for size in (1, 32, 1_000):
        texts = [{"text": ROWS[n % 40]["text"] if n % 40 < len(ROWS) else "No news."} for n in range(size)]
        found = told(port, texts)
        for n in range(size):
            own = [{**row, "doc": None} for row in found if row["doc"] == str(n)]
            assert own == (alone[n % 40] if n % 40 < len(ROWS) else [])


def records(*texts: object) -> bytes:
    return json.dumps({"dataframe_records": [{"text": text} for text in texts]}).encode()


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (TEXT.encode(), "text/plain", 415, "only supports the following content types"),
        (b"text\nHello", "text/csv; charset=latin-1", 415, "only supports UTF-8"),
        (b'{"dataframe_records": [', JSON, 400, "line 1 column 24"),
        (b"", JSON, 400, "line 1 column 1"),
        (b'{"dataframe_records": [{"text": "\xff"}]}', JSON, 400, "invalid start byte"),
        (b'["Turkey"]', JSON, 400, "dictionary with exactly one of the input fields"),
        (b'{"dataframe_records": [{"txt": "Turkey"}]}', JSON, 400, "missing inputs ['text']"),
        (b'{"dataframe_records": [{"text": "Turkey \\ud800 agrees"}]}', JSON, 400, "surrogates not allowed"),
        (records(TEXT, ""), JSON, 400, "row 1:text: no text"),
        (records(TEXT, None), JSON, 400, "row 1:text: no text"),
        (records(5), JSON, 400, "row 0:text: no text"),
        (records(*["a"] * 1_001), JSON, 400, "1,001 texts in one request; at most 1,000: send several requests"),
        (records("a" * 1_000_001), JSON, 400, "1,000,001 characters in one request; at most 1,000,000"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(
    port: int, body: bytes, kind: str, status: int, said: str
) -> None:
    got, content = ask(port, body, kind)
    assert (got, said in content) == (status, True), content[:600]
    assert len(content) < 3_000
    assert "Traceback" not in content


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (records(TEXT), None, 415, "Send the header Content-Type: application/json"),
        (b"[" * 100_000, JSON, 400, "not JSON: maximum recursion depth exceeded"),
        (b"9" * 5_000, JSON, 400, "not JSON: Exceeds the limit (4300 digits)"),
        (b'{"dataframe_records": [{"text": "' + b"a" * 3_000_000, JSON, 400, "not JSON: Unterminated string"),
        (records("a" * 4_000_000), JSON, 413, "more than 4,000,000 bytes in one request: send several requests"),
    ],
)
def test_what_mlflow_would_fail_on_is_refused_with_a_reason(
    ports: dict[str, int], body: bytes, kind: str | None, status: int, said: str
) -> None:
    got, content = ask(ports["stance"], body, kind)
    assert got == status
    assert said in json.loads(content)["message"]
    assert len(told(ports["stance"], ROWS[:1])) == 2


def test_three_hundred_silent_clients_hold_nobody_up(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
    for n, client in enumerate(silent):
        client.sendall((b"", b"POST /invoc", HALF)[n % 3])
    assert len(told(port, ROWS[:1])) == 2
    for client in silent:
        client.close()


def test_it_listens_on_this_machine_only(port: int) -> None:
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines() if " 0A " in line]
    assert [address for address in listening if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


def test_a_taken_port_and_a_model_that_is_not_there_are_one_line(
    ports: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert serve.main(["--model", "nowhere", "--port", str(ports["stance"])]) == 2
    assert capsys.readouterr().err.endswith(
        f"127.0.0.1:{ports['stance']}: cannot listen there: Address already in use\n"
    )
    assert serve.main(["--host", "0.0.0.0", "--port", "0", "--model", "nowhere"]) == 2
    warned, failed = capsys.readouterr().err.splitlines()
    assert warned == "whoever reaches 0.0.0.0 can ask: there is no password and no TLS (docs/service.md)"
    assert failed.startswith("stance.serve: error: nowhere: cannot be loaded")
    assert serve.main([]) == 2
    assert (
        "models:/stance@champion: no model is registered here: run `python -m stance.train`" in capsys.readouterr().err
    )
    assert not list(tmp_path.iterdir())


class Slow:
    """An app that keeps its first caller waiting until it is told to go on."""

    def __init__(self) -> None:
        self.came, self.go_on = threading.Event(), threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        first = not self.came.is_set()
        self.came.set()
        if first:
            await asyncio.to_thread(self.go_on.wait)
        content = (await receive())["body"]
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content))]}
        )
        await send({"type": "http.response.body", "body": content})


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Slow], int]]:
    """Starts a server with a guard of little patience that lets one request wait."""
    monkeypatch.setattr(serve, "PATIENCE", 1)
    monkeypatch.setattr(serve, "WAITING", 1)
    with ExitStack() as stack:

        def start(app: Slow) -> int:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            config = uvicorn.Config(serve.Guard(app), http=serve.Connection, lifespan="off", log_level="error")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, args=([listener],))
            thread.start()
            stack.callback(thread.join)
            stack.callback(setattr, server, "should_exit", True)
            stack.callback(app.go_on.set)
            return int(listener.getsockname()[1])

        yield start


def test_a_full_queue_is_said_and_empties(guarded: Callable[[Slow], int]) -> None:
    app = Slow()
    port = guarded(app)
    got: list[Answer] = []
    first = threading.Thread(target=lambda: got.append(ask(port, b"1")))
    first.start()
    assert app.came.wait(60)
    status, content = ask(port, b"2")
    assert (status, json.loads(content)) == (
        503,
        {"error_code": "SERVICE_UNAVAILABLE", "message": "1 requests are waiting already: try again"},
    )
    app.go_on.set()
    first.join()
    assert got == [(200, "1")]
    assert ask(port, b"3") == (200, "3")


def test_silent_clients_are_sent_away(guarded: Callable[[Slow], int]) -> None:
    app = Slow()
    app.go_on.set()
    port = guarded(app)
    with ExitStack() as stack:
        nothing, half_a_header, half_a_body, later = (
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 60)) for _ in range(4)
        )
        half_a_header.sendall(b"POST /invoc")
        half_a_body.sendall(HALF)
        later.sendall(HALF.replace(b"90", b"1").replace(b"{", b"1") + b"POST /invoc")
        assert (nothing.recv(9), half_a_header.recv(9)) == (b"", b"")
        assert b"the request was not complete after 1 seconds" in half_a_body.makefile("rb").read()
        assert later.makefile("rb").read().endswith(b"\r\n\r\n1")
    assert ask(port, b"2") == (200, "2")


def test_the_documented_limits_are_the_programs() -> None:
    text = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    for limit in (serve.BODY, serve.WAITING, serve.PATIENCE, 1_000, 1_000_000):
        assert f"{limit:,}" in text
