"""Failing inputs: kept in findings/<target>/, never overwritten, each with the command that runs it
again.

The report of an input is kept in findings/reports/<target>/, because a race may not show a second
time.
"""

import itertools
import os
import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from commands.kit import project
from commands.kit.console import count, say
from commands.kit.project import Sanitizer
from commands.kit.report import Report


@dataclass(frozen=True)
class Finding:
    """One fault of one target, and the input that shows it. `seen_as` is the cause by the fuzzer's
    own report, which the fuzzer met `times` times; `cause` is the folder of the triaged cause."""

    target: str
    sanitizer: Sanitizer
    input: Path
    report: Report
    seen_as: str = ""
    times: int = 1
    cause: Path | None = None
    minimised: Path | None = None

    @property
    def fault(self) -> tuple[str, str]:
        """What its report alone says of the cause."""
        return self.target, self.report.identity

    def as_json(self) -> dict:
        return {
            "id": self.input.name,
            "verdict": self.report.verdict,
            "input": project.shown(self.input),
            "reproduce": reproduce(self),
            "times": self.times,
            "cause": self.cause and project.shown(self.cause),
            "minimised": self.minimised and project.shown(self.minimised),
        }


def reproduce(finding: Finding) -> str:
    """The command that runs the input again, relative to the current folder."""
    words = [_from_here(project.ROOT / "mailproof", program=True), "replay",
             *project.subject_words()]
    if finding.sanitizer not in project.replay_sanitizers(finding.target):
        words += ["--sanitizer", finding.sanitizer.name]
    return shlex.join([*words, _from_here(finding.input)])


def show(found: list[Finding]) -> None:
    """Prints each finding with the command that runs it again."""
    for finding in found:
        say()
        say(f"FINDING {finding.target}: {finding.report.verdict}")
        say(f"  what:      {finding.report.sentence}")
        if finding.times > 1:
            say(f"  seen:      {finding.times:,} times")
        if finding.cause:
            say(f"  cause:     {_from_here(finding.cause)}{os.sep}")
        say(f"  reproduce: {reproduce(finding)}")


def new_reports_first(found: list[Finding]) -> list[Finding]:
    """One finding of each report, then the others, each in the order that they have."""
    firsts: dict[tuple[str, str], Finding] = {}
    for finding in found:
        firsts.setdefault(finding.fault, finding)
    return sorted(found, key=lambda finding: firsts[finding.fault] is not finding)


def distinct(found: list[Finding]) -> list[Finding]:
    """The first finding of each fault, with the times that all of them were met. The others stay on
    disk."""
    by_fault: dict[tuple[str, str], list[Finding]] = {}
    for finding in found:
        fault = str(finding.cause) if finding.cause else finding.report.identity
        by_fault.setdefault((finding.target, fault), []).append(finding)
    if len(by_fault) < len(found):
        say(f"{count(len(found) - len(by_fault), 'more input')} with the same faults: "
            "see findings/")
    return [replace(group[0], times=_times(group)) for group in by_fault.values()]


def _times(group: list[Finding]) -> int:
    """Findings that the fuzzer reported alike have one count."""
    alike = {finding.seen_as: finding.times for finding in group if finding.seen_as}
    return sum(alike.values()) + sum(finding.times for finding in group if not finding.seen_as)


def keep(target: str, source: Path, name: str) -> Path:
    """Copies a failing input into the target's findings."""
    return _store(project.FINDINGS / target / name, source.read_bytes())


def keep_report(finding: Finding, text: str) -> None:
    """Keeps the output of a finding's run."""
    folder = project.FINDINGS / "reports" / finding.target
    _store(folder / f"{finding.input.name}.txt", text.encode())


def _store(wanted: Path, content: bytes) -> Path:
    """Writes a new file. An equal file is reused; if another has the name, a free name is used."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    for path in _free_names(wanted):
        try:
            with open(path, "xb") as file:
                file.write(content)
            return path
        except FileExistsError:
            if path.is_file() and path.read_bytes() == content:
                return path
    raise AssertionError("the names never run out")


def _free_names(wanted: Path):
    yield wanted
    for number in itertools.count(2):
        yield wanted.with_name(f"{wanted.name}-{number}")


def _from_here(path: Path, program: bool = False) -> str:
    relative = os.path.relpath(path)
    return f"./{relative}" if program and os.sep not in relative else relative
