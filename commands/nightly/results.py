"""The reports of a night for machines: the content of --json, and JUnit XML."""

import xml.etree.ElementTree as ElementTree

from commands.kit import project
from commands.nightly import history, repeat
from commands.nightly.night import Night

# Neither XML nor HTML can hold these, but a report may have any byte.
CONTROL_CHARACTERS = {code: "\N{REPLACEMENT CHARACTER}" for code in
                      [*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
                      if chr(code) not in "\t\n"}
REPORT_CHARACTERS_MAX = 20_000


def printable(text: str) -> str:
    """The text with what neither XML nor HTML can hold replaced."""
    return text.replace("\r\n", "\n").translate(CONTROL_CHARACTERS)


def as_json(night: Night, earlier: list[Night]) -> dict:
    """The JSON. `findings`, `jobs` and `report` are the contract; the rest identifies the night."""
    slow = history.slow_jobs(night, earlier)
    return {
        "findings": [_finding(stored, earlier) for stored in night.findings()],
        "jobs": [_job(record, slow) for record in night.jobs.values()],
        "report": project.shown(night.folder / "report.html"),
        "night": {name: night.state[name] for name in (
            "id", "source", "machine", "hours", "spent_seconds", "seed", "interruptions")},
    }


def _finding(stored: dict, earlier: list[Night]) -> dict:
    return {**{name: stored[name] for name in (
        "id", "target", "verdict", "input", "reproduce", "jobs", "sentence", "repeated")},
        "known_since": history.known_since(stored["id"], earlier)}


def _job(record: dict, slow: dict[str, dict]) -> dict:
    return {**{name: value for name, value in record.items() if name != "series"},
            "slow": slow.get(record["name"])}


def as_junit(night: Night) -> bytes:
    """A suite for each group of jobs, a case for each job."""
    found = {stored["id"]: stored for stored in night.findings()}
    root = ElementTree.Element("testsuites", name="mailproof nightly")
    for group in dict.fromkeys(record["group"] for record in night.jobs.values()):
        records = [record for record in night.jobs.values() if record["group"] == group]
        suite = ElementTree.SubElement(root, "testsuite", _counts(group, records))
        for record in records:
            _add_case(suite, night, record, found)
    _add_unfinished(root, night, found)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _add_unfinished(root: ElementTree.Element, night: Night, found: dict) -> None:
    """The findings of jobs that were interrupted and never finished."""
    rest = [stored for stored in found.values() if not night.jobs.keys() & set(stored["jobs"])]
    if rest:
        suite = ElementTree.SubElement(root, "testsuite", {
            "name": "interrupted", "tests": str(len(rest)), "failures": str(len(rest))})
    for stored in rest:
        case = ElementTree.SubElement(suite, "testcase", {
            "name": stored["jobs"][0], "classname": "interrupted"})
        _add_failure(case, night, stored)


def _counts(group: str, records: list[dict]) -> dict[str, str]:
    statuses = [record["status"] for record in records]
    return {"name": group, "tests": str(len(records)), "failures": str(statuses.count("finding")),
            "errors": str(statuses.count("broken")), "skipped": str(statuses.count("left-out")),
            "time": f"{sum(record['seconds'] for record in records):.1f}"}


def _add_case(suite: ElementTree.Element, night: Night, record: dict, found: dict) -> None:
    case = ElementTree.SubElement(suite, "testcase", {
        "name": record["name"], "classname": record["group"], "time": f"{record['seconds']:.1f}"})
    for finding_id in record["findings"]:
        _add_failure(case, night, found[finding_id])
    element = {"broken": "error", "left-out": "skipped"}.get(record["status"])
    if element:
        ElementTree.SubElement(case, element, {"message": printable(record["problem"])})


def _add_failure(case: ElementTree.Element, night: Night, stored: dict) -> None:
    again = repeat.shown(stored)
    message = f"{stored['verdict']}: {stored['sentence']}" + (f" ({again})" if again else "")
    failure = ElementTree.SubElement(case, "failure", {
        "type": stored["verdict"], "message": printable(message)})
    text = f"reproduce: {stored['reproduce']}\n\n{night.report_of(stored)}"
    failure.text = printable(text[:REPORT_CHARACTERS_MAX])
