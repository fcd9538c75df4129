"""A job: a command with a time, and a way to read its results.

A job runs as a separate program, so that its failure cannot end the night. It leaves its results in
files, so that they can be read even after a kill.
"""

import json
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

from commands.kit import project, report
from commands.kit.cause import Cause, same_as
from commands.kit.child import Outcome

# The words that start this command again, with the interpreter that runs it now.
MAILPROOF = [sys.executable, str(project.ROOT / "mailproof")]
RESULTS_NAME = "results.json"
LOG_NAME = "log.txt"
STACKS_NAME = "stacks.txt"
# The placeholder for the input in a finding's command; its path is known when it is stored.
INPUT = "{input}"


@dataclass(frozen=True)
class Work:
    """One job in one night: its seconds, its seed, and the folder for its files."""

    folder: Path
    seconds: int
    seed: int

    @property
    def results(self) -> Path:
        """The file to which the command writes its results, as JSON."""
        return self.folder / RESULTS_NAME

    def read_results(self) -> dict | None:
        """None if there are none, or only a part because the writer was ended."""
        try:
            return json.loads(self.results.read_text())
        except (FileNotFoundError, ValueError):
            return None

    @property
    def log(self) -> Path:
        """The command's output."""
        return self.folder / LOG_NAME

    @property
    def stacks(self) -> Path:
        """The stacks of a job that was late."""
        return self.folder / STACKS_NAME


@dataclass(frozen=True)
class Finding:
    """A fault that a job reports. `same_as` is what all reports of this fault have in common;
    `again` is a command that may show it once more."""

    target: str
    verdict: str
    sentence: str
    same_as: str
    text: str
    reproduce: str
    # The kept failing input; without one, `settings` has all that the run began with.
    input: Path | None = None
    settings: str = ""
    again: list[str] | None = None

    @property
    def id(self) -> str:
        """The same in every night."""
        return Cause(self.target, self.verdict, self.same_as).id


@dataclass(frozen=True)
class Speed:
    """The figure by which a job is compared from night to night; more is better."""

    value: float
    unit: str


@dataclass(frozen=True)
class Harvest:
    """The results of a job. `figures` are named numbers, `series` rows of (seconds, number, ...);
    `problem` says why the job did not do its work; `remarks` are further lines for the report."""

    findings: list[Finding] = field(default_factory=list)
    figures: dict = field(default_factory=dict)
    series: list[list[float]] = field(default_factory=list)
    speed: Speed | None = None
    problem: str = ""
    remarks: list[str] = field(default_factory=list)


class Job:
    """One piece of a night; each kind implements the methods at the end."""

    # The minimum and the maximum of its seconds.
    seconds_min = 2
    seconds_max = 1_000_000
    # What the command needs beyond them: start, corpus, judging.
    extra_seconds = 4
    # Its stacks are saved when it is late by the first, and it is ended when it is late by the
    # second.
    late_seconds = 25
    overtime_seconds = 60
    # Whether the second means a fault of what is tested, and not only slowness.
    overtime_is_hang = True

    def __init__(self, group: str, name: str, target: str) -> None:
        self.group = group
        self.name = f"{group.replace(' ', '-')}/{name}"
        self.target = target

    @property
    def least_seconds(self) -> int:
        """The minimum time, with what the command needs beyond its seconds."""
        return self.seconds_min + self.extra_seconds

    def seed(self, night_seed: int) -> int:
        """The job's own seed, which is the same when the night is resumed."""
        return random.Random(f"{night_seed} {self.name}").randrange(1 << 32)

    def builds(self) -> dict[str, list[str]]:
        """CMake targets by preset."""
        return {}

    def prepare(self, work: Work) -> None:
        """Called before each start of the job, also after a kill."""

    def command(self, work: Work) -> list:
        raise NotImplementedError

    def environment(self, work: Work) -> dict[str, str]:
        return {}

    def reproduce(self, work: Work) -> str:
        """The command for a person in the checkout who wants to see the result again."""
        raise NotImplementedError

    def harvest(self, work: Work, outcome: Outcome, seconds: float) -> Harvest:
        """Reads the results of a job that has ended. If the job was killed, any part of them may be
        missing, and only its findings are used. `seconds` is the time that it took."""
        raise NotImplementedError


def last_line(outcome: Outcome) -> str:
    """The last line of a program's output."""
    return (outcome.output.strip().splitlines() or ["it printed nothing"])[-1]


def problem_of(outcome: Outcome) -> str:
    """Why a program that failed did not do its work."""
    return f"ended with status {outcome.status}: {last_line(outcome)}"


def died(job: Job, work: Work, outcome: Outcome) -> list[Finding]:
    """The finding of a job's program that ended by a signal or with a sanitizer's report."""
    seen = report.of_outcome(outcome)
    if seen is None or outcome.timed_out:
        return []
    reproduce = job.reproduce(work)
    return [Finding(job.target, seen.verdict, seen.sentence, same_as(seen, outcome.output),
                    outcome.output, reproduce, settings=f"{reproduce}\n")]
