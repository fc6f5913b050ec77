"""What the commands share: options, logging, progress, and a StanceError as one line with exit code 2."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from stance.errors import GateError, StanceError

LONG = 200_000  # bytes of input from which on one would rather see how far it is
DONE, GATE_FAILED, BAD_INPUT, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL_WORDS = ("No space left on device", "File too large", "disk is full")


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command as Ctrl-C does: what it was writing is cleared away."""


def parser(verb: str, description: str, examples: str) -> argparse.ArgumentParser:
    """A parser with the options that every command has."""
    out = argparse.ArgumentParser(
        prog=f"python -m stance.{verb}",
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    out.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FILE.KEY=VALUE",
        dest="settings",
        help="override a key of configs/FILE.yaml, e.g. pipeline.seed=7 (repeatable)",
    )
    out.add_argument("-q", "--quiet", action="store_true", help="no progress, only errors")
    out.add_argument("--debug", action="store_true", help="show a traceback instead of one line")
    return out


def run(verb: str, body: Callable[[argparse.Namespace], int], args: argparse.Namespace) -> int:
    """Run a command's body; an error that the user can mend becomes one line on standard error.

    A closed pipe ends the command quietly; Ctrl-C gives 130, SIGTERM 143.
    """
    _offline_and_quiet()
    before = signal.signal(signal.SIGTERM, _terminate)
    logging.basicConfig(
        level=logging.ERROR if args.quiet else logging.INFO, format="%(message)s", stream=sys.stderr, force=True
    )
    for noisy in ("alembic", "mlflow", "httpx", "datasets", "torch", "onnxscript", "onnx_ir", "matplotlib"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        return body(args)
    except StanceError as error:
        if args.debug:
            raise
        print(f"stance.{verb}: error: {_one_line(str(error))}", file=sys.stderr)
        return GATE_FAILED if isinstance(error, GateError) else BAD_INPUT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt as error:
        print(f"stance.{verb}: interrupted", file=sys.stderr)
        return TERMINATED if isinstance(error, Terminated) else INTERRUPTED
    except Exception as error:
        if args.debug or not _disk_full(error):
            raise
        problem = "cannot write: no space left; make room, then give the same command again"
        print(f"stance.{verb}: error: {problem}", file=sys.stderr)
        return BAD_INPUT
    finally:
        signal.signal(signal.SIGTERM, before)


def _disk_full(error: BaseException | None) -> bool:
    """Whether an error, or one that it comes from, says that the disk is full; each library says it in its own way."""
    while error is not None:
        if getattr(error, "errno", None) in FULL or any(words in str(error) for words in FULL_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def _one_line(text: str) -> str:
    """The text with its control characters spelt out: a file's name can hold line ends, and steer a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


@contextmanager
def unbroken() -> Iterator[None]:
    """Hold the first interrupt back until the block is done, so that what is written in it is written whole."""
    held: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        if held:
            raise KeyboardInterrupt
        held.append(number)

    before = {number: signal.signal(number, hold) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for signal_, handler in before.items():
            signal.signal(signal_, handler)
        for number in held:
            signal.raise_signal(number)


def share(text: str) -> float:
    """An option's value that is a share, from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"a number from 0 to 1 was expected, not {text!r}")
    return value


def _offline_and_quiet() -> None:
    """No telemetry and no chatter from libraries that are imported later."""
    for name, value in {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
        "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_LOGGING_LEVEL": "ERROR",
        "PYDANTIC_DISABLE_PLUGINS": "__all__",  # else it looks through every installed package for one
    }.items():
        os.environ.setdefault(name, value)


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """A reporter of shares done by name, drawn as bars on standard error where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda name, share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:12}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, int] = {}

        def report(name: str, share: float) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=1.0)
            bars.update(tasks[name], completed=share)  # type: ignore[arg-type]

        yield report


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; columns of figures stand to the right, columns of text to the left."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    out = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    for n, column in enumerate(columns):
        cells = [row[n] for row in rows]
        if all(re.fullmatch(r"[\d.,%-]*", cell) for cell in cells):
            # Where the page is too narrow, text is cut and figures are not.
            out.add_column(column, justify="right", no_wrap=True, min_width=max(map(len, [column, *cells])))
        else:
            out.add_column(column, no_wrap=True)
    for row in rows:
        out.add_row(*row)
    wide = None if sys.stdout.isatty() else 140
    Console(highlight=False, width=wide).print(out)
