"""The registered MLflow model: raw text in, annotations out. MLflow runs this file when the model is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException

from stance.documents import from_row
from stance.errors import InputError
from stance.output import PREDICTION
from stance.pipeline import Judge, open_judge
from stance.records import Document


class StanceService(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]
    """One row of `text` is one document; one row of output is one annotation, as docs/contracts.md has it."""

    def load_context(self, context: Any) -> None:
        """Open the codebook and the model that were stored with this version, and its limits on a request."""
        folder = Path(context.artifacts["model"])
        self._judge: Judge = open_judge(Path(context.artifacts["codebook"]), folder.parent, folder.name, 0)
        self._most: dict[str, int] = context.model_config

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Annotate documents; `doc` is a document's number in the request, from 0, where the request names none.

        Raises:
            MlflowException: a row without text, or more than a request may hold; over HTTP this is status 400.
        """
        try:
            documents = list(self._documents(model_input))
        except InputError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from None
        rows = [p.row() for p in self._judge.predict(documents) if p.label != "none"]
        return pd.DataFrame(rows, columns=list(PREDICTION), dtype=object)  # else a missing offset would become NaN

    def _documents(self, table: pd.DataFrame) -> Iterator[Document]:
        for unit, size in (("texts", len(table)), ("characters", sum(map(len, map(str, table["text"]))))):
            if size > (most := self._most[f"max_{unit}"]):
                raise InputError(f"{size:,} {unit} in one request; at most {most:,}: send several requests")
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
        for n, row in enumerate(rows):
            yield from_row({str(k): v for k, v in row.items()}, str(n), (f"row {n}",))


mlflow.models.set_model(StanceService())
