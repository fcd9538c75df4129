"""Runs a failing input again and says what failed, where, and how often.

A failure on real threads depends on timing, so such an input runs 20 times, each time in a process
of its own, and the cause that comes most often counts. Any other input fails always or never.
"""

import collections
import hashlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from commands.kit import cause, child, project, report
from commands.kit.cause import Cause
from commands.kit.child import Outcome
from commands.kit.console import CommandError
from commands.kit.project import THREAD, Sanitizer
from commands.kit.replay import INPUT_SECONDS_MAX, RACE_REPETITIONS, memory_limits, run_files
from commands.kit.report import Report
from commands.triage.minimiser import Format, read_format

RUNS_ON_THREADS = 20
# Bounds the runs of one input under one sanitizer; an input that hangs has fewer.
SECONDS_MAX = 120


@dataclass(frozen=True)
class Judgement:
    """A cause that came in `failed` of `runs` runs under the sanitizer."""

    sanitizer: Sanitizer
    cause: Cause
    report: Report
    output: str
    failed: int
    runs: int


def judge(target: str, path: Path) -> Judgement | None:
    """The judgement under the sanitizer that shows the input's failure most often; None if the
    input never fails."""
    found = [_judge_under(target, sanitizer, path)
             for sanitizer in project.replay_sanitizers(target)]
    return max(filter(None, found), key=lambda one: one.failed / one.runs, default=None)


def of_kept_report(target: str, text: str) -> Judgement | None:
    """What a report that was kept says of an input that does not fail again."""
    seen = report.of_text(text)
    if seen is None:
        return None
    runs = RUNS_ON_THREADS if project.fuzz_sanitizer(target) is THREAD else 1
    return Judgement(project.fuzz_sanitizer(target), cause.of_report(target, seen, text), seen,
                     text, 0, runs)


def programs_digest(target: str) -> str:
    """A digest of the replay programs: a judgement holds for these."""
    digest = hashlib.sha1(usedforsecurity=False)
    for sanitizer in project.replay_sanitizers(target):
        digest.update(project.binary(sanitizer.replay_preset, target).read_bytes())
    return digest.hexdigest()


def format_of(target: str) -> Format:
    """The sizes of the target's schedules."""
    preset = project.replay_sanitizers(target)[0].replay_preset
    outcome = child.run([project.binary(preset, target), "--format"], INPUT_SECONDS_MAX)
    form = read_format(outcome.output)
    if form is None:
        raise CommandError(f"{target} --format printed '{outcome.output.strip()}'")
    return form


def describe(target: str, path: Path) -> str:
    """The input as text."""
    preset = project.replay_sanitizers(target)[0].replay_preset
    command = [project.binary(preset, target), "--describe", path]
    return child.run(command, INPUT_SECONDS_MAX, memory_limits()).output


class SameCause:
    """Tells which of several inputs fails with a given cause, for the minimiser."""

    def __init__(self, sanitizer: Sanitizer, wanted: Cause) -> None:
        self._sanitizer = sanitizer
        self._wanted = wanted
        # Whether a race shows depends on timing.
        on_threads = project.fuzz_sanitizer(wanted.target) is THREAD
        self._repetitions = RACE_REPETITIONS if on_threads else 1

    def first_failing(self, candidates: list[bytes]) -> int | None:
        """The first candidate that also fails alone. All run in one process up to one that
        fails."""
        with tempfile.TemporaryDirectory(prefix="triage-") as folder:
            files = [Path(folder) / f"{number:04}" for number in range(len(candidates))]
            for file, content in zip(files, candidates):
                file.write_bytes(content)
            start = 0
            while start < len(files):
                outcome = self._run(files[start:])
                if report.of_outcome(outcome) is None:
                    return None
                named = report.current_input(outcome.output)
                known = [number for number, file in enumerate(files) if str(file) == named]
                # A process that was killed does not say at which input.
                for number in known or range(start, len(files)):
                    if self._fails_alone(files[number]):
                        return number
                start = known[0] + 1 if known else len(files)
        return None

    def _fails_alone(self, file: Path) -> bool:
        outcome = self._run([file])
        seen = report.of_outcome(outcome)
        return seen is not None and (
            cause.of_report(self._wanted.target, seen, outcome.output) == self._wanted)

    def _run(self, files: list[Path]) -> Outcome:
        repeated = [file for file in files for _ in range(self._repetitions)]
        return run_files(self._wanted.target, self._sanitizer, repeated)


def _judge_under(target: str, sanitizer: Sanitizer, path: Path) -> Judgement | None:
    wanted = RUNS_ON_THREADS if project.fuzz_sanitizer(target) is THREAD else 1
    deadline = time.monotonic() + SECONDS_MAX
    failures: list[tuple[Cause, Report, str]] = []
    runs = 0
    while runs < wanted and time.monotonic() < deadline:
        outcome = run_files(target, sanitizer, [path])
        seen = report.of_outcome(outcome)
        runs += 1
        if seen is not None:
            failures.append((cause.of_report(target, seen, outcome.output), seen, outcome.output))
    if not failures:
        return None
    [(most, times)] = collections.Counter(one for one, _, _ in failures).most_common(1)
    first = next(failure for failure in failures if failure[0] == most)
    return Judgement(sanitizer, *first, times, runs)
