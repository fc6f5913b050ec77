"""The page as one HTML file: everything inside, nothing asked of the network, and no script but its own."""

from __future__ import annotations

import base64
import functools
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import vl_convert
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from stance.documents import Report
from stance.io import write_text
from stance.page import charts, columns
from stance.page.honesty import Known, known
from stance.page.layout import MOST, layout
from stance.positions.changes import changes
from stance.positions.ledger import Period, ledger
from stance.positions.outlets import disagreements
from stance.statements import Statement

VERSION = ".".join(charts.VERSION.removeprefix("v").split(".")[:2])  # of Vega-Lite, as Altair writes it
PERIODS: tuple[Period, ...] = ("month", "year", "all")
OWN = ("data.js", "charts.js", "evidence.js", "outlets.js", "page.js")


def _read(name: str) -> str:
    return (files("stance.page") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


@functools.cache
def _charts() -> dict[str, object]:
    """Each chart's Vega specification by name: compiled here, so that the browser need not."""
    return {name: vl_convert.vegalite_to_vega(spec, vl_version=VERSION) for name, spec in charts.specs().items()}


@functools.cache
def _library() -> str:
    """Vega and Vega-Embed as one script."""
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VERSION)
    return _closed(bundle.replace("\r\n", "\n").replace("\r", "\n"))  # as HTML reads it, or the hash would not fit


def _closed(script: str) -> str:
    """A script whose names are its own."""
    return f"(() => {{\n{script}\n}})();\n"


def _policy(scripts: Sequence[str], css: str) -> str:
    """The content security policy: these scripts and this style sheet, and nothing from anywhere."""
    allowed = " ".join(map(_hash, scripts))
    return f"default-src 'none'; script-src {allowed}; style-src {_hash(css)}; base-uri 'none'; form-action 'none'"


def _plural(n: int, noun: str, plural: str = "") -> str:
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def _lead(found: Sequence[Statement]) -> str:
    outlets, days = {s.outlet for s in found if s.outlet}, [s.date for s in found if s.date]
    text = (
        f"{_plural(len(found), 'statement')} by {_plural(len({s.actor for s in found}), 'actor')} on "
        f"{_plural(len({s.process for s in found}), 'peace process', 'peace processes')}, found in "
        f"{_plural(len({s.doc for s in found}), 'document')}"
    )
    if outlets:
        text += f" of {_plural(len(outlets), 'outlet')}"
    if days:
        first, last = (f"{day.day} {day:%B %Y}" for day in (min(days), max(days)))
        text += f", {first}" + (f" to {last}" if last != first else "")
    return f"{text}."


def _figures(found: Sequence[Statement], report: Report) -> dict[str, object]:
    entries, differences = {}, {}
    for n, period in enumerate(PERIODS):
        report("positions", n / len(PERIODS))
        entries[period] = ledger(found, period)
        differences[period] = disagreements(found, period)
    report("positions", 1.0)
    out = columns.figures(found, entries, changes(found), differences)
    names = out["names"]
    actors, processes = layout(entries["all"])
    return out | {
        "layout": {
            "most": MOST,
            "actor": {n: actors[name] for n, name in enumerate(names["actor"]) if name in actors},
            "process": {n: processes[name] for n, name in enumerate(names["process"]) if name in processes},
        }
    }


def render(found: Sequence[Statement], models: Sequence[Known], report: Report) -> str:
    """The page for some statements and what is known of the models that made them."""
    css = _read("page.css")
    library, own = _library(), _closed("".join(map(_read, OWN)))
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(_read("page.html"))
    page = template.render(
        policy=Markup(_policy([library, own], css)),  # noqa: S704 - quotes and hashes of our own
        css=Markup(css),  # noqa: S704 - a file of this package
        script=Markup(own),  # noqa: S704 - files of this package
        library=columns.packed(library),
        charts=_charts(),
        known=[asdict(model) | {"card": ""} for model in models],
        models=models,
        lead=_lead(found),
        release=version("stance"),
        figures=columns.pack(_figures(found, report)),
        texts=columns.pack(columns.texts(found)),
    )
    return page.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text that a file can hold


def write(
    found: Sequence[Statement],
    path: Path,
    models: Path,
    evaluation: Path,
    report: Report = lambda what, share: None,
) -> None:
    """Write the report of some statements, atomically.

    `models` is the folder in which the models that made them are looked for, `evaluation` the figures of
    `python -m stance.evaluate`, which need not be there; `report` is told how far it is.
    """
    write_text(path, render(found, known(found, models, evaluation), report))
