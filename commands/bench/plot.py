"""Plots of medians with quartiles as SVG files, drawn by gnuplot."""

from dataclasses import dataclass
from pathlib import Path

from commands.bench.spread import Spread
from commands.kit import child
from commands.kit.console import CommandError

PANEL_WIDTH = 640
ROW_HEIGHT = 22
MARGIN_HEIGHT = 90
CURVES_HEIGHT = 360
CURVE_COLORS = ["#1f5f99", "#b5472f"]
GNUPLOT_SECONDS_MAX = 30


@dataclass(frozen=True)
class Row:
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
    _draw(path, _script(path, title, panels))


def write_curves(path: Path, title: str, x_label: str, y_label: str,
                 curves: list[Curve]) -> None:
    """Draws the curves into one panel whose y axis begins at 0, so that flat looks flat."""
    _draw(path, _curve_script(path, title, x_label, y_label, curves))


def _draw(path: Path, lines: list[str]) -> None:
    script = path.with_suffix(".gnuplot")
    script.write_text("\n".join(lines) + "\n")
    outcome = child.run(["gnuplot", script], GNUPLOT_SECONDS_MAX)
    script.unlink()
    if outcome.status != 0:
        raise CommandError(f"gnuplot could not draw {path.name}: {outcome.output.strip()[-300:]}")


def _script(path: Path, title: str, panels: list[Panel]) -> list[str]:
    height = sum(ROW_HEIGHT * len(panel.rows) + MARGIN_HEIGHT for panel in panels)
    lines = [f"set terminal svg noenhanced size {PANEL_WIDTH},{height} font 'sans-serif,12' "
             "background 'white'",
             f"set output {_quoted(str(path))}",
             f"set multiplot layout {len(panels)},1 title {_quoted(title)}",
             "set logscale x", "set grid xtics", "set key off", "set lmargin 24",
             "set xtics nomirror", "set format x '%.0s%c'", "set ytics nomirror"]
    for number, panel in enumerate(panels):
        lines += _panel(f"$rows{number}", panel)
    return [*lines, "unset multiplot"]


def _panel(name: str, panel: Panel) -> list[str]:
    slowest_first = sorted(panel.rows, key=lambda row: -row.spread.median)
    data = [f"{row.spread.median} {number} {row.spread.low} {row.spread.high} \"{row.label}\""
            for number, row in enumerate(slowest_first)]
    return [f"{name} << EOD", *data, "EOD",
            f"set xlabel {_quoted(panel.unit)}",
            f"set yrange [-0.7:{len(data) - 0.3}]",
            f"plot {name} using 1:2:3:4:ytic(5) with xerrorbars pointtype 7 pointsize 0.6 "
            "linecolor rgb '#1f5f99'"]


def _curve_script(path: Path, title: str, x_label: str, y_label: str,
                  curves: list[Curve]) -> list[str]:
    lines = [f"set terminal svg noenhanced size {PANEL_WIDTH},{CURVES_HEIGHT} "
             "font 'sans-serif,12' background 'white'",
             f"set output {_quoted(str(path))}",
             f"set title {_quoted(title)}", "set logscale x", "set grid", "set key bottom right",
             f"set xlabel {_quoted(x_label)}", f"set ylabel {_quoted(y_label)}", "set yrange [0:*]",
             "set offsets graph 0.05, graph 0.05, graph 0.1, 0", "set format x '%.0s%c'"]
    plots = []
    for number, (curve, color) in enumerate(zip(curves, CURVE_COLORS, strict=True)):
        data = [f"{x} {spread.median} {spread.low} {spread.high}" for x, spread in curve.points]
        lines += [f"$curve{number} << EOD", *data, "EOD"]
        plots.append(f"$curve{number} using 1:2:3:4 with yerrorlines pointtype 7 pointsize 0.6 "
                     f"linecolor rgb '{color}' title {_quoted(curve.label)}")
    return [*lines, "plot " + ", ".join(plots)]


def _quoted(text: str) -> str:
    """A gnuplot string that takes every character as it is."""
    return "'" + text.replace("'", "''") + "'"
