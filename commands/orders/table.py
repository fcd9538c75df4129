"""The result of an audit, for a person and as JSON."""

from collections.abc import Iterator

from commands.kit import project
from commands.orders import audit, cost
from commands.orders.audit import Report, Row, Step
from commands.orders.scenario import Outcome

HEADER = ["site", "function", "operation", "order", "weaker", "answer", "aarch64", "shown by"]


def text(report: Report) -> str:
    """The whole report in plain lines."""
    lines: list[str] = []
    if report.too_weak or any(one.is_finding for one in report.baseline.values()):
        lines += _too_weak(report)
    else:
        lines += _aligned([HEADER, *_cells(report)])
        lines += ["", *_commands(report), *_minimal(report), summary(report)]
    return "\n".join(lines)


def rows(report: Report) -> Iterator[tuple[Row, list[str]]]:
    """For each weaker order of each site: order, answer, price, evidence."""
    for row in report.rows:
        if not row.steps:
            yield row, ["", row.answer, cost.instruction(row.site.kind, row.site.asked), ""]
        for step in row.steps:
            yield row, [step.order, step.answer, _price(row, step), _evidence(step)]


def together(report: Report) -> list[str]:
    """What the sites that can be weaker can be together."""
    return list(_minimal(report))


def summary(report: Report) -> str:
    """One line: how many sites have which answer."""
    counts: dict[str, int] = {}
    for row in report.rows:
        counts[row.answer] = counts.get(row.answer, 0) + 1
    answers = ", ".join(f"{number} {answer}" for answer, number in sorted(counts.items()))
    return f"{len(report.rows)} sites: {answers or 'none'}"


def as_json(report: Report) -> dict:
    """Everything, for `--json`."""
    return {
        "baseline": {name: _outcome(one) for name, one in report.baseline.items()},
        "sites": [{**_site(row), "answer": row.answer,
                   "steps": [_step(row, step) for step in row.steps]} for row in report.rows],
        "minimal": [{"orders": dict(zip((_name(site) for site in report.joint), assignment))}
                    for assignment in report.minimal],
        "minimal_complete": report.is_minimal_complete,
        "too_weak": [{"site": _name(site), "order": order} for site, order in report.too_weak],
    }


def _name(site) -> str:
    return f"{site.place} {site.kind}"


def _site(row: Row) -> dict:
    site = row.site
    return {"file": site.file, "line": site.line, "function": site.function,
            "operation": site.kind, "order": site.asked}


def _step(row: Row, step: Step) -> dict:
    return {"order": step.order, "answer": step.answer, "scenario": step.scenario,
            "executions": step.executions, "aarch64": _price(row, step),
            "outcome": step.outcome and _outcome(step.outcome)}


def _outcome(one: Outcome) -> dict:
    return {"verdict": one.verdict, "complete": one.is_complete, "executions": one.executions,
            "seconds": round(one.seconds, 3), "what": one.what, "reproduce": one.reproduce}


def _price(row: Row, step: Step) -> str:
    before = cost.instruction(row.site.kind, row.site.asked)
    after = cost.instruction(row.site.kind, step.order)
    return before if before == after else f"{before} -> {after}"


def _cells(report: Report) -> Iterator[list[str]]:
    last = None
    for row, cells in rows(report):
        site = row.site
        first = ["", "", "", ""] if row is last else [site.place, site.function, site.kind,
                                                      site.asked]
        yield [*first, *cells]
        last = row


def _evidence(step: Step) -> str:
    if step.outcome is not None:
        return f"{step.scenario}: {project.below_root(step.outcome.what)}"
    if step.answer == audit.NOT_NEEDED:
        return f"all {step.executions:,} executions"
    return f"{step.executions:,} executions" if step.answer == audit.NO_VIOLATION else ""


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
            for row in rows]


def _commands(report: Report) -> Iterator[str]:
    for row in report.rows:
        for step in row.steps:
            if step.outcome is not None and step.outcome.reproduce:
                yield f"{_name(row.site)} {step.order}:"
                yield f"  reproduce: {step.outcome.reproduce}"


def _minimal(report: Report) -> Iterator[str]:
    if not report.joint:
        return
    for first, second, step in report.partners:
        yield (f"- not both: {_name(first.site)} {first.weakest}, {_name(second.site)} "
               f"{second.weakest}: {project.below_root(step.outcome.what)}")
    if not report.minimal:
        yield ("minimal assignments: not searched for, "
               f"{len(report.joint)} sites can be weaker; {audit.MINIMAL_SITES_MAX} is the limit"
               if len(report.joint) > audit.MINIMAL_SITES_MAX else
               "minimal assignments: the time was up before the first one")
        return
    yield ("all minimal assignments:" if report.is_minimal_complete
           else "minimal assignments so far, the time was up:")
    for assignment in report.minimal:
        changed = [f"{_name(site)} {site.asked} -> {order}"
                   for site, order in zip(report.joint, assignment) if order != site.asked]
        yield f"- {', '.join(changed) or 'the orders as they are'}"


def _too_weak(report: Report) -> Iterator[str]:
    for name, one in report.baseline.items():
        if one.is_finding:
            yield f"{name} fails as it is: {one.what}"
            if one.reproduce:
                yield f"  reproduce: {one.reproduce}"
    for site, order in report.too_weak:
        yield f"too weak: {_name(site)} {site.asked}; with {order} nothing is found"
    if not report.too_weak:
        yield "no single stronger order mends it"
