"""The page's charts, written with Altair; their data come from the page itself, under the names given here.

Colours are the page's CSS variables, so that light, dark and print need no second chart. Every stance has a shape
beside its colour (Okabe and Ito's, as in stance/plots.py).
"""

from __future__ import annotations

from typing import Any

import altair as alt

from stance.records import LABELS, STANCES

VERSION: str = alt.SCHEMA_VERSION

SIGNS = ("▲", "◆", "■")
SHAPES = ("triangle-up", "diamond", "square")
DASHES = ([1, 0], [10, 5], [3, 6])  # gaps wider than a dot, at any width of line
NARROW = "containerSize()[0] < 560"  # a phone
LONG = f"{NARROW} && test(regexp('^.{{5,}} ..'), datum.label) && length(datum.label) > 14"  # a name for two lines
LINES = f"{LONG} ? split(replace(datum.label, regexp('^(.{{5,14}}) '), '$1\\n'), '\\n') : datum.label"
CELL = 30  # pixels of a row of the matrix
DAYS = "utcFormat(datum.value, utcmonth(datum.value) == 0 ? '%Y' : '%b %Y')"  # no month without its year
LANE = 1.18  # the lanes of the stances over time, each of height 1, with room between
INK, SOFT, FAINT, BACK = "var(--ink)", "var(--soft)", "var(--line)", "var(--page)"

_colour = alt.Scale(domain=list(STANCES), range=[f"var(--{stance})" for stance in STANCES])
_shape = alt.Scale(domain=list(STANCES), range=list(SHAPES))


def _spec(chart: alt.Chart | alt.LayerChart | alt.FacetChart) -> dict[str, Any]:
    font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
    axis = {
        "labelColor": INK,
        "titleColor": SOFT,
        "titleFontWeight": "normal",
        "domainColor": FAINT,
        "tickColor": FAINT,
        "gridColor": FAINT,
        "labelFontSize": 12,
        "titleFontSize": 12,
    }
    chart = chart.properties(autosize={"type": "fit-x", "contains": "padding"})
    config: dict[str, Any] = {
        "font": font,
        "background": "transparent",
        "view": {"stroke": None},
        "axis": axis,
        "text": {"fill": INK},
    }
    out: dict[str, Any] = chart.configure(**config).to_dict(validate=True)
    return out


def matrix() -> dict[str, Any]:
    """`cells`: {actor, process, row, column, stance, clarity, label, tip}; row and column are their ranks."""
    column = alt.EncodingSortField("column", op="min")
    base = alt.Chart(alt.NamedData("cells")).encode(
        x=alt.X("process:N", sort=column, title=None).axis(
            orient="top",
            labelAngle=0,
            domain=False,
            ticks=False,
            labelPadding=8,
            labelFontWeight="bold",
            labelFontSize=alt.expr(f"{NARROW} ? 10 : 12"),
            labelLimit=alt.expr("max(30, bandwidth('x') - 2)"),
        ),
        y=alt.Y("actor:N", sort=alt.EncodingSortField("row", op="min"), title=None).axis(
            domain=False,
            ticks=False,
            labelPadding=8,
            labelExpr=LINES,
            labelFontSize=alt.expr(f"{NARROW} ? 11 : 12"),
            labelLineHeight=12,
            labelOffset={"condition": {"test": LONG, "value": -6}, "value": 0},
            labelLimit=alt.expr(f"{NARROW} ? 112 : 170"),
        ),
        tooltip={"field": "tip"},
        description="tip:N",
    )
    cells = base.mark_rect(cornerRadius=4, stroke=BACK, strokeWidth=3, cursor="pointer").encode(
        fill=alt.Fill("stance:N", scale=_colour, legend=None),
        fillOpacity=alt.FillOpacity("clarity:Q", scale=alt.Scale(domain=[0.34, 1], range=[0.1, 0.45]), legend=None),
    )
    shapes = base.mark_point(
        filled=True, size=68, opacity=1, stroke=INK, strokeWidth=0.7, aria=False, cursor="pointer"
    ).encode(
        x=alt.X("process:N", sort=column, bandPosition=0.22),
        color=alt.Color("stance:N", scale=_colour, legend=None),
        shape=alt.Shape("stance:N", scale=_shape, legend=None),
    )
    counts = base.mark_text(
        align="right", fontSize=alt.expr(f"{NARROW} ? 11 : 13"), aria=False, cursor="pointer"
    ).encode(x=alt.X("process:N", sort=column, bandPosition=0.86), text="label:N")
    return _spec((cells + shapes + counts).properties(width="container", height=alt.Step(CELL)))


def time() -> dict[str, Any]:
    """`spans`: {start, end, stance, low, mean, high, tip}; `shifts`: {day, tip}; `extent`: the first and last {day}."""
    names = " : ".join(f"datum.value > {(len(STANCES) - 1 - n) * LANE} ? '{s}'" for n, s in enumerate(STANCES))
    axis = alt.Axis(
        values=[n * LANE + 0.5 for n in range(len(STANCES))],
        labelExpr=f"{names} : ''",
        domain=False,
        ticks=False,
        grid=False,
        labelPadding=8,
    )
    top = LANE * (len(STANCES) - 1) + 1
    y = alt.Y("low:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, top + 0.06], nice=False))
    x = alt.X("start:T", title=None, scale=alt.Scale(type="utc")).axis(
        grid=False, labelOverlap=True, tickCount=8, labelExpr=DAYS
    )
    lane = f"({len(STANCES) - 1} - indexof({list(STANCES)}, datum.stance)) * {LANE}"
    spans = (
        alt.Chart(alt.NamedData("spans"))
        .transform_calculate(**{f: f"datum.{f} + {lane}" for f in ("low", "mean", "high")})
        .encode(tooltip={"field": "tip"})
    )
    ends = alt.Chart(alt.NamedData("extent")).mark_rule(opacity=0, aria=False).encode(x="day:T")
    colour = alt.Color("stance:N", scale=_colour, legend=None)
    lanes = alt.Chart(alt.InlineData([{"at": n * LANE + half} for n in range(len(STANCES)) for half in (0, 0.5, 1)]))
    grid = lanes.mark_rule(stroke=FAINT, strokeWidth=1, aria=False).encode(y=alt.Y("at:Q", title=None, axis=axis))
    bands = spans.mark_rect(fillOpacity=0.26, stroke=None, cursor="pointer").encode(
        x, x2="end:T", y=y, y2="high:Q", fill=alt.Fill("stance:N", scale=_colour, legend=None), description="tip:N"
    )
    means = spans.mark_rule(strokeWidth=2.5, aria=False, cursor="pointer").encode(
        x, x2="end:T", y="mean:Q", color=colour
    )
    marks = alt.Chart(alt.NamedData("shifts")).encode(x="day:T", tooltip={"field": "tip"})
    lines = marks.mark_rule(stroke=INK, strokeDash=[4, 3], strokeWidth=1.2, aria=False)
    heads = marks.mark_point(
        shape="triangle-down", filled=True, size=90, color=INK, opacity=1, cursor="pointer"
    ).encode(y=alt.datum(top + 0.06), description="tip:N")
    return _spec(alt.layer(grid, ends, bands, means, lines, heads).properties(width="container", height=168))


def _edges(x: alt.X, y: alt.Y) -> alt.Chart:
    near = alt.selection_point(name="near", on="pointerover", clear="pointerout", fields=["actor"], empty=True)
    dashes = alt.Scale(domain=list(STANCES), range=list(DASHES))
    edges = alt.Chart(alt.NamedData("edges")).mark_line(cursor="pointer", strokeCap="butt")
    out: alt.Chart = edges.encode(
        x,
        y,
        detail="edge:N",
        color=alt.Color("stance:N", scale=_colour, legend=None),
        strokeDash=alt.StrokeDash("stance:N", scale=dashes, legend=None),
        strokeWidth=alt.StrokeWidth("n:Q", scale=alt.Scale(type="sqrt", range=[1.5, 7]), legend=None),
        opacity=alt.when(near).then(alt.value(0.75)).otherwise(alt.value(0.08)),
        tooltip={"field": "tip"},
        description="tip:N",
    ).add_params(near)
    return out


def _names(nodes: alt.Chart, **style: Any) -> list[alt.Chart]:
    """The nodes' names where the page found room for them, each on a halo of its colour."""
    style |= {name: alt.expr(f"datum.{name}") for name in ("align", "dx", "dy")} | {"aria": False, "limit": 180}
    halo = nodes.mark_text(fill=BACK, stroke=BACK, strokeWidth=4, strokeJoin="round", **style)
    return [chart.encode(text="name:N") for chart in (halo, nodes.mark_text(**style))]


def network() -> dict[str, Any]:
    """`edges`: {edge, actor, x, y, stance, n, tip}, two rows each; `nodes`: {kind, x, y, n, tip, name, align, dx, dy}.

    A node's name stands where the last three say, or is empty.
    """
    plane = alt.Scale(domain=[-1, 1], nice=False)
    x, y = alt.X("x:Q", scale=plane, axis=None), alt.Y("y:Q", scale=plane, axis=None)
    nodes = alt.Chart(alt.NamedData("nodes")).encode(x, y, tooltip={"field": "tip"})
    actors, processes = nodes.transform_filter("datum.kind == 'actor'"), nodes.transform_filter("datum.kind != 'actor'")
    size = alt.Size("n:Q", scale=alt.Scale(type="sqrt", range=[30, 200]), legend=None)
    dots = actors.mark_circle(fill=INK, stroke=BACK, strokeWidth=1.5, opacity=1, cursor="pointer").encode(
        size=size, description="tip:N"
    )
    boxes = processes.mark_square(fill=BACK, stroke=INK, strokeWidth=2, size=300, opacity=1, cursor="pointer").encode(
        description="tip:N"
    )
    names = [*_names(actors, fontSize=12), *_names(processes, fontSize=14, fontWeight="bold")]
    return _spec(alt.layer(_edges(x, y), dots, boxes, *names).properties(width="container", height=560))


def confusion() -> dict[str, Any]:
    """`cells`: {gold, said, share of the gold, n, tip}."""
    signs = " : ".join(f"datum.value == '{s}' ? '{sign}'" for s, sign in zip(STANCES, SIGNS, strict=True))
    signs += " : datum.value"
    base = alt.Chart(alt.NamedData("cells")).encode(
        x=alt.X("said:N", sort=list(LABELS), title="what the model says").axis(
            orient="top", labelAngle=0, domain=False, ticks=False, labelExpr=signs
        ),
        y=alt.Y("gold:N", sort=list(LABELS), title="true label").axis(domain=False, ticks=False),
        tooltip={"field": "tip"},
    )
    cells = base.mark_rect(cornerRadius=3, fill="var(--supportive)", stroke=BACK, strokeWidth=3).encode(
        fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.45]), legend=None),
        description="tip:N",
    )
    counts = base.mark_text(fontSize=13, aria=False).encode(text=alt.Text("n:Q", format=","))
    return _spec((cells + counts).properties(width="container", height=200))


def reliability() -> dict[str, Any]:
    """`bins`: {confidence, right, n, tip}."""
    share = alt.Scale(domain=[0, 1], nice=False)
    percent = alt.Axis(format="%", values=[0, 0.5, 1])
    diagonal = alt.Chart(alt.InlineData([{"v": 0}, {"v": 1}])).mark_line(
        stroke=SOFT, strokeDash=[4, 4], strokeWidth=1, aria=False
    )
    bins = alt.Chart(alt.NamedData("bins")).encode(
        x=alt.X("confidence:Q", title="confidence", scale=share, axis=percent),
        y=alt.Y("right:Q", title="share that is right", scale=share, axis=percent),
        tooltip={"field": "tip"},
    )
    line = bins.mark_line(stroke="var(--supportive)", strokeWidth=1.5, aria=False)
    dots = bins.mark_circle(fill="var(--supportive)", opacity=0.9).encode(
        size=alt.Size("n:Q", scale=alt.Scale(type="sqrt", range=[20, 260]), legend=None), description="tip:N"
    )
    layers = (diagonal.encode(x=alt.X("v:Q", axis=percent), y=alt.Y("v:Q", axis=percent)), line, dots)
    return _spec(alt.layer(*layers).properties(width="container", height=200))


def promises() -> dict[str, Any]:
    """`promises`: {precision, least, tip}: the confidence from which a precision is promised."""
    percent = alt.Axis(format="%", values=[0.5, 0.6, 0.7, 0.8, 0.9, 1])
    steps = alt.Chart(alt.NamedData("promises")).encode(
        x=alt.X("precision:Q", title="share that shall be right", scale=alt.Scale(domain=[0.5, 1]), axis=percent),
        y=alt.Y("least:Q", title="least confidence", scale=alt.Scale(domain=[0, 1])).axis(
            format="%", values=[0, 0.5, 1]
        ),
        tooltip={"field": "tip"},
    )
    line = steps.mark_line(stroke="var(--supportive)", strokeWidth=2, interpolate="step", aria=False)
    dots = steps.mark_circle(fill="var(--supportive)", size=30, opacity=1).encode(description="tip:N")
    return _spec((line + dots).properties(width="container", height=200))


CHARTS = {chart.__name__: chart for chart in (matrix, time, network, confusion, reliability, promises)}


def specs() -> dict[str, dict[str, Any]]:
    """Each chart's Vega-Lite specification by name."""
    return {name: chart() for name, chart in CHARTS.items()}
