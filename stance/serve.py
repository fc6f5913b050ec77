"""Answer over HTTP: `python -m stance.serve` is MLflow's scoring server behind limits on what one client may cost."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import socket
import sys
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

import mlflow
import uvicorn
from mlflow.environment_variables import MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import scoring_server
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from stance import cli
from stance.config import load_pipeline
from stance.errors import ConfigError, ModelError
from stance.tracking import ALIAS, REGISTERED, store_uri

BODY = 4_000_000  # bytes
WAITING = 1_000  # requests that wait for their answer at once: some twenty seconds' work if they are small
PATIENCE: int = MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT.get()  # type: ignore[no-untyped-call]  # seconds, as MLflow's own
GRACE = 10  # seconds for what is under way, once it is told to stop
EXAMPLES = """  python -m stance.serve                        the champion, on http://127.0.0.1:5001
  python -m stance.serve --model models:/stance/3 --port 8000"""
log = logging.getLogger(__name__)


class Guard:
    """ASGI middleware that refuses what costs too much; MLflow's app sees whole bodies of a bounded size only."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, or answer 400, 408, 413, 415 or 503 with `error_code` and `message`."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            body = await _whole(Request(scope, receive))
            await self._answer(body, scope, receive, send)
        except HTTPException as error:
            content = {"error_code": HTTPStatus(error.status_code).name, "message": error.detail}
            await JSONResponse(content, error.status_code, error.headers)(scope, receive, send)
        except (TimeoutError, ClientDisconnect):  # nobody is there to read an answer
            log.debug("a client left")

    async def _answer(self, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        if self._waiting >= WAITING:
            raise HTTPException(503, f"{WAITING} requests are waiting already: try again", {"Retry-After": "1"})
        whole: list[Message] = [{"type": "http.request", "body": body}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        self._waiting += 1
        try:
            async with asyncio.timeout(2 * PATIENCE):
                await self._app(scope, replay, send)
        finally:
            self._waiting -= 1


async def _whole(request: Request) -> bytes:
    """A request's body: complete in time, not too large, and JSON if it says so."""
    kind, body = request.headers.get("content-type"), bytearray()
    if kind is None:
        raise HTTPException(415, "of what type is it? Send the header Content-Type: application/json (or text/csv)")
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                body += part
                if len(body) > BODY:
                    raise HTTPException(413, f"more than {BODY:,} bytes in one request: send several requests")
    except TimeoutError:
        raise HTTPException(408, f"the request was not complete after {PATIENCE} seconds") from None
    except asyncio.CancelledError:  # uvicorn does not wait for the rest of it
        raise HTTPException(503, "the server is being stopped") from None
    if kind.startswith("application/json"):
        try:
            json.loads(body)
        except (ValueError, RecursionError) as error:  # MLflow would send all of it back, or fail
            raise HTTPException(400, f"not JSON: {error}") from None
    return bytes(body)


class Connection(H11Protocol):
    """Closes itself when nothing was asked for PATIENCE seconds; uvicorn waits for ever for the end of a header."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look whether something is asked."""
        super().connection_made(transport)
        self.loop.call_later(PATIENCE, self._look, None)

    def _look(self, answered: object) -> None:
        """Close unless something was asked since the last look, when `answered` was the last request."""
        busy = self.cycle is not None and not self.cycle.response_complete
        if self.transport.is_closing() or (self.cycle is answered and not busy):
            self.transport.abort()
        else:
            self.loop.call_later(PATIENCE, self._look, self if busy else self.cycle)


def _listen(host: str, port: int) -> socket.socket:
    # Only where a socket says that it is TCP does asyncio send at once; else an answer's body waits 40 ms.
    out = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        out.bind((host, port))
    except OSError as error:
        out.close()
        raise ConfigError(f"cannot listen there: {error.strerror}", f"{host}:{port}") from None
    if not out.getsockname()[0].startswith("127."):
        log.warning("whoever reaches %s can ask: there is no password and no TLS (docs/service.md)", host)
    return out


def _body(args: argparse.Namespace) -> int:
    store = store_uri(load_pipeline(args.settings))
    if args.model.startswith("models:/") and not Path(store.removeprefix("sqlite:///")).exists():
        raise ModelError("no model is registered here: run `python -m stance.train`", args.model)
    mlflow.set_tracking_uri(store)
    listener = _listen(args.host, args.port)
    try:
        model = scoring_server.load_model_with_mlflow_config(args.model)  # type: ignore[no-untyped-call]
    except (MlflowException, OSError) as error:
        raise ModelError(f"cannot be loaded: {str(error).splitlines()[0]}", args.model) from None
    log.info("%s answers on http://%s:%d/invocations", args.model, *listener.getsockname())
    config = uvicorn.Config(
        Guard(scoring_server.init(model)),
        http=Connection,
        log_level="warning",
        timeout_graceful_shutdown=GRACE,
    )
    uvicorn.Server(config).run(sockets=[listener])
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = cli.parser("serve", "Answer over HTTP: raw text in, annotations out.", EXAMPLES)
    parser.add_argument("--model", default=f"models:/{REGISTERED}@{ALIAS}", metavar="URI", help="default: %(default)s")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on; default: %(default)s")
    parser.add_argument("--port", type=int, default=5001, help="default: %(default)s")
    return cli.run("serve", _body, parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
