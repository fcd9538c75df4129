"""Plots of medians with quartiles as SVG files, drawn by gnuplot."""

from dataclasses import dataclass
from pathlib import Path

from commands import child
from commands.console import CommandError
from commands.spread import Spread

PANEL_WIDTH = 640
ROW_HEIGHT = 22
MARGIN_HEIGHT = 90
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


def write(path: Path, title: str, panels: list[Panel]) -> None:
    """Draws the panels below one another, each with its fastest row on top."""
    script = path.with_suffix(".gnuplot")
    script.write_text("\n".join(_script(path, title, panels)) + "\n")
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


def _quoted(text: str) -> str:
    """A gnuplot string that takes every character as it is."""
    return "'" + text.replace("'", "''") + "'"
