"""The HTML report: one file that needs nothing else, findings first, then tables and plots.

No script and no other file is used, so that it can be mailed, kept and opened anywhere; all that
comes from outside goes through text().
"""

import html
import time
from pathlib import Path
from typing import Callable

from commands.bench.spread import Spread
from commands.kit.console import count
from commands.nightly import chart, history, repeat, results
from commands.nightly.night import Night

STYLE = Path(__file__).with_name("page.css")
# The browser's own guarantee that the page fetches nothing and runs nothing.
NOTHING_ELSE = "default-src 'none'; style-src 'unsafe-inline'"
REPORT_LINES_FIRST = 12
REPORT_LINES_MAX = 500
# As many nights as a plot and the table of nights go back.
NIGHTS_SHOWN_MAX = 30
BUILD_STYLES = {"plain": "s1", "tsan": "s2", "asan": "s3"}
STATUS_BADGES = {"ok": "good", "finding": "bad", "broken": "warn", "left-out": ""}
STATUS_WORDS = {"left-out": "left out"}


def render(night: Night, earlier: list[Night]) -> str:
    slow = history.slow_jobs(night, earlier)
    nights = [*earlier, night][-NIGHTS_SHOWN_MAX:]
    sections = [
        _head(night), _tiles(night, earlier, slow), _findings(night, earlier), _undone(night),
        _slow(slow, nights), _fuzzing(night, nights), _stress(night, nights),
        _simple(night, nights, "explore", "Programs under weave", {"executions": "executions"}),
        _simple(night, nights, "litmus", "Litmus tests",
                {"tests": "tests", "skipped": "skipped", "executions": "executions"}),
        _benchmarks(night, nights), _jobs(night), _nights(nights)]
    body = "\n".join(filter(None, sections))
    return (f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
            f'<meta http-equiv="Content-Security-Policy" content="{NOTHING_ELSE}"/>\n'
            f"<title>mailproof, the night of {text(night.id)}</title>\n"
            f"<style>\n{STYLE.read_text()}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
            "</body>\n</html>\n")


def text(value) -> str:
    """Whatever it is, as text of the page."""
    return html.escape(results.printable(str(value)))


def _head(night: Night) -> str:
    state = night.state
    used = state["spent_seconds"] / 3600
    interrupted = state["interruptions"] and (
        f", interrupted and resumed {count(state['interruptions'], 'time')}")
    ended = f"closed early, {state['closed']}" if state["closed"] else (
        "" if night.is_finished else "not finished")
    badge = f' <span class="badge warn">{text(ended)}</span>' if ended else ""
    return (f"<h1>The night of {_moment(state['started'])}{badge}</h1>\n"
            f'<p class="dim">{text(state["source"])} on {text(state["machine"])}; '
            f'{used:.2f} of {state["hours"]:g} h used{interrupted or ""}</p>')


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def _tiles(night: Night, earlier: list[Night], slow: dict) -> str:
    found = night.findings()
    new = [stored for stored in found if history.known_since(stored["id"], earlier) is None]
    statuses = [record["status"] for record in night.jobs.values()]
    undone = statuses.count("broken") + statuses.count("left-out")
    tiles = [
        ("bad" if found else "good", len(found), _of("finding", len(found)),
         f"{len(new)} new" if found else "none, which is good"),
        ("", len(statuses) - undone, _of("job", len(statuses) - undone), "done"),
        ("warn" if undone else "", undone, "not done", "broken or left out"),
        ("warn" if slow else "", len(slow), "slower", "than they usually are"),
        ("", chart.short(_total(night, "fuzz", "executions")), "executions", "of fuzz targets"),
        ("", chart.short(_total(night, "stress", "operations")), "operations", "of stress jobs")]
    return '<div class="tiles">' + "".join(
        f'<div class="tile {style}"><b>{number}</b>{what}<br/>'
        f'<span class="dim small">{more}</span></div>' for style, number, what, more in tiles
    ) + "</div>"


def _of(noun: str, number: int) -> str:
    return noun if number == 1 else f"{noun}s"


def _total(night: Night, group: str, figure: str) -> float:
    return sum(record["figures"].get(figure) or 0 for record in night.jobs.values()
               if record["group"].startswith(group))


def _findings(night: Night, earlier: list[Night]) -> str:
    found = night.findings()
    if not found:
        return "<h2>Findings</h2>\n<p>None.</p>"
    new_first = sorted(found, key=lambda stored: history.known_since(stored["id"], earlier) or "")
    return "<h2>Findings</h2>\n" + "\n".join(_finding(night, stored, earlier)
                                             for stored in new_first)


def _finding(night: Night, stored: dict, earlier: list[Night]) -> str:
    known = history.known_since(stored["id"], earlier)
    again = repeat.shown(stored)
    badges = [f'<span class="badge bad">{text(stored["verdict"])}</span>',
              f'<span class="badge">known since {text(known)}</span>' if known
              else '<span class="badge warn">new</span>',
              f'<span class="badge">{again} repetitions fail</span>' if again else ""]
    return (f'<article class="finding" id="{text(stored["id"])}">\n'
            f"<h3>{text(stored['target'])}{''.join(badges)}</h3>\n"
            f"<p>{text(stored['sentence'])}</p>\n"
            f'<code class="run">{text(stored["reproduce"])}</code>\n'
            f'<p class="dim small">input: {text(stored["input"])}<br/>'
            f"found by {text(', '.join(stored['jobs']))} at {_moment(stored['time'])}</p>\n"
            f"{_report(night.report_of(stored))}</article>")


def _report(report: str) -> str:
    lines = report.rstrip().splitlines()
    first = text("\n".join(lines[:REPORT_LINES_FIRST]))
    if not first:
        return ""
    if len(lines) <= REPORT_LINES_FIRST:
        return f"<pre>{first}</pre>\n"
    rest = text("\n".join(lines[REPORT_LINES_FIRST:REPORT_LINES_MAX]))
    more = len(lines) - REPORT_LINES_MAX
    note = f"\n... and {count(more, 'more line')}" if more > 0 else ""
    return (f"<pre>{first}</pre>\n<details><summary>{len(lines) - REPORT_LINES_FIRST} more lines"
            f"</summary><pre>{rest}{note}</pre></details>\n")


def _undone(night: Night) -> str:
    rows = [[_cell(record["name"]), _status(record), _cell(line, "text")]
            for record in night.jobs.values()
            for line in filter(None, [record["problem"], *record["remarks"]])]
    if not rows:
        return ""
    return "<h2>Not done, and remarks</h2>\n" + _table(["job", "status", "-why"], rows)


def _slow(slow: dict[str, dict], nights: list[Night]) -> str:
    if not slow:
        return ""
    rows = [[_cell(name), _number(entry["value"]), _number(entry["usual"][1]),
             _cell(f"{chart.short(entry['usual'][0])} to {chart.short(entry['usual'][2])}"),
             _number(entry["floor"]), _cell(entry["unit"], "text"), _cell(entry["nights"]),
             f"<td>{_trend(nights, name)}</td>"] for name, entry in slow.items()]
    return ("<h2>Slower than usual</h2>\n"
            '<p class="dim small">Below the slowest of the last nights by more than the distance '
            "of their quartiles.</p>\n" + _table(
                ["job", "tonight", "usual", "quartiles", "expected above", "-unit", "of nights",
                 "by night"], rows))


def _fuzzing(night: Night, nights: list[Night]) -> str:
    records = _records(night, "fuzz")
    if not records:
        return ""
    merged = {record["target"]: record["figures"] for record in _records(night, "merge")}
    rows = [[_cell(record["target"]), _status(record),
             *[_figure(record, name) for name in ("executions", "executions_per_second", "edges",
                                                  "new_inputs")],
             _cell(_merged(merged.get(record["target"], {}))), _cell(f"{record['seconds']:.0f}"),
             f"<td>{_trend(nights, record['name'])}</td>"] for record in records]
    header = ["target", "status", "executions", "per second", "edges", "new inputs",
              "corpus, merged", "seconds", "per second, by night"]
    drawn = [_over_time(record, nights) for record in records if record["series"]]
    key = ('<p class="key"><i class="s1"></i>tonight<i class="old"></i>earlier nights</p>\n'
           if len(nights) > 1 else "")
    return (f"<h2>Fuzzing</h2>\n{_table(header, rows)}\n<p>Coverage and executions over time:</p>"
            f"\n{key}"
            f'<div class="charts pairs">{"".join(drawn)}</div>')


def _merged(figures: dict) -> str:
    if "inputs_after" not in figures:
        return "-"
    return f"{figures['inputs_before']:,} to {figures['inputs_after']:,}"


def _over_time(record: dict, nights: list[Night]) -> str:
    """Coverage and executions of one target, tonight's and that of earlier nights."""
    before = [old.jobs[record["name"]] for old in nights[:-1] if record["name"] in old.jobs]
    before = before[-history.COMPARED_MAX:]
    return "".join(
        _plot(record["target"], what, [
            *[chart.Line("earlier", "old", _points(old, column)) for old in before
              if old["series"]],
            chart.Line("tonight", "s1", _points(record, column))], from_zero)
        for what, column, from_zero in (("edges", 2, False), ("executions", 1, True)))


def _points(record: dict, column: int) -> list[tuple[float, float]]:
    start = [(0.0, 0.0)] if column == 1 else []
    return start + [(row[0], row[column]) for row in record["series"]]


def _plot(name: str, what: str, drawn: list[chart.Line], from_zero: bool) -> str:
    end = max(x for line in drawn for x, _ in line.points)
    ticks = [(0.0, "0"), (end / 2, _duration(end / 2)), (end, _duration(end))]
    return _chart(name, what, chart.lines(f"{name}: {what}", drawn, ticks, from_zero))


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 180 else f"{seconds / 60:.0f} min"


def _stress(night: Night, nights: list[Night]) -> str:
    records = [record for build in BUILD_STYLES for record in _records(night, f"stress {build}")]
    if not records:
        return ""
    rows = [[_cell(record["target"]), _cell(_build(record), "text"), _status(record),
             *[_figure(record, name) for name in ("operations", "operations_per_second")],
             *[_microseconds(record, name) for name in ("latency_ns_p50", "latency_ns_p99",
                                                        "latency_ns_p999")],
             *[_figure(record, name) for name in ("backlog_max", "full_pushes")],
             f"<td>{_trend(nights, record['name'])}</td>"] for record in records]
    header = ["job", "-build", "status", "operations", "per second", "p50 us", "p99 us", "p99.9 us",
              "backlog", "full pushes", "per second, by night"]
    ranges = "".join(_latency_ranges(records, build) for build in BUILD_STYLES)
    return (f"<h2>Stress</h2>\n{_table(header, rows)}\n"
            f'<div class="charts wide">{ranges}</div>\n{_stress_by_night(records, nights)}')


def _latency_ranges(records: list[dict], build: str) -> str:
    names = ("latency_ns_p50", "latency_ns_p99", "latency_ns_p999")
    rows = [(record["target"], [record["figures"][name] / 1000 for name in names])
            for record in records if _build(record) == build
            and all(record["figures"].get(name) for name in names)]
    if not rows:
        return ""
    title = f"latency, {build} build"
    return _chart(title, "p50, p99 and p99.9 in us", chart.ranges(title, rows))


def _stress_by_night(records: list[dict], nights: list[Night]) -> str:
    if len(nights) < 2:
        return '<p class="dim small">Plots against earlier nights begin with the second night.</p>'
    key = "".join(f'<i class="{style}"></i>{build}' for build, style in BUILD_STYLES.items())
    targets = dict.fromkeys(record["target"] for record in records)
    plots = [_by_night(target, what, figure, factor, records, nights) for target in targets
             for what, figure, factor in (("operations/s", "operations_per_second", 1),
                                          ("latency p99 in us", "latency_ns_p99", 1e-3),
                                          ("deepest backlog", "backlog_max", 1))]
    return f'<p class="key">{key}</p>\n<div class="charts threes">{"".join(plots)}</div>'


def _by_night(target: str, what: str, figure: str, factor: float, records: list[dict],
              nights: list[Night]) -> str:
    def value(old: dict) -> float | None:
        found = old["figures"].get(figure)
        return None if found is None else found * factor

    drawn = [chart.Line(_build(record), BUILD_STYLES[_build(record)],
                        _course(nights, record["name"], value))
             for record in records if record["target"] == target]
    if not any(line.points for line in drawn):
        return ""
    ticks = [(0.0, nights[0].id[:10]), (len(nights) - 1.0, nights[-1].id[:10])]
    return _chart(target, f"{what} by night", chart.lines(f"{target}: {what}", drawn, ticks))


def _simple(night: Night, nights: list[Night], group: str, title: str,
            figures: dict[str, str]) -> str:
    """A section of one table."""
    records = _records(night, group)
    if not records:
        return ""
    rows = [[_cell(record["name"].split("/", 1)[1]), _status(record),
             *[_figure(record, name) for name in figures],
             _number(record["speed"]["value"]) if record["speed"] else _cell("-"),
             _cell(f"{record['seconds']:.0f}"), f"<td>{_trend(nights, record['name'])}</td>"]
            for record in records]
    header = ["job", "status", *figures.values(), "per second", "seconds", "per second, by night"]
    return f"<h2>{title}</h2>\n{_table(header, rows)}"


def _benchmarks(night: Night, nights: list[Night]) -> str:
    rows = [_ratio_row(record, case, ratio, nights) for record in _records(night, "bench")
            for case, ratio in record["figures"].items()]
    if not rows:
        return ""
    return ('<h2>Benchmarks</h2>\n<p class="dim small">Ratios over the best peer: mailbox and '
            "scheduler in time, below 1 is faster; runners in executions per second, above 1 is "
            "faster.</p>\n" + _table(["case", "-suite", "ratio", "usual (quartiles)", "by night"],
                                     rows))


def _ratio_row(record: dict, case: str, ratio: float, nights: list[Night]) -> list[str]:
    def figure(old: dict) -> float | None:
        return old["figures"].get(case)

    before = [value for _, value in _course(nights[:-1], record["name"], figure)]
    usual = str(Spread.of(before[-history.COMPARED_MAX:])) if before else "-"
    course = [value for _, value in _course(nights, record["name"], figure)]
    return [_cell(case), _cell(record["target"], "text"), _cell(f"{ratio:.3g}"), _cell(usual),
            f"<td>{chart.spark(course)}</td>"]


def _jobs(night: Night) -> str:
    rows = [[_cell(record["name"]), _status(record), _cell(record["seconds_planned"]),
             _cell(f"{record['seconds']:.0f}")] for record in night.jobs.values()]
    builds = ", ".join(f"{preset} {entry['seconds']:.0f} s"
                       for preset, entry in night.state["builds"].items())
    return (f'<h2>All jobs</h2>\n<p class="dim small">Builds: {text(builds or "none")}.</p>\n'
            f"<details><summary>{count(len(rows), 'job')}</summary>\n"
            + _table(["job", "status", "seconds given", "seconds taken"], rows) + "</details>")


def _nights(nights: list[Night]) -> str:
    rows = [[_cell(night.id), _cell(night.state["source"], "text"),
             _cell(f"{night.state['hours']:g}"), _cell(len(night.findings())),
             *[_cell(sum(record["status"] == status for record in night.jobs.values()))
               for status in STATUS_BADGES]] for night in reversed(nights)]
    return "<h2>Nights</h2>\n" + _table(
        ["night", "-sources", "hours", "findings", "jobs ok", "with findings", "broken",
         "left out"], rows)


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


def _trend(nights: list[Night], name: str) -> str:
    course = _course(nights, name, lambda old: old["speed"] and old["speed"]["value"])
    return chart.spark([value for _, value in course])


def _chart(title: str, more: str, svg: str) -> str:
    return (f"<figure><figcaption>{text(title)} <span>{text(more)}</span></figcaption>{svg}"
            "</figure>\n")


def _table(header: list[str], rows: list[list[str]]) -> str:
    """A header that begins with '-' stands above text, others above numbers."""
    heads = "".join(f'<th class="text">{text(name[1:])}</th>' if name.startswith("-")
                    else f"<th>{text(name)}</th>" for name in header)
    lines = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f'<div class="table"><table>\n<tr>{heads}</tr>\n{lines}\n</table></div>'


def _cell(value, style: str = "") -> str:
    return f'<td class="{style}">{text(value)}</td>' if style else f"<td>{text(value)}</td>"


def _status(record: dict) -> str:
    status = record["status"]
    return (f'<td><span class="badge {STATUS_BADGES[status]}">'
            f"{text(STATUS_WORDS.get(status, status))}</span></td>")


def _number(value: float | None) -> str:
    if value is None:
        return _cell("-")
    return _cell(f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}")


def _figure(record: dict, name: str) -> str:
    return _number(record["figures"].get(name))


def _microseconds(record: dict, name: str) -> str:
    value = record["figures"].get(name)
    return _number(None if value is None else value / 1000)
