"""The registered MLflow model: raw text in, annotations out. MLflow runs this file when the model is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd

from stance.pipeline import Judge, open_judge
from stance.records import Document

COLUMNS = ("start", "end", "text", "mention", "actor", "process", "stance", "confidence", "model")


class StanceService(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]
    """One row of `text` is one document; one row of output is one annotation."""

    def load_context(self, context: Any) -> None:
        """Open the codebook and the model that were stored with this version."""
        folder = Path(context.artifacts["model"])
        self._judge: Judge = open_judge(Path(context.artifacts["codebook"]), folder.parent, folder.name, 0)

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Annotate each document; `document` is its row in the input."""
        rows = []
        for n, text in enumerate(model_input["text"]):
            for p in self._judge.predict([Document(str(n), text)]):
                if p.label != "none":
                    row = p.row()
                    rows.append({"document": n, **{c: row[c] for c in COLUMNS}})
        return pd.DataFrame(rows, columns=["document", *COLUMNS])


mlflow.models.set_model(StanceService())
