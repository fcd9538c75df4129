"""Runs inputs again, under each sanitizer that suits their target.

`mailproof replay` does so for a person; `fuzz` checks the corpus and judges what a fuzzer saved; a
night does the same. An input's verdict is always that of the plain replay binary.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from commands.kit import build, packages, project, report
from commands.kit.child import Outcome, run as run_child, sanitizer_options
from commands.kit.console import CommandError, Progress, complain, count
from commands.kit.project import THREAD, WEAVE, Sanitizer
from commands.kit.report import Report

# The time limit for one input; fuzzers have the same.
INPUT_SECONDS_MAX = 20
# Protects the machine from an input that allocates without end.
ADDRESS_MEMORY_MAX_MB = 2048
THREAD_MEMORY_MAX_MB = 4096
# Whether a race shows depends on the system's scheduler, so a single input runs several times.
RACE_REPETITIONS = 20
# Inputs of a target that are waited for though they hang.
HANGS_MAX = 3
# Keeps a command line well below the kernel's limit.
FILES_PER_RUN_MAX = 1000


@dataclass(frozen=True)
class Failure:
    """An input that failed, and what the replay binary printed."""

    target: str
    sanitizer: Sanitizer
    input: Path
    report: Report
    output: str


def prepare(targets: list[str], sanitizers: list[Sanitizer] | None = None) -> None:
    """Builds every binary that is needed to replay these targets."""
    packages.ensure()
    for sanitizer in (*project.SANITIZERS.values(), WEAVE):
        users = [target for target in targets if sanitizer in _sanitizers_of(target, sanitizers)]
        if users:
            build.build(sanitizer.replay_preset, users)


def replay_all(inputs: dict[str, list[Path]],
               sanitizers: list[Sanitizer] | None = None) -> list[Failure]:
    """Runs each target's inputs under each sanitizer, showing progress."""
    progress = Progress()
    failures = []
    for target, files in inputs.items():
        for sanitizer in _sanitizers_of(target, sanitizers):
            progress.show(f"replaying {count(len(files), 'input')} of {target} "
                          f"under {sanitizer.title}")
            for first in range(0, len(files), FILES_PER_RUN_MAX):
                part = files[first : first + FILES_PER_RUN_MAX]
                failures += replay(target, sanitizer, part)
    progress.clear()
    return failures


def replay(target: str, sanitizer: Sanitizer, files: list[Path]) -> list[Failure]:
    """The failing inputs among `files`. They share a process up to the first that fails, which the
    binary names. If the process dies without naming one, each file runs alone."""
    failures: list[Failure] = []
    while files:
        repetitions = RACE_REPETITIONS if sanitizer is THREAD and len(files) == 1 else 1
        outcome = run_files(target, sanitizer, files * repetitions)
        found = report.of_outcome(outcome)
        if found is None:
            return failures
        failing = _failing_file(outcome, files)
        if failing is None:
            return failures + _replay_each(target, sanitizer, files, found, outcome)
        failures.append(Failure(target, sanitizer, failing, found, outcome.output))
        files = files[files.index(failing) + 1 :]
    return failures


def summary(inputs: dict[str, list[Path]], failures: list[Failure]) -> str:
    """One line: inputs, targets, findings."""
    total = sum(len(files) for files in inputs.values())
    result = count(len(failures), "finding") if failures else "no finding"
    return f"replayed {count(total, 'input')} of {count(len(inputs), 'target')}: {result}"


def _sanitizers_of(target: str, chosen: list[Sanitizer] | None) -> list[Sanitizer]:
    own = project.replay_sanitizers(target)
    return own if chosen is None or own == [WEAVE] else chosen


def run_files(target: str, sanitizer: Sanitizer, files: list[Path]) -> Outcome:
    """Runs the inputs in one process, which ends at the first that fails. It is an error if the
    program did not work."""
    seconds_max = INPUT_SECONDS_MAX + len(files)
    command = [project.binary(sanitizer.replay_preset, target), *files]
    outcome = run_child(command, seconds_max, memory_limits())
    if outcome.status > 0 and not outcome.timed_out and report.of_outcome(outcome) is None:
        last = (outcome.output.strip().splitlines() or ["it printed nothing"])[-1]
        raise CommandError(f"{target} ended with status {outcome.status}: {last}")
    return outcome


def memory_limits() -> dict[str, str]:
    """Environment variables that limit a program's memory under a sanitizer."""
    return sanitizer_options(ASAN_OPTIONS=f"hard_rss_limit_mb={ADDRESS_MEMORY_MAX_MB}",
                             TSAN_OPTIONS=f"hard_rss_limit_mb={THREAD_MEMORY_MAX_MB}")


def _failing_file(outcome: Outcome, files: list[Path]) -> Path | None:
    if len(files) == 1:
        return files[0]
    named = report.current_input(outcome.output)
    return next((file for file in files if str(file) == named), None)


def _replay_each(target: str, sanitizer: Sanitizer, files: list[Path], found: Report,
                 outcome: Outcome) -> list[Failure]:
    """If no input fails alone, their sequence fails: the folder that holds them all. Where some hang,
    the others mostly do, and each takes its whole time: only the first ones are waited for."""
    failures: list[Failure] = []
    hanging = 0
    for number, file in enumerate(files, start=1):
        alone = replay(target, sanitizer, [file])
        failures += alone
        hanging += sum(failure.report.verdict == report.TIMEOUT for failure in alone)
        if hanging == HANGS_MAX and number < len(files):
            complain(f"{target}: {hanging} inputs hang; {count(len(files) - number, 'other')} "
                     "were not run")
            break
    folder = Path(os.path.commonpath(files))
    return failures or [Failure(target, sanitizer, folder, found, outcome.output)]
