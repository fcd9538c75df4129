"""Charts as SVG that is part of a page: its colours are those of the page's style sheet."""

import html
import math
import statistics
from dataclasses import dataclass

WIDTH = 360
HEIGHT = 170
LEFT = 52
RIGHT = 14
TOP = 10
BOTTOM = 24
TICKS = 4
EXACT_MAX = 100_000
SPARK_WIDTH = 96
SPARK_HEIGHT = 20
# This part of the usual value up and down always fits, so that noise looks like noise.
SPARK_NOISE = 0.25
ROW_HEIGHT = 20
LABEL_MARGIN = 10
CHARACTER_WIDTH = 7
RANGES_WIDTH = 480


@dataclass(frozen=True)
class Line:
    """One line; `style` is a class of the style sheet: s1, s2, s3 or old."""

    label: str
    style: str
    points: list[tuple[float, float]]


def short(value: float) -> str:
    """Three digits and a letter: 1.23M, 45.6k, 0.051."""
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{letter}"
    return f"{value:.3g}"


def lines(title: str, drawn: list[Line], x_ticks: list[tuple[float, str]],
          from_zero: bool = True) -> str:
    """Lines over one another, the last on top; a line of one point is a dot."""
    points = [point for line in drawn for point in line.points]
    xs = [x for x, _ in points] + [x for x, _ in x_ticks]
    low, high, step = _nice_range([y for _, y in points], from_zero)
    scale_x = _scale(min(xs), max(xs), LEFT, WIDTH - RIGHT)
    scale_y = _scale(low, high, HEIGHT - BOTTOM, TOP)
    parts = [_y_tick(low + number * step, scale_y)
             for number in range(round((high - low) / step) + 1)]
    parts += [_x_tick(x, text, scale_x) for x, text in x_ticks]
    parts += [_line(line, scale_x, scale_y) for line in drawn]
    return _svg(WIDTH, HEIGHT, title, parts, "chart")


def spark(values: list[float]) -> str:
    """The course of a figure in the height of a line of text, the newest value marked."""
    if len(values) < 2:
        return ""
    scale_x = _scale(0, len(values) - 1, 2, SPARK_WIDTH - 4)
    usual = statistics.median(values)
    low, high = (bound(*values, *(usual * (1 + part) for part in (-SPARK_NOISE, SPARK_NOISE)))
                 for bound in (min, max))
    scale_y = _scale(low, high, SPARK_HEIGHT - 3, 3)
    places = [(scale_x(number), scale_y(value)) for number, value in enumerate(values)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    parts = [f'<polyline class="s1" points="{path}"/>',
             f'<circle class="s1" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>']
    return _svg(SPARK_WIDTH, SPARK_HEIGHT, "the last nights: " + ", ".join(map(short, values)),
                parts, "spark")


def ranges(title: str, rows: list[tuple[str, list[float]]]) -> str:
    """A row for each name, on one logarithmic axis: a bar from the first to the last of its values,
    and a dot at each, the first filled. All values are above 0."""
    values = [value for _, row in rows for value in row]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    bottom = TOP + ROW_HEIGHT * len(rows)
    left = LABEL_MARGIN + CHARACTER_WIDTH * max(len(name) for name, _ in rows)
    scale = _scale(low, high, left + LABEL_MARGIN, RANGES_WIDTH - RIGHT - 10)
    parts = [f'<line class="grid" x1="{scale(power):.1f}" x2="{scale(power):.1f}" y1="{TOP}" '
             f'y2="{bottom}"/><text x="{scale(power):.1f}" y="{bottom + 15}" '
             f'text-anchor="middle">{short(10.0 ** power)}</text>'
             for power in range(low, high + 1)]
    parts += [_range(name, left, [scale(math.log10(value)) for value in row],
                     TOP + ROW_HEIGHT * (number + 0.5))
              for number, (name, row) in enumerate(rows)]
    return _svg(RANGES_WIDTH, bottom + BOTTOM, title, parts, "chart")


def _range(name: str, left: float, xs: list[float], y: float) -> str:
    dots = "".join(f'<circle class="{"s1" if x == xs[0] else "hollow"}" cx="{x:.1f}" cy="{y}" '
                   'r="3.5"/>' for x in reversed(xs))
    return (f'<text x="{left}" y="{y + 4}" text-anchor="end">{html.escape(name)}</text>'
            f'<line class="bar" x1="{xs[0]:.1f}" x2="{xs[-1]:.1f}" y1="{y}" y2="{y}"/>{dots}')


def _svg(width: float, height: float, title: str, parts: list[str], style: str) -> str:
    return (f'<svg class="{style}" viewBox="0 0 {width} {height}" role="img" '
            f'aria-label="{html.escape(title)}">{"".join(parts)}</svg>')


def _line(line: Line, scale_x, scale_y) -> str:
    places = [(scale_x(x), scale_y(y)) for x, y in line.points]
    if not places:
        return ""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    end = "" if line.style == "old" and len(places) > 1 else (
        f'<circle class="{line.style}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
    title = f"<title>{html.escape(line.label)}: {short(line.points[-1][1])}</title>"
    return f'<g>{title}<polyline class="{line.style}" points="{path}"/>{end}</g>'


def _y_tick(value: float, scale) -> str:
    y = scale(value)
    return (f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_tick_text(value)}</text>')


def _tick_text(value: float) -> str:
    """All digits while there is room, since ticks may differ in the last one only."""
    return f"{value:,.10g}" if abs(value) < EXACT_MAX else short(value)


def _x_tick(value: float, text: str, scale) -> str:
    x = scale(value)
    anchor = "start" if x < LEFT + 20 else "end" if x > WIDTH - RIGHT - 20 else "middle"
    return (f'<text x="{x:.1f}" y="{HEIGHT - 7}" text-anchor="{anchor}">{html.escape(text)}</text>')


def _scale(low: float, high: float, first: float, last: float):
    """Maps low..high to first..last; a range of nothing to the middle."""
    if high <= low:
        return lambda _: (first + last) / 2
    return lambda value: first + (value - low) / (high - low) * (last - first)


def _nice_range(values: list[float], from_zero: bool) -> tuple[float, float, float]:
    """Low, high and step, all of few digits, around the values; steps between counts are counts."""
    low, high = (0.0 if from_zero else min(values)), max(values)
    if low == high:
        low, high = (low, high + 1) if from_zero else (low - 1, high + 1)
    step = _nice_step((high - low) / TICKS)
    if all(float(value).is_integer() for value in values):
        step = max(step, 1.0)
    first, last = math.floor(low / step) * step, math.ceil(high / step) * step
    return first, max(last, first + step), step


def _nice_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= step)
