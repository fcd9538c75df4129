"""The benchmarks' plots: medians with their quartiles, as SVG files."""

import math
from dataclasses import dataclass
from pathlib import Path

from commands.bench.spread import Spread
from commands.kit import chart

CURVE_STYLES = ["s1", "s2"]
MEDIAN = 1


@dataclass(frozen=True)
class Row:
    """A label with its figure."""

    label: str
    spread: Spread


@dataclass(frozen=True)
class Panel:
    """One axis with a dot, and a bar from quartile to quartile, for each row."""

    unit: str
    rows: list[Row]


@dataclass(frozen=True)
class Curve:
    """A line through medians, with a bar from quartile to quartile at each."""

    label: str
    points: list[tuple[float, Spread]]


def write(path: Path, title: str, panels: list[Panel]) -> None:
    """Draws the panels below one another, each with its fastest row on top."""
    chart.write(path, title, [([(panel.unit, "caption")], _panel(panel)) for panel in panels])


def write_curves(path: Path, title: str, x_label: str, y_label: str,
                 curves: list[Curve]) -> None:
    """Draws the curves into one panel. Its x axis is logarithmic; its y axis begins at 0, so that
    flat looks flat."""
    lines = [chart.Line(curve.label, style,
                        [(math.log10(x), spread.median) for x, spread in curve.points],
                        [(math.log10(x), spread.low, spread.high) for x, spread in curve.points])
             for curve, style in zip(curves, CURVE_STYLES, strict=True)]
    xs = sorted({x for curve in curves for x, _ in curve.points})
    ticks = [(math.log10(x), chart.short(x)) for x in xs]
    caption = [(f"{y_label} by {x_label}:", "caption"),
               *((curve.label, style) for curve, style in zip(curves, CURVE_STYLES))]
    chart.write(path, title, [(caption, chart.lines(title, lines, ticks))])


def _panel(panel: Panel):
    fastest_first = sorted(panel.rows, key=lambda row: row.spread.median)
    rows = [(row.label, [row.spread.low, row.spread.median, row.spread.high])
            for row in fastest_first]
    return chart.ranges(panel.unit, rows, marked=MEDIAN)
