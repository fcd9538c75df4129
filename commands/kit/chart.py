"""Charts as SVG: lines, sparks and ranges. A night's report has them inside its page, a benchmark
writes them to a file of their own.

A chart is an XML element. Its parts have classes, and the style sheet gives these their colours:
commands/nightly/page.css in the report, STYLE in a file.
"""

import math
import statistics
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable
from xml.etree.ElementTree import Element

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
# A quarter of the usual value up and down always fits, so that noise looks like noise.
SPARK_NOISE = 0.25
ROW_HEIGHT = 20
LABEL_MARGIN = 10
CHARACTER_WIDTH = 7
RANGES_WIDTH = 480

FILE_WIDTH = 640
FILE_MARGIN = 12
TITLE_HEIGHT = 30
CAPTION_HEIGHT = 24
NAMESPACE = "http://www.w3.org/2000/svg"
STYLE = """
text { fill: #444; font: 11.5px sans-serif; }
text.title { fill: #111; font-size: 15px; }
text.caption { fill: #111; font-size: 13px; }
tspan.s1 { fill: #1f6fb5; } tspan.s2 { fill: #c2571a; }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
.grid { stroke: #dde1e7; } .bar { stroke: #1f6fb5; stroke-width: 3; opacity: 0.35; }
polyline.s1, line.s1 { stroke: #1f6fb5; } circle.s1 { fill: #1f6fb5; }
polyline.s2, line.s2 { stroke: #c2571a; } circle.s2 { fill: #c2571a; }
circle.hollow { fill: #fff; stroke: #1f6fb5; stroke-width: 2; }
"""

Scale = Callable[[float], float]


@dataclass(frozen=True)
class Line:
    """One line; `style` is a class of the style sheet: s1, s2, s3 or old. `bars` are vertical, each
    (x, low, high)."""

    label: str
    style: str
    points: list[tuple[float, float]]
    bars: list[tuple[float, float, float]] = field(default_factory=list)


def as_text(chart: Element | None) -> str:
    """The chart as part of a page; an empty text for no chart."""
    return "" if chart is None else ElementTree.tostring(chart, encoding="unicode")


def write(path: Path, title: str, charts: list[tuple[list[tuple[str, str]], Element]]) -> None:
    """A file with the charts below one another. Each has a caption, made of pieces: a text and its
    class, "caption" or that of a line."""
    root = Element("svg", {"xmlns": NAMESPACE})
    _add(root, "style").text = STYLE
    _add(root, "rect", width="100%", height="100%", fill="white")
    _text(root, FILE_MARGIN, TITLE_HEIGHT - 8, title, style="title")
    y = float(TITLE_HEIGHT)
    for caption, chart in charts:
        text = _text(root, FILE_MARGIN, y + CAPTION_HEIGHT - 8, "", style="caption")
        for words, style in caption:
            _add(text, "tspan", style=style).text = f"{words} "
        y += CAPTION_HEIGHT
        _, _, width, height = map(float, chart.get("viewBox").split())
        shown_width = FILE_WIDTH - 2 * FILE_MARGIN
        shown_height = height * shown_width / width
        for name, value in (("x", FILE_MARGIN), ("y", y), ("width", shown_width),
                            ("height", shown_height)):
            chart.set(name, f"{value:.1f}")
        root.append(chart)
        y += shown_height
    root.set("viewBox", f"0 0 {FILE_WIDTH} {y + FILE_MARGIN:.0f}")
    root.set("width", str(FILE_WIDTH))
    ElementTree.indent(root)
    path.write_bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def short(value: float) -> str:
    """Three digits and a letter: 1.23M, 45.6k, 0.051."""
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{letter}"
    return f"{value:.3g}"


def lines(title: str, drawn: list[Line], x_ticks: list[tuple[float, str]],
          from_zero: bool = True) -> Element:
    """Lines over one another, the last on top; a line of one point is a dot."""
    xs = [x for line in drawn for x, _ in line.points] + [x for x, _ in x_ticks]
    ys = [y for line in drawn for _, y in line.points]
    ys += [y for line in drawn for _, *ends in line.bars for y in ends]
    low, high, step = nice_range(ys, from_zero)
    scale_x = _scale(min(xs), max(xs), LEFT, WIDTH - RIGHT)
    scale_y = _scale(low, high, HEIGHT - BOTTOM, TOP)
    svg = _svg(WIDTH, HEIGHT, title, "chart")
    for number in range(round((high - low) / step) + 1):
        _add_y_tick(svg, low + number * step, scale_y)
    for x, text in x_ticks:
        _add_x_tick(svg, scale_x(x), text)
    for line in drawn:
        _add_line(svg, line, scale_x, scale_y)
    return svg


def spark(values: list[float]) -> Element | None:
    """The course of a figure in the height of a line of text, the newest value marked; None for
    fewer than two values."""
    if len(values) < 2:
        return None
    scale_x = _scale(0, len(values) - 1, 2, SPARK_WIDTH - 4)
    usual = statistics.median(values)
    low, high = (bound(*values, *(usual * (1 + part) for part in (-SPARK_NOISE, SPARK_NOISE)))
                 for bound in (min, max))
    scale_y = _scale(low, high, SPARK_HEIGHT - 3, 3)
    places = [(scale_x(number), scale_y(value)) for number, value in enumerate(values)]
    svg = _svg(SPARK_WIDTH, SPARK_HEIGHT, "the last nights: " + ", ".join(map(short, values)),
               "spark")
    _add(svg, "polyline", style="s1", points=_path(places))
    _add_dot(svg, "s1", *places[-1], radius=2.5)
    return svg


def ranges(title: str, rows: list[tuple[str, list[float]]], marked: int = 0) -> Element:
    """A row for each name, on one logarithmic axis: a bar from the first to the last of its values,
    and a dot at each, the `marked` one filled. All values are above 0."""
    values = [value for _, row in rows for value in row]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    bottom = TOP + ROW_HEIGHT * len(rows)
    left = LABEL_MARGIN + CHARACTER_WIDTH * max(len(name) for name, _ in rows)
    scale = _scale(low, high, left + LABEL_MARGIN, RANGES_WIDTH - RIGHT - 10)
    svg = _svg(RANGES_WIDTH, bottom + BOTTOM, title, "chart")
    for power in range(low, high + 1):
        x = scale(power)
        _add(svg, "line", style="grid", x1=_place(x), x2=_place(x), y1=str(TOP), y2=str(bottom))
        _text(svg, x, bottom + 15, short(10.0 ** power), "middle")
    for number, (name, row) in enumerate(rows):
        y = TOP + ROW_HEIGHT * (number + 0.5)
        _add_range(svg, name, left, [scale(math.log10(value)) for value in row], y, marked)
    return svg


def _add_range(svg: Element, name: str, left: float, xs: list[float], y: float,
               marked: int) -> None:
    _text(svg, left, y + 4, name, "end")
    _add(svg, "line", style="bar", x1=_place(xs[0]), x2=_place(xs[-1]), y1=str(y), y2=str(y))
    for number, x in reversed(list(enumerate(xs))):
        _add_dot(svg, "s1" if x == xs[marked] else "hollow", x, y, radius=3.5)


def _svg(width: float, height: float, title: str, style: str) -> Element:
    return Element("svg", {"class": style, "viewBox": f"0 0 {width} {height}", "role": "img",
                           "aria-label": title})


def _add(parent: Element, tag: str, style: str = "", **attributes: str) -> Element:
    return ElementTree.SubElement(parent, tag, {**({"class": style} if style else {}),
                                                **attributes})


def _text(parent: Element, x: float, y: float, text: str, anchor: str = "",
          style: str = "") -> Element:
    anchored = {"text-anchor": anchor} if anchor else {}
    element = _add(parent, "text", style, x=_place(x), y=_place(y), **anchored)
    element.text = text
    return element


def _add_dot(parent: Element, style: str, x: float, y: float, radius: float) -> None:
    _add(parent, "circle", style, cx=_place(x), cy=_place(y), r=f"{radius:g}")


def _add_line(svg: Element, line: Line, scale_x: Scale, scale_y: Scale) -> None:
    places = [(scale_x(x), scale_y(y)) for x, y in line.points]
    if not places:
        return
    group = _add(svg, "g")
    _add(group, "title").text = f"{line.label}: {short(line.points[-1][1])}"
    _add(group, "polyline", line.style, points=_path(places))
    for x, low, high in line.bars:
        _add(group, "line", line.style, x1=_place(scale_x(x)), x2=_place(scale_x(x)),
             y1=_place(scale_y(low)), y2=_place(scale_y(high)))
    if line.style != "old" or len(places) == 1:
        _add_dot(group, line.style, *places[-1], radius=3)


def _add_y_tick(svg: Element, value: float, scale: Scale) -> None:
    y = scale(value)
    _add(svg, "line", "grid", x1=str(LEFT), x2=str(WIDTH - RIGHT), y1=_place(y), y2=_place(y))
    _text(svg, LEFT - 6, y + 4, _tick_text(value), "end")


def _tick_text(value: float) -> str:
    """All digits while there is room, since ticks may differ in the last one only."""
    return f"{value:,.10g}" if abs(value) < EXACT_MAX else short(value)


def _add_x_tick(svg: Element, x: float, text: str) -> None:
    anchor = "start" if x < LEFT + 20 else "end" if x > WIDTH - RIGHT - 20 else "middle"
    _text(svg, x, HEIGHT - 7, text, anchor)


def _path(places: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _place(value: float) -> str:
    return f"{value:.1f}"


def _scale(low: float, high: float, first: float, last: float) -> Scale:
    """Maps low..high to first..last; an empty range to the middle."""
    if high <= low:
        return lambda _: (first + last) / 2
    return lambda value: first + (value - low) / (high - low) * (last - first)


def nice_range(values: list[float], from_zero: bool) -> tuple[float, float, float]:
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
