"""Statements and positions in other programs' formats: `python -m stance.export INPUT... --network net.gexf`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from stance import cli
from stance.errors import ConfigError
from stance.exports.network import RELATIONS

EXAMPLES = """  python -m stance.export stances.jsonl --ledger ledger.csv --changes changes.csv
  python -m stance.export news/ --network net.gexf --relation subtract   who stands with whom, for Gephi
  python -m stance.export news/ --statements statements.csv              for R, as Discourse Network Analyzer has them
  python -m stance.export stances.jsonl --bundle replication.zip         what a reviewer needs to repeat it"""
OUTPUTS: dict[str, tuple[tuple[str, ...], str]] = {
    "ledger": ((".csv", ".parquet", ".json"), "who stands where, by period, with the evidence"),
    "changes": ((".csv", ".json"), "when positions shift"),
    "disagreements": ((".csv", ".json"), "on whom the outlets differ"),
    "network": ((".graphml", ".gexf"), "a signed network (see --relation)"),
    "statements": ((".csv", ".xlsx"), "a row a statement, in the columns of Discourse Network Analyzer"),
    "matrix": ((".csv", ".xlsx"), "actors by processes: how often each stance"),
    "bundle": ((".zip",), "replication bundle: inputs' digests, settings, model, predictions, ledger, report"),
}
PERIODS = ("day", "week", "month", "year", "all")
_NEEDS = {".graphml": "networkx", ".gexf": "networkx", ".xlsx": "openpyxl"}
log = logging.getLogger(__name__)


def _wanted(args: argparse.Namespace) -> dict[str, Path]:
    """The outputs that were asked for, checked before anything is read.

    Raises:
        ConfigError: no output, a suffix that it has not, a file asked for twice, or a package that is not installed.
    """
    out = {name: Path(given) for name in OUTPUTS if (given := getattr(args, name))}
    if not out:
        raise ConfigError("nothing to write: give one or more of " + ", ".join(f"--{name}" for name in OUTPUTS))
    for name, path in out.items():
        known = OUTPUTS[name][0]
        if path.suffix not in known:
            raise ConfigError(f"unknown suffix '{path.suffix}': one of {', '.join(known)}", f"--{name}", path)
        if list(out.values()).count(path) > 1:
            raise ConfigError("the same file for two outputs", f"--{name}", path)
        package = _NEEDS.get(path.suffix)
        if package and find_spec(package) is None:
            raise ConfigError(f"needs {package}: pip install 'stance[report]'", f"--{name}", path)
        if name == "bundle" and "-" in args.inputs:
            raise ConfigError("needs its inputs as files: standard input cannot be read again", "--bundle")
    return out


def _body(args: argparse.Namespace) -> int:
    wanted = _wanted(args)
    # Here, so that --help and a mistyped option answer at once.
    from stance.documents import find_files, size
    from stance.exports.outputs import Job

    with cli.progress(args.quiet or size(find_files(args.inputs)) < cli.LONG) as report:
        given = args.inputs, args.period, args.relation, args.model, args.min_confidence, args.settings, args.command
        job = Job(*given, report)
        for n, (name, path) in enumerate(wanted.items(), 1):
            job.write(name, path)
            report("writing", n / len(wanted))
    for name, path in wanted.items():
        log.info("%s -> %s", name, path)
    log.info("%d statements of %d actors", len(job.statements), len({s.actor for s in job.statements}))
    return cli.DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    given = list(sys.argv[1:] if argv is None else argv)
    parser = cli.parser("export", "Write statements and positions in other programs' formats.", EXAMPLES)
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="documents, or predictions of stance.predict")
    for name, (suffixes, what) in OUTPUTS.items():
        parser.add_argument(f"--{name}", metavar="FILE", help=f"{what} ({', '.join(suffixes)})")
    parser.add_argument("--relation", choices=RELATIONS, default=RELATIONS[0], help="of --network (docs/exports.md)")
    parser.add_argument("--period", choices=PERIODS, default="month", help="of the ledger and the disagreements")
    parser.add_argument("--model", metavar="NAME", help="for documents: a model's name, or rules")
    parser.add_argument(
        "--min-confidence", type=cli.share, default=0.0, metavar="P", help="leave out what is less certain"
    )
    parser.set_defaults(command=["python", "-m", "stance.export", *given])
    return cli.run("export", _body, parser.parse_args(given))


if __name__ == "__main__":
    sys.exit(main())
