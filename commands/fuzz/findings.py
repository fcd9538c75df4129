"""Failing inputs: kept in findings/<target>/, never overwritten, each with the command that runs it
again.

The report of an input is kept in findings/reports/<target>/, because a race may not show a second
time.
"""

import itertools
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from commands.kit import project
from commands.kit.console import count, say
from commands.kit.project import Sanitizer
from commands.kit.report import Report


@dataclass(frozen=True)
class Finding:
    """One fault of one target, and the input that shows it."""

    target: str
    sanitizer: Sanitizer
    input: Path
    report: Report

    def as_json(self) -> dict[str, str]:
        return {
            "id": self.input.name,
            "verdict": self.report.verdict,
            "input": project.shown(self.input),
            "reproduce": reproduce(self),
        }


def reproduce(finding: Finding) -> str:
    """The command that runs the input again, relative to the current folder."""
    words = [_from_here(project.ROOT / "mailproof", program=True), "replay"]
    if finding.sanitizer not in project.replay_sanitizers(finding.target):
        words += ["--sanitizer", finding.sanitizer.name]
    return shlex.join([*words, _from_here(finding.input)])


def show(found: list[Finding]) -> None:
    """Prints each finding with the command that runs it again."""
    for finding in found:
        say()
        say(f"FINDING {finding.target}: {finding.report.verdict}")
        say(f"  what:      {finding.report.sentence}")
        say(f"  reproduce: {reproduce(finding)}")


def distinct(found: list[Finding]) -> list[Finding]:
    """The first finding of each fault; the others stay on disk and are only counted."""
    first: dict[tuple[str, str], Finding] = {}
    for finding in found:
        first.setdefault((finding.target, finding.report.identity), finding)
    if len(first) < len(found):
        say(f"{count(len(found) - len(first), 'more input')} with the same faults: see findings/")
    return list(first.values())


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
