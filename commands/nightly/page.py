"""The HTML report: one file that needs nothing else, findings first, then tables and plots.

report.html.j2 is the page, page.css its style; this module prepares what they show. No script and
no other file is used, so that the report can be mailed, kept and opened anywhere. Jinja2 escapes
every value.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from commands.bench.spread import Spread
from commands.kit import chart, jinja
from commands.kit.console import count
from commands.nightly import history, repeat, results
from commands.nightly.night import Night

TEMPLATE = "report.html.j2"
# The browser's own guarantee that the page fetches nothing and runs nothing.
NOTHING_ELSE = "default-src 'none'; style-src 'unsafe-inline'"
REPORT_LINES_FIRST = 12
REPORT_LINES_MAX = 500
# The number of nights in plots and in the table of nights.
NIGHTS_SHOWN_MAX = 30
BUILD_STYLES = {"plain": "s1", "tsan": "s2", "asan": "s3"}
STATUS_STYLES = {"ok": "good", "finding": "bad", "broken": "warn", "left-out": ""}
STATUS_WORDS = {"left-out": "left out"}
# The sections of one table: group, title, figures.
SIMPLE_SECTIONS = [("explore", "Programs under weave", ["executions"]),
                   ("litmus", "Litmus tests", ["tests", "skipped", "executions"])]


@dataclass(frozen=True)
class Tile:
    """A number at the top of the page; `style` is a class of the style sheet."""

    style: str
    number: int | str
    what: str
    more: str


@dataclass(frozen=True)
class Chart:
    """A chart with its caption."""

    title: str
    more: str
    svg: object


def render(night: Night, earlier: list[Night]) -> str:
    """The page of a night; `earlier` are the nights before it, the oldest first."""
    nights = [*earlier, night][-NIGHTS_SHOWN_MAX:]
    template = _environment(nights).get_template(TEMPLATE)
    slow = history.slow_jobs(night, earlier)
    return template.render(
        policy=NOTHING_ELSE, night=night, nights=nights, ended=_ended(night),
        tiles=_tiles(night, earlier, slow), findings=_findings(night, earlier),
        undone=_undone(night), slow=slow, fuzzing=_fuzzing(night, nights),
        stress=_stress(night, nights), ratios=_ratios(night, nights),
        simple_sections=[{"title": title, "figures": figures, "records": _records(night, group)}
                         for group, title, figures in SIMPLE_SECTIONS],
        status_styles=STATUS_STYLES, status_words=STATUS_WORDS, build_styles=BUILD_STYLES)


def _environment(nights: list[Night]):
    """Jinja2 with the filters of the template."""
    environment = jinja.environment(Path(__file__).parent, _printable)
    environment.filters |= {
        "moment": _moment, "number": _number, "short": chart.short, "build": _build,
        "count": count, "microseconds": lambda value: None if value is None else value / 1000,
        "trend": lambda name: _spark(_speeds(nights, name))}
    return environment


def _printable(value):
    """The value with what HTML cannot hold replaced; an SVG is left as it is."""
    if value is None or hasattr(value, "__html__"):
        return value
    return results.printable(str(value))


def _markup(svg):
    """A chart as a part of the page that is not escaped again."""
    import markupsafe
    return markupsafe.Markup(chart.as_text(svg))


def _ended(night: Night) -> str:
    """How the night ended, if not well."""
    if night.state["closed"]:
        return f"closed early, {night.state['closed']}"
    return "" if night.is_finished else "not finished"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def _tiles(night: Night, earlier: list[Night], slow: dict) -> list[Tile]:
    found = night.findings()
    new = [stored for stored in found if history.known_since(stored["id"], earlier) is None]
    statuses = [record["status"] for record in night.jobs.values()]
    undone = statuses.count("broken") + statuses.count("left-out")
    done = len(statuses) - undone
    return [
        Tile("bad" if found else "good", len(found), _of("finding", len(found)),
             f"{len(new)} new" if found else "none, which is good"),
        Tile("", done, _of("job", done), "done"),
        Tile("warn" if undone else "", undone, "not done", "broken or left out"),
        Tile("warn" if slow else "", len(slow), "slower", "than they usually are"),
        Tile("", chart.short(_total(night, "fuzz", "executions")), "executions",
             "of fuzz targets"),
        Tile("", chart.short(_total(night, "stress", "operations")), "operations",
             "of stress jobs")]


def _of(noun: str, number: int) -> str:
    return noun if number == 1 else f"{noun}s"


def _total(night: Night, group: str, figure: str) -> float:
    return sum(record["figures"].get(figure) or 0 for record in night.jobs.values()
               if record["group"].startswith(group))


def _findings(night: Night, earlier: list[Night]) -> list[dict]:
    """The night's findings, new ones first, with all that the page says of each."""
    found = [{**stored, "known_since": history.known_since(stored["id"], earlier),
              "again": repeat.shown(stored), "report": _report(night.report_of(stored))}
             for stored in night.findings()]
    return sorted(found, key=lambda stored: stored["known_since"] or "")


def _report(report: str) -> dict:
    """The first lines of a report, and the rest, which the page hides at first."""
    lines = report.rstrip().splitlines()
    rest = lines[REPORT_LINES_FIRST:REPORT_LINES_MAX]
    if len(lines) > REPORT_LINES_MAX:
        rest.append(f"... and {count(len(lines) - REPORT_LINES_MAX, 'more line')}")
    return {"first": "\n".join(lines[:REPORT_LINES_FIRST]), "rest": "\n".join(rest),
            "lines_more": max(len(lines) - REPORT_LINES_FIRST, 0)}


def _undone(night: Night) -> list[tuple[dict, str]]:
    return [(record, line) for record in night.jobs.values()
            for line in filter(None, [record["problem"], *record["remarks"]])]


def _fuzzing(night: Night, nights: list[Night]) -> dict:
    records = _records(night, "fuzz")
    merged = {record["target"]: f"{record['figures']['inputs_before']:,} to "
                                f"{record['figures']['inputs_after']:,}"
              for record in _records(night, "merge") if "inputs_after" in record["figures"]}
    return {"records": records, "merged": merged,
            "charts": [drawn for record in records if record["series"]
                       for drawn in _over_time(record, nights)]}


def _over_time(record: dict, nights: list[Night]) -> list[Chart]:
    """Coverage and executions of one target, tonight's and that of earlier nights."""
    before = [old.jobs[record["name"]] for old in nights[:-1] if record["name"] in old.jobs]
    before = before[-history.COMPARED_MAX:]
    return [
        _plot(record["target"], what, [
            *[chart.Line("earlier", "old", _points(old, column)) for old in before
              if old["series"]],
            chart.Line("tonight", "s1", _points(record, column))], from_zero)
        for what, column, from_zero in (("edges", 2, False), ("executions", 1, True))]


def _points(record: dict, column: int) -> list[tuple[float, float]]:
    start = [(0.0, 0.0)] if column == 1 else []
    return start + [(row[0], row[column]) for row in record["series"]]


def _plot(name: str, what: str, drawn: list[chart.Line], from_zero: bool) -> Chart:
    end = max(x for line in drawn for x, _ in line.points)
    ticks = [(0.0, "0"), (end / 2, _duration(end / 2)), (end, _duration(end))]
    return Chart(name, what, _markup(chart.lines(f"{name}: {what}", drawn, ticks, from_zero)))


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 180 else f"{seconds / 60:.0f} min"


def _stress(night: Night, nights: list[Night]) -> dict:
    records = [record for build in BUILD_STYLES for record in _records(night, f"stress {build}")]
    ranges = [_latency_ranges(records, build) for build in BUILD_STYLES]
    return {"records": records, "ranges": list(filter(None, ranges)),
            "by_night": _stress_by_night(records, nights)}


def _latency_ranges(records: list[dict], build: str) -> Chart | None:
    names = ("latency_ns_p50", "latency_ns_p99", "latency_ns_p999")
    rows = [(record["target"], [record["figures"][name] / 1000 for name in names])
            for record in records if _build(record) == build
            and all(record["figures"].get(name) for name in names)]
    if not rows:
        return None
    title = f"latency, {build} build"
    return Chart(title, "p50, p99 and p99.9 in us", _markup(chart.ranges(title, rows)))


def _stress_by_night(records: list[dict], nights: list[Night]) -> list[Chart]:
    targets = dict.fromkeys(record["target"] for record in records)
    plots = [_by_night(target, what, figure, factor, records, nights) for target in targets
             for what, figure, factor in (("operations/s", "operations_per_second", 1),
                                          ("latency p99 in us", "latency_ns_p99", 1e-3),
                                          ("deepest backlog", "backlog_max", 1))]
    return list(filter(None, plots))


def _by_night(target: str, what: str, figure: str, factor: float, records: list[dict],
              nights: list[Night]) -> Chart | None:
    def value(old: dict) -> float | None:
        found = old["figures"].get(figure)
        return None if found is None else found * factor

    drawn = [chart.Line(_build(record), BUILD_STYLES[_build(record)],
                        _course(nights, record["name"], value))
             for record in records if record["target"] == target]
    if not any(line.points for line in drawn):
        return None
    ticks = [(0.0, nights[0].id[:10]), (len(nights) - 1.0, nights[-1].id[:10])]
    svg = chart.lines(f"{target}: {what}", drawn, ticks)
    return Chart(target, f"{what} by night", _markup(svg))


def _ratios(night: Night, nights: list[Night]) -> list[dict]:
    return [_ratio(record, case, ratio, nights) for record in _records(night, "bench")
            for case, ratio in record["figures"].items()]


def _ratio(record: dict, case: str, ratio: float, nights: list[Night]) -> dict:
    def figure(old: dict) -> float | None:
        return old["figures"].get(case)

    before = [value for _, value in _course(nights[:-1], record["name"], figure)]
    usual = str(Spread.of(before[-history.COMPARED_MAX:])) if before else "-"
    course = [value for _, value in _course(nights, record["name"], figure)]
    return {"case": case, "suite": record["target"], "ratio": ratio, "usual": usual,
            "trend": _spark(course)}


def _records(night: Night, group: str) -> list[dict]:
    return [record for record in night.jobs.values() if record["group"] == group]


def _build(record: dict) -> str:
    return record["group"].split()[-1]


def _course(nights: list[Night], name: str,
            figure: Callable[[dict], float | None]) -> list[tuple[int, float]]:
    """A job's figure in each night that has it, by the night's place."""
    values = [(number, figure(night.jobs[name])) for number, night in enumerate(nights)
              if name in night.jobs]
    return [(number, value) for number, value in values if value is not None]


def _speeds(nights: list[Night], name: str) -> list[float]:
    course = _course(nights, name, lambda old: old["speed"] and old["speed"]["value"])
    return [value for _, value in course]


def _spark(values: list[float]):
    return _markup(chart.spark(values))


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
