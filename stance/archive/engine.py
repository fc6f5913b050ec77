"""An archive's pieces on Ray (docs.ray.io), which brings them to whatever cores its cluster has.

A piece is a task, not a call to an actor that has reserved a core: Ray gives it to any core that is free, on machines
that join later as well, does it again where a worker or a machine is lost, and cannot be left waiting for cores that
its own actors hold. The model stays loaded all the same, since Ray keeps a worker for the tasks that follow.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from stance.archive import worker
from stance.archive.pool import WorkerDied
from stance.archive.worker import Identity, Opening
from stance.errors import ConfigError, StanceError

P = TypeVar("P")
R = TypeVar("R")
RETRIES = 2  # of a piece whose worker was killed; then the document is looked for that did it
PATIENCE = 30  # seconds without a free core after which one would rather know why nothing happens
REACH = 10  # seconds for a cluster's machine to answer
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """What every worker has to find where it is: the folder that paths start from, and what is opened there."""

    folder: Path
    opening: Opening
    identity: Identity


class _Here:
    place: Place | None = None


def _begin(place: Place) -> None:
    """Make this process a worker, unless it is one.

    Raises:
        StanceError: another folder, model, codebook or program on this machine than where the run was started.
    """
    if _Here.place == place:
        return
    try:
        os.chdir(place.folder)
    except OSError:
        problem = f"has no {place.folder}: the working folder must be at the same path on every machine of the cluster"
        raise StanceError(problem, socket.gethostname()) from None
    worker.start(place.opening)
    if (mine := worker.identity()) != place.identity:
        problem = f"would give other results: {mine}, not {place.identity}"
        raise StanceError(problem, socket.gethostname())
    _Here.place = place


def _do(place: Place, work: Callable[[P], R], piece: P) -> R:
    _begin(place)
    return work(piece)


def _ray(own: bool) -> Any:
    """The library, set up by what it reads from the environment as it is imported."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if own:
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # the name says otherwise: listen on loopback alone
        # A secret of this run's own: without one, Ray would write one into the user's home.
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    try:
        import ray
    except ImportError:
        raise ConfigError("Ray is not installed (pip install 'stance[ray]')", "--engine") from None
    return ray


class Ray:
    """Tasks on the Ray cluster at an address, or on one of this machine's own that ends with the run."""

    def __init__(self, opening: Opening, identity: Identity, count: int, address: str | None) -> None:
        self._ray = _ray(own=address is None)
        self._place = Place(Path.cwd(), opening, identity)
        before = signal.getsignal(signal.SIGTERM)  # which Ray takes for itself
        quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
        try:
            if address is None:
                self._ray.init("local", num_cpus=count, include_dashboard=False, **quiet)
            else:
                _reach(address)
                self._ray.init(address, **quiet)
        except (self._ray.exceptions.RayError, OSError, RuntimeError, ValueError) as error:
            where = f"at {address}" if address else "to be started here"
            raise ConfigError(f"no Ray cluster {where}: {_first_line(error)}", "--engine") from None
        finally:
            signal.signal(signal.SIGTERM, before)
        self._do = self._ray.remote(num_cpus=1, max_retries=RETRIES)(_do)
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def _wait(self) -> None:
        """Wait for the first worker, and say so if that takes long."""
        first = self._do.remote(self._place, worker.read, [])
        if not self._ray.wait([first], timeout=PATIENCE)[0]:
            cores = self._ray.cluster_resources().get("CPU", 0)
            log.warning("waiting for a core of the Ray cluster: it has %d, and none has been free so far", cores)
        try:
            self._get(first)
        except (self._ray.exceptions.RayError, WorkerDied) as error:
            raise StanceError(f"no worker of the Ray cluster can start: {_first_line(error)}") from None

    def _get(self, task: Any) -> Any:
        exceptions = self._ray.exceptions
        try:
            return self._ray.get(task)
        except exceptions.RayTaskError as error:
            if isinstance(error.cause, StanceError):
                raise error.cause from None
            raise
        except (
            exceptions.WorkerCrashedError,
            exceptions.NodeDiedError,
            exceptions.OutOfMemoryError,
            exceptions.ObjectLostError,
        ):
            raise WorkerDied from None

    def each(self, work: Callable[[P], R], pieces: Sequence[P]) -> Iterator[R]:
        """As `Pool` says."""
        for task in [self._do.remote(self._place, work, piece) for piece in pieces]:
            yield self._get(task)

    def close(self) -> None:
        """As `Pool` says."""
        self._ray.shutdown()


def _reach(address: str) -> None:
    """Raise OSError where nobody listens at HOST:PORT, which Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal() and "://" not in address:
        socket.create_connection((host, int(port)), REACH).close()


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
