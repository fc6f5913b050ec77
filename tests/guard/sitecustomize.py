"""On the path of a Python process, with GUARD naming a file: writes there every connection that leaves this machine, which
is refused, and every library with telemetry that is imported before its telemetry is off."""

from __future__ import annotations

import os
import sys
from typing import Any

LOG = os.environ.get("GUARD")
SWITCHES = {
    "mlflow": {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"},
    "huggingface_hub": {"HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "true"},
}
CONNECTING = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}
HERE = ("127.0.0.1", "::1", "localhost", None)


def say(line: str) -> None:
    with open(str(LOG), "a", encoding="utf-8") as file:  # noqa: PTH123 (nothing is imported that a program might not)
        file.write(f"{line}\n")


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "import" and arguments[0] in SWITCHES:
        switches = SWITCHES[arguments[0]]
        off = all(os.environ.get(name) == value for name, value in switches.items())
        say(f"{arguments[0]} is imported with its telemetry {'off' if off else 'ON'}")
    elif event in CONNECTING:
        address = arguments[CONNECTING[event]]
        if isinstance(address, tuple):
            address = address[0]
        elif event in ("socket.connect", "socket.sendto"):
            return  # a socket of this machine's own kind
        if address not in HERE:
            say(f"{event} {address!r} by {sys.argv[:1]}")
            raise PermissionError(f"no connection to {address!r}")


if LOG:
    sys.addaudithook(watch)
