"""What an export is made of, and how each kind of it is written."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from stance.codebook import Codebook
from stance.codebook import load as load_codebook
from stance.config import Pipeline, load_pipeline
from stance.documents import Report, find_files
from stance.exports import bundle, position_tables, tables
from stance.exports.cells import cleaned
from stance.exports.counts import count, flat_matrix, matrices
from stance.exports.network import Relation, network, write_network
from stance.exports.statement_table import statement_table
from stance.exports.tables import Table
from stance.io import found
from stance.pipeline import Judge, open_judge
from stance.positions.changes import changes
from stance.positions.ledger import Entry, Period, ledger
from stance.positions.outlets import disagreements
from stance.statements import Statement, statements

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """What is to be exported; everything is computed once, when it is first asked for."""

    inputs: Sequence[str]
    period: Period
    relation: Relation
    model: str | None
    least: float
    settings: Sequence[str]
    command: Sequence[str]
    progress: Report

    @cached_property
    def pipeline(self) -> Pipeline:
        """The configuration."""
        return load_pipeline(self.settings)

    @cached_property
    def codebook(self) -> Codebook:
        """The codebook in use."""
        return load_codebook(found(Path(self.pipeline.paths.codebook)))

    def judge(self) -> Judge:
        """The judge of documents."""
        paths = self.pipeline.paths
        return open_judge(Path(paths.codebook), Path(paths.models), self.model, self.pipeline.threads)

    @cached_property
    def statements(self) -> list[Statement]:
        """The statements of the inputs that are certain enough, their text clean."""
        found = statements(self.inputs, self.judge, self.pipeline.columns.model_dump(), self.progress)
        return [cleaned(s) for s in found if s.confidence >= self.least]

    @cached_property
    def entries(self) -> list[Entry]:
        """The ledger of the statements."""
        return ledger(self.statements, self.period)

    def table(self, output: str) -> Table:
        """The table of an output that is one."""
        match output:
            case "ledger":
                return position_tables.ledger_table(self.entries)
            case "changes":
                return position_tables.change_table(changes(self.statements))
            case "disagreements":
                return position_tables.disagreement_table(disagreements(self.statements, self.period))
            case "statements":
                return statement_table(self.statements, self.codebook)
        return flat_matrix(count(self.statements))

    def report(self) -> bytes | None:
        """The HTML report, or None where what draws it is not installed."""
        try:
            from stance.page import html
        except ModuleNotFoundError as error:
            log.warning("no report in the bundle, without %s: pip install 'stance[report]'", error.name)
            return None
        paths = self.pipeline.paths
        with TemporaryDirectory() as folder:
            page = Path(folder, "report.html")
            html.write(
                self.statements, page, Path(paths.models), Path(paths.metrics) / "evaluation.json", self.progress
            )
            return page.read_bytes()

    def bundle(self) -> dict[str, bytes]:
        """The files of the replication bundle."""
        csv = io.StringIO()
        tables.dump_csv(self.table("ledger"), csv)
        inputs = filter(None, find_files(self.inputs))
        files = bundle.contents(self.statements, inputs, self.command, self.pipeline, self.codebook)
        report = self.report()
        return files | {"ledger.csv": csv.getvalue().encode()} | ({"report.html": report} if report else {})

    def write(self, output: str, path: Path) -> None:
        """Write one output to a file in the format that its suffix names."""
        if output == "network":
            write_network(network(self.statements, self.relation), path)
        elif output == "bundle":
            bundle.write_bundle(self.bundle(), path)
        elif output == "matrix" and path.suffix == ".xlsx":
            tables.write_xlsx(matrices(count(self.statements)), path)
        else:
            tables.write(self.table(output), path)
