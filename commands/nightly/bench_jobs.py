"""The benchmarks, with as many rounds as the time allows.

A ratio that misses its goal is a remark and not a finding: few rounds on a busy machine prove
nothing. What counts is the comparison with earlier nights.
"""

import math
import re

from commands.bench import mailbox, records, scheduler, weave
from commands.kit.child import Outcome
from commands.nightly.job import MAILPROOF, Finding, Harvest, Job, Speed, Work, problem_of

# The lines of a command's complaints, and those that mean a wrong result.
COMPLAINT = re.compile(r"^mailproof: (.*)$", re.MULTILINE)
MAILBOX_FAILED = re.compile(r"^(\S+): the mailbox failed: ")


class BenchJob(Job):
    """One subject of `bench`. Its figures are ratios, by case."""

    overtime_seconds = 300
    round_seconds = 4
    # Whether a higher ratio is better.
    more_is_better = False

    def __init__(self, suite: str) -> None:
        super().__init__("bench", suite, suite)
        self.seconds_min = self.round_seconds
        self.seconds_max = self.round_seconds * self.rounds_max()

    def rounds_max(self) -> int:
        """More rounds would not improve the figures."""
        raise NotImplementedError

    def command(self, work: Work) -> list:
        rounds = max(1, work.seconds // self.round_seconds)
        return [*MAILPROOF, "bench", self.target, "--rounds", rounds, "--keep-docs", "--json",
                work.results]

    def reproduce(self, work: Work) -> str:
        return f"./mailproof bench {self.target} --keep-docs"

    def harvest(self, work: Work, outcome: Outcome, seconds: float) -> Harvest:
        complaints = COMPLAINT.findall(outcome.output)
        written = work.read_results()
        if written is None:
            return Harvest(problem=problem_of(outcome))
        wrong = self.wrong(written, complaints)
        found = [self._finding(work, line, outcome.output) for line in wrong]
        remarks = [line for line in complaints if line not in wrong]
        figures = self.ratios(written)
        return Harvest(found, figures, speed=self._speed(list(figures.values())), remarks=remarks)

    def ratios(self, written: dict) -> dict[str, float]:
        """The ratios of the cases that have one."""
        return {case: ratio for case, ratio in written["ratios"].items() if ratio}

    def wrong(self, written: dict, complaints: list[str]) -> list[str]:
        """The lines about wrong results, not slow ones."""
        return []

    def _speed(self, ratios: list[float]) -> Speed | None:
        if not ratios:
            return None
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        return Speed(mean if self.more_is_better else 1 / mean, "times the peer, mean of all cases")

    def _finding(self, work: Work, line: str, log: str) -> Finding:
        reproduce = self.reproduce(work)
        return Finding(self.target, "wrong-result", line, line.split(":")[0], log, reproduce,
                       settings=f"{reproduce}\n")


class MailboxBench(BenchJob):
    """`bench mailbox`; below 1 is faster."""

    def builds(self) -> dict[str, list[str]]:
        return {records.PRESET: [mailbox.PROGRAM]}

    def rounds_max(self) -> int:
        return mailbox.ROUNDS_DEFAULT

    def wrong(self, written: dict, complaints: list[str]) -> list[str]:
        return [line for line in complaints if MAILBOX_FAILED.match(line)]


class SchedulerBench(BenchJob):
    """`bench scheduler`; below 1 is faster."""

    round_seconds = scheduler.ROUND_SECONDS

    def builds(self) -> dict[str, list[str]]:
        return {records.PRESET: [scheduler.PROGRAM]}

    def rounds_max(self) -> int:
        return scheduler.ROUNDS_DEFAULT

    def ratios(self, written: dict) -> dict[str, float]:
        return {case["name"]: case["ratio"] for case in written["cases"] if case["ratio"]}

    def wrong(self, written: dict, complaints: list[str]) -> list[str]:
        return [f"{case['name']}: {case['problem']}" for case in written["cases"]
                if case["problem"]]


class WeaveBench(BenchJob):
    """`bench weave`; above 1 is faster."""

    round_seconds = weave.ROUND_SECONDS
    more_is_better = True

    def builds(self) -> dict[str, list[str]]:
        return {records.PRESET: list(weave.RUNNERS.values())}

    def rounds_max(self) -> int:
        return weave.ROUNDS_DEFAULT


def all_jobs() -> list[Job]:
    """A job for each subject of `bench`."""
    return [MailboxBench("mailbox"), SchedulerBench("scheduler"), WeaveBench("weave")]
