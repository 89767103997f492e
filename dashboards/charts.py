"""Charts as SVG that stands in a page: a mark a row, its figures as a tooltip, text as text."""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

Row = Mapping[str, Any]

WIDTH = 4.7  # inches of 72 units: a card's width, so that text keeps its size on a phone
BAR = 0.23  # inches a bar
INK, SOFT, LINE = "#1d1a1a", "#5f5757", "#e6e0dc"
PALETTE = ("#9f1239", "#0f766e", "#b45309", "#4338ca", "#64748b", "#be185d", "#4d7c0f", "#0369a1")
NAMES = {"content_first": "from the catalogue", "search_log": "from the search log"}
COLORS = {"content_first": "#9f1239", "search_log": "#8b9099"}
MARKED = "this build"
MISSING = "-"
_LONGEST_LABEL = 28
_FEW_TICKS = 8

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    # Labels come from catalogues: a dollar in them is a dollar.
    "text.parse_math": False,
    "font.size": 10.5,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": INK,
    "grid.color": LINE,
    "axes.axisbelow": True,
    "legend.frameon": False,
}


def draw(kind: str, chart_id: str, rows: Sequence[Row], format_name: str, axis: str = "") -> Markup:
    """The chart as an SVG element. `chart_id` is unique in its page."""
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": chart_id}):
        figure, tooltips = KINDS[kind](chart_id, rows, FORMATS[format_name], axis)
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(text.getvalue(), tooltips)


def percent(value: float) -> str:
    return MISSING if value is None else f"{100 * value:.1f} %"


def integer(value: float) -> str:
    return MISSING if value is None else f"{value:,.0f}"


def decimal(value: float) -> str:
    return MISSING if value is None else f"{value:,.3g}"


def usd(value: float) -> str:
    return MISSING if value is None else f"${value:,.4f}" if 0 < abs(value) < 0.1 else f"${value:,.2f}"


FORMATS: Mapping[str, Callable[[float], str]] = {"percent": percent, "integer": integer, "decimal": decimal, "usd": usd}

Drawn = tuple[Figure, dict[str, str]]
Format = Callable[[float], str]


def bars(chart_id: str, rows: Sequence[Row], shown: Format, axis: str) -> Drawn:
    """A bar a row, below each other; `series` beside each other within a `label`."""
    labels, series = _distinct(rows, "label"), _distinct(rows, "series")
    axes = _axes(len(labels) * max(len(series), 1), len(series))
    thickness = 0.76 / max(len(series), 1)
    tooltips: dict[str, str] = {}
    widest = max((float(row["value"]) for row in rows), default=0) or 1
    for number, row in enumerate(rows):
        place = labels.index(row["label"]) + (series.index(row["series"]) - (len(series) - 1) / 2) * thickness
        bar = axes.barh(place, row["value"], height=thickness * 0.92, color=_color(row["series"], series))[0]
        tooltips |= _mark(bar, chart_id, number, row, shown)
        axes.text(row["value"] + widest * 0.012, place, shown(row["value"]), va="center", color=SOFT, fontsize=9.5)
    _bar_axes(axes, labels, widest)
    return _finished(axes, series, axis), tooltips


def stacked(chart_id: str, rows: Sequence[Row], shown: Format, axis: str) -> Drawn:
    """A bar a `label`, made of its `series`."""
    labels, series = _distinct(rows, "label"), _distinct(rows, "series")
    axes = _axes(len(labels), len(series))
    ends = [0.0] * len(labels)
    tooltips: dict[str, str] = {}
    for number, row in enumerate(rows):
        place = labels.index(row["label"])
        bar = axes.barh(place, row["value"], left=ends[place], height=0.7, color=_color(row["series"], series))[0]
        ends[place] += row["value"]
        tooltips |= _mark(bar, chart_id, number, row, shown)
    widest = max(ends, default=0) or 1
    for place, end in enumerate(ends):
        axes.text(end + widest * 0.012, place, shown(end), va="center", color=SOFT, fontsize=9.5)
    _bar_axes(axes, labels, widest)
    return _finished(axes, series, axis), tooltips


def intervals(chart_id: str, rows: Sequence[Row], shown: Format, axis: str) -> Drawn:
    """A dot with a whisker from `low` to `high` a row. The axis does not begin at zero."""
    labels, series = _distinct(rows, "label"), _distinct(rows, "series")
    axes = _axes(len(labels) * max(len(series), 1) * 1.15, len(series), foot=0.35)
    step = 0.6 / max(len(series), 1)
    tooltips: dict[str, str] = {}
    for number, row in enumerate(rows):
        place = labels.index(row["label"]) + (series.index(row["series"]) - (len(series) - 1) / 2) * step
        color = _color(row["series"], series)
        axes.plot([row["low"], row["high"]], [place, place], color=color, linewidth=2.2, solid_capstyle="round")
        (dot,) = axes.plot([row["value"]], [place], marker="o", markersize=6.5, color=color, markeredgecolor="white")
        tooltips |= _mark(dot, chart_id, number, row, shown)
    _categories(axes, labels)
    axes.grid(axis="x")
    axes.xaxis.set_major_locator(MaxNLocator(5, prune="both"))
    axes.xaxis.set_major_formatter(_ticks(shown))
    return _finished(axes, series, axis), tooltips


def lines(chart_id: str, rows: Sequence[Row], shown: Format, axis: str) -> Drawn:
    """`value` over `x`, a line a `series`; a row with `mark` is ringed."""
    series = _distinct(rows, "series")
    axes = Figure(figsize=(WIDTH, 3.1), layout="constrained").subplots()
    tooltips: dict[str, str] = {}
    for name in series:
        members = [row for row in rows if row["series"] == name and row["value"] is not None]
        color = _color(name, series)
        axes.plot([row["x"] for row in members], [row["value"] for row in members], color=color, linewidth=2)
    for number, row in enumerate(row for row in rows if row["value"] is not None):
        color = _color(row["series"], series)
        # Neither a line of one point nor a clip path: they would double the page of fifty runs.
        (dot,) = axes.plot([row["x"]], [row["value"]], "o", markersize=5, color=color, clip_on=False)
        tooltips |= _mark(dot, chart_id, number, row, shown)
        if row.get("mark"):
            axes.plot([row["x"]], [row["value"]], marker="o", markersize=14, markerfacecolor="none", color=INK)
            axes.annotate(
                MARKED, (row["x"], row["value"]), (0, 12), textcoords="offset points", ha="center", weight="bold",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )  # fmt: skip
    axes.grid(axis="y")
    axes.margins(x=0.08, y=0.16)
    measured = sorted(_distinct(rows, "x"))
    if len(measured) <= _FEW_TICKS:
        shown_ticks = _apart(measured)
        axes.set_xticks(shown_ticks, [decimal(x) for x in shown_ticks])
    axes.yaxis.set_major_formatter(_ticks(shown))
    if shown is percent and max((row["value"] for row in rows if row["value"] is not None), default=2) <= 1:
        # A flat line would get an axis that goes on above all there is.
        axes.set_ylim(top=min(axes.get_ylim()[1], 1.005))
    return _finished(axes, series, axis), tooltips


KINDS: Mapping[str, Callable[[str, Sequence[Row], Format, str], Drawn]] = {
    "bars": bars,
    "stacked": stacked,
    "intervals": intervals,
    "lines": lines,
}


def _apart(ticks: Sequence[float]) -> list[float]:
    """Those of the ascending ticks whose labels do not run into the one before."""
    closest = 0.07 * (ticks[-1] - ticks[0]) if ticks else 0.0
    kept: list[float] = []
    for tick in ticks:
        if not kept or tick - kept[-1] >= closest:
            kept.append(tick)
    return kept


def _axes(rows: float, series: int, foot: float = 0.1) -> Axes:
    legend = 0.3 if series > 1 else 0.0
    return Figure(figsize=(WIDTH, max(rows, 1.5) * BAR + 0.25 + foot + legend), layout="constrained").subplots()


def _bar_axes(axes: Axes, labels: list[str], widest: float) -> None:
    """Bars that carry their figures: room for these at the right, and no axis of values."""
    axes.set_xlim(0, widest * 1.17)
    _categories(axes, labels)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _categories(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), [_short(_said(label)) for label in labels])
    axes.set_ylim(len(labels) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _ticks(shown: Format) -> FuncFormatter:
    return FuncFormatter(lambda value, _: shown(value).replace(".0 %", " %"))


def _finished(axes: Axes, series: Sequence[str], axis: str) -> Figure:
    axes.set_xlabel(axis)
    axes.tick_params(axis="x", length=0)
    figure = axes.figure
    assert isinstance(figure, Figure)
    if len(series) > 1:
        handles = [axes.plot([], [], color=_color(name, series), linewidth=6)[0] for name in series]
        names = [_short(_said(name)) for name in series]
        figure.legend(
            handles, names, loc="outside upper left", ncols=3, fontsize=9.5, handlelength=0.7, columnspacing=1.2
        )
    return figure


def _mark(artist: Any, chart_id: str, number: int, row: Row, shown: Format) -> dict[str, str]:
    name = f"mark-{chart_id}-{number}"
    artist.set_gid(name)
    said = [_said(str(row[part])) for part in ("label", "x", "series") if part in row]
    if row.get("low") is not None:
        return {name: f"{', '.join(said)}: {shown(row['value'])} ({shown(row['low'])} to {shown(row['high'])})"}
    return {name: f"{', '.join(said)}: {shown(row['value'])}"}


def _distinct(rows: Sequence[Row], column: str) -> list[Any]:
    return list(dict.fromkeys(row[column] for row in rows))


def _color(name: str, series: Sequence[str]) -> str:
    return COLORS.get(name) or PALETTE[series.index(name) % len(PALETTE)]


def _said(name: str) -> str:
    return NAMES.get(name, name)


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"


def _inline(svg: str, tooltips: Mapping[str, str]) -> Markup:
    """The SVG element without what an HTML page gives already: prolog, size, and ids that charts would share."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' id="[\w.]+_\d+"', "", svg)
    svg = re.sub(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', svg, count=1)
    # A chart of hundreds of marks would be a third of indentation, and of places finer than a hundredth of a point.
    svg = re.sub(r"^ +", "", svg, flags=re.MULTILINE)
    svg = re.sub(r' ([xy])="(-?\d+\.\d\d)\d+"', r' \1="\2"', svg)
    # xlink: needs its namespace only in a file of its own.
    svg = svg.replace("xlink:href", "href")
    for name, text in tooltips.items():
        svg = svg.replace(f'<g id="{name}">', f'<g id="{name}"><title>{escape(text)}</title>')
    return Markup(svg)
