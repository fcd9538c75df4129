"""What a job is: a command with a time, and a way to read what came of it.

A job runs as a program of its own, so that whatever happens to it cannot take the night along, and
leaves all that it has to say in files, so that it can be read after a kill as well.
"""

import hashlib
import json
import os
import random
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from commands.kit import project, report
from commands.kit.child import Outcome
from commands.kit.report import Report

# The words that start this command again, with the interpreter that runs it now.
MAILPROOF = [sys.executable, str(project.ROOT / "mailproof")]
RESULTS_NAME = "results.json"
LOG_NAME = "log.txt"
STACKS_NAME = "stacks.txt"
# Stands in a finding's command for the input, whose place is known when it is stored.
INPUT = "{input}"

# "    #3 0x55d0c1 in pto::drain(int) /home/me/mailproof/src/runtime/wait_list.h:88:5", and without
# the address.
FRAME = re.compile(r"^\s*#(\d+) (?:0x[0-9a-f]+ in )?(?:(\S.*?) (/[^:\s]+).*)?", re.MULTILINE)
ANONYMOUS = "(anonymous namespace)::"
# A race has two stacks; what is further below says where threads and memory come from.
STACKS_COMPARED = 2


@dataclass(frozen=True)
class Work:
    """One job in one night: its seconds, its seed, and a folder of its own for its files."""

    folder: Path
    seconds: int
    seed: int

    @property
    def results(self) -> Path:
        """Where the command writes what it has to say, as JSON."""
        return self.folder / RESULTS_NAME

    def read_results(self) -> dict | None:
        """None when there are none, or only a part: whoever wrote them was ended."""
        try:
            return json.loads(self.results.read_text())
        except (FileNotFoundError, ValueError):
            return None

    @property
    def log(self) -> Path:
        return self.folder / LOG_NAME

    @property
    def stacks(self) -> Path:
        return self.folder / STACKS_NAME


@dataclass(frozen=True)
class Finding:
    """A fault that a job reports. `same_as` is what all reports of this fault have in common, and
    `again` a command that may show it once more."""

    target: str
    verdict: str
    sentence: str
    same_as: str
    text: str
    reproduce: str
    # The failing input where it is kept; without one, `settings` says all that the run began with.
    input: Path | None = None
    settings: str = ""
    again: list[str] | None = None

    @property
    def id(self) -> str:
        """The same in every night: target, verdict, and a digest of what makes it this fault."""
        digest = hashlib.sha1(f"{self.target}\n{self.verdict}\n{self.same_as}".encode(),
                              usedforsecurity=False).hexdigest()
        words = re.sub(r"[^A-Za-z0-9_]+", "-", f"{self.target}-{self.verdict}")[:80]
        return f"{words.strip('-')}-{digest[:8]}"


@dataclass(frozen=True)
class Speed:
    """What a job is compared by from night to night; more is better."""

    value: float
    unit: str


@dataclass(frozen=True)
class Harvest:
    """What came of a job. `figures` are named numbers, `series` rows of (seconds, number, ...);
    `problem` says why the job did not do its work, `remarks` what else is worth a line."""

    findings: list[Finding] = field(default_factory=list)
    figures: dict = field(default_factory=dict)
    series: list[list[float]] = field(default_factory=list)
    speed: Speed | None = None
    problem: str = ""
    remarks: list[str] = field(default_factory=list)


class Job:
    """One piece of a night; each kind fills in the methods at the end."""

    # What it takes at least, its seconds apart from that included, and at most.
    seconds_min = 2
    seconds_max = 1_000_000
    # What the command needs besides: start, corpus, judging.
    extra_seconds = 4
    # This long after its time its stacks are saved; this long after it, it is ended.
    late_seconds = 25
    overtime_seconds = 60
    # Whether the latter is a fault of what is tested, and not just slow.
    overtime_is_hang = True

    def __init__(self, group: str, name: str, target: str) -> None:
        self.group = group
        self.name = f"{group.replace(' ', '-')}/{name}"
        self.target = target

    @property
    def least_seconds(self) -> int:
        return self.seconds_min + self.extra_seconds

    def seed(self, night_seed: int) -> int:
        """Its own, and the same when the night is resumed."""
        return random.Random(f"{night_seed} {self.name}").randrange(1 << 32)

    def builds(self) -> dict[str, list[str]]:
        """CMake targets by preset."""
        return {}

    def prepare(self, work: Work) -> None:
        """Before the job starts, also when it does so again after a kill."""

    def command(self, work: Work) -> list:
        raise NotImplementedError

    def environment(self, work: Work) -> dict[str, str]:
        return {}

    def reproduce(self, work: Work) -> str:
        """The same for a person, in the checkout."""
        raise NotImplementedError

    def harvest(self, work: Work, outcome: Outcome, seconds: float) -> Harvest:
        """Reads the results of a job that has ended. A job that was killed may have left any part
        of them; it is asked for its findings only. `seconds` is the time that it took."""
        raise NotImplementedError


def last_line(outcome: Outcome) -> str:
    return (outcome.output.strip().splitlines() or ["it printed nothing"])[-1]


def problem_of(outcome: Outcome) -> str:
    return f"ended with status {outcome.status}: {last_line(outcome)}"


def died(job: Job, work: Work, outcome: Outcome) -> list[Finding]:
    """The finding of a program of its own that ended by a signal or with a sanitizer's report."""
    seen = report.of_outcome(outcome)
    if seen is None or outcome.timed_out:
        return []
    reproduce = job.reproduce(work)
    return [Finding(job.target, seen.verdict, seen.sentence, same_as(seen, outcome.output),
                    outcome.output, reproduce, settings=f"{reproduce}\n")]


def same_as(seen: Report, text: str) -> str:
    """What two reports of one fault have in common: the innermost functions of ours in its stacks,
    else the words of the report, without numbers, which change from run to run."""
    frames = sorted(_own_frames(text)[:STACKS_COMPARED])
    return " ".join(frames) or re.sub(r"\d+", "", seen.identity)


def _own_frames(text: str) -> list[str]:
    """Of each stack the first function whose source is in this checkout."""
    frames: list[str] = []
    is_open = False
    for number, function, path in FRAME.findall(text):
        is_open = is_open or number == "0"
        own = _own_path(path)
        if is_open and own:
            frames.append(f"{function.replace(ANONYMOUS, '').split('(')[0]} {own}")
            is_open = False
    return frames


def _own_path(path: str) -> str | None:
    """The place in the checkout of a source that a report names. The compiler's cache may have
    built it in another checkout, so what counts is the end of the path."""
    parts = Path(os.path.normpath(path)).parts[1:]
    ends = (Path(*parts[first:]) for first in range(len(parts) - 1))
    return next((str(end) for end in ends if (project.ROOT / end).is_file()), None)
