"""What is known of the models that made the statements: their cards, their confusion, their calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from stance import card, registry
from stance.errors import StanceError
from stance.io import read_json
from stance.models import calibration
from stance.pipeline import RULES
from stance.statements import Statement

CARD = "README.md"


@dataclass(frozen=True, slots=True)
class Known:
    """A model by the version that its statements bear, and what was measured of it.

    `problem` says why nothing is known; `card` is safe HTML; `confusion` counts gold labels in rows and predicted ones
    in columns; `reliability` are bins of (mean confidence, share that is right, number); `thresholds` the least
    confidence for each precision that is promised.
    """

    version: str
    statements: int
    problem: str = ""
    card: str = ""
    confusion: list[list[int]] = field(default_factory=list)
    reliability: list[list[float]] = field(default_factory=list)
    thresholds: Mapping[str, float | None] = field(default_factory=dict)


def _figures(evaluation: Path, versions: set[str]) -> dict[str, Any]:
    """What an evaluation says of a model, under one of its versions; nothing where there is none."""
    if not evaluation.exists():
        return {}
    systems: dict[str, dict[str, Any]] = read_json(evaluation)["systems"]
    return next((f for f in systems.values() if f.get("version") in versions), {})


def _html(text: str) -> str:
    """Markdown as safe HTML, without links or pictures, its headings three levels down."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    tokens = markdown.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 3)}"
        if "right" in str(token.attrs.pop("style", "")):  # which the page's policy does not let through
            token.attrs["class"] = "number"
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _known(version: str, count: int, models: Path, evaluation: Path) -> Known:
    if version == RULES:
        return Known(version, count, "The labeling rules: their confidence was never measured on held-out documents.")
    name = version.partition("@")[0]
    names = {path.name for path in models.iterdir()} if models.is_dir() else set()
    folder = registry.locate(models, name if name in names else registry.RELEASE)
    try:
        manifest = registry.read(folder)
    except StanceError as error:
        return Known(version, count, f"Nothing is known of this model here: {error}.")
    if manifest.version != version:
        return Known(version, count, "This model is not at hand, so that nothing can be said of how good it is.")
    figures = dict(manifest.notes) | _figures(evaluation, {version, str(manifest.notes.get("trained"))})
    text = ""
    if (folder / CARD).exists():
        text = (folder / CARD).read_text(encoding="utf-8")
    elif "classes" in figures:
        text = card.render(manifest.name, manifest, figures)
    return Known(
        version,
        count,
        card=_html(text),
        confusion=figures.get("confusion", []),
        reliability=figures.get("reliability", []),
        thresholds=calibration.read(folder).thresholds if (folder / calibration.FILE).exists() else {},
    )


def known(found: Iterable[Statement], models: Path, evaluation: Path) -> list[Known]:
    """What is known of each model that made a statement, the busiest first.

    `models` is the folder of models, `evaluation` the file of `python -m stance.evaluate`, which need not be there.
    """
    counts = Counter(s.model for s in found).most_common()
    return [_known(version, count, models, evaluation) for version, count in counts]
