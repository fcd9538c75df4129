"""`mailproof replay`: runs kept inputs again, under each sanitizer that suits their target.

The same code checks the corpus before a fuzz run and judges what an engine saved: an input's
verdict is always that of the plain replay binary.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from commands import build, project, report, setup
from commands.child import Outcome, run as run_child, sanitizer_options
from commands.console import EXIT_FINDING, EXIT_OK, CommandError, Progress, count, say
from commands.project import THREAD, WEAVE, Sanitizer
from commands.report import Report

# What one input may take; an engine's limit is the same.
INPUT_SECONDS_MAX = 20
# Keeps an input that allocates without end from taking the machine with it.
ADDRESS_MEMORY_MAX_MB = 2048
THREAD_MEMORY_MAX_MB = 4096
# Whether a race shows depends on the system's scheduler, so one input alone is run several times.
RACE_REPETITIONS = 20
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


def run(options) -> int:
    sanitizers = [project.SANITIZERS[options.sanitizer]] if options.sanitizer else None
    targets = (list(_chosen_inputs(options.files, options.target)) if options.files
               else project.check_targets([options.target] if options.target else []))
    prepare(targets, sanitizers)
    # After the build, which writes the seeds.
    inputs = _chosen_inputs(options.files, options.target)
    failures = replay_all(inputs, sanitizers)
    for failure in failures:
        say(failure.output.rstrip("\n"))
        say(f"{failure.target}: {failure.report.verdict}: {project.shown(failure.input)} "
            f"({failure.sanitizer.name} sanitizer)")
    say(summary(inputs, failures))
    return EXIT_FINDING if failures else EXIT_OK


def prepare(targets: list[str], sanitizers: list[Sanitizer] | None = None) -> None:
    """Makes every binary that replaying these targets needs."""
    setup.ensure()
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
                          f"({sanitizer.name} sanitizer)")
            for first in range(0, len(files), FILES_PER_RUN_MAX):
                part = files[first : first + FILES_PER_RUN_MAX]
                failures += replay(target, sanitizer, part)
    progress.clear()
    return failures


def replay(target: str, sanitizer: Sanitizer, files: list[Path]) -> list[Failure]:
    """Every failing input among `files`. They share a process up to the first that fails, which
    the binary names; one that dies without a word makes us run each alone."""
    failures: list[Failure] = []
    while files:
        outcome = _run_binary(target, sanitizer, files)
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
    total = sum(len(files) for files in inputs.values())
    result = count(len(failures), "finding") if failures else "no finding"
    return f"replayed {count(total, 'input')} of {count(len(inputs), 'target')}: {result}"


def _sanitizers_of(target: str, chosen: list[Sanitizer] | None) -> list[Sanitizer]:
    own = project.replay_sanitizers(target)
    return own if chosen is None or own == [WEAVE] else chosen


def _chosen_inputs(names: list[str], target: str | None) -> dict[str, list[Path]]:
    """Files by target: the named ones, or the whole corpus of one target or of all."""
    targets = project.check_targets([target] if target else [])
    if not names:
        return {name: project.corpus_files(name) for name in targets}
    inputs: dict[str, list[Path]] = {}
    for path in map(Path, names):
        files = [Path(os.path.abspath(file)) for file in project.files_below(path)]
        if not files:
            raise CommandError(f"no inputs in {path}")
        inputs.setdefault(target or project.target_of(path), []).extend(files)
    return {name: list(dict.fromkeys(files)) for name, files in inputs.items()}


def _run_binary(target: str, sanitizer: Sanitizer, files: list[Path]) -> Outcome:
    repetitions = RACE_REPETITIONS if sanitizer is THREAD and len(files) == 1 else 1
    seconds_max = INPUT_SECONDS_MAX + len(files)
    command = [project.binary(sanitizer.replay_preset, target), *files * repetitions]
    outcome = run_child(command, seconds_max, memory_limits())
    if outcome.status > 0 and not outcome.timed_out and report.of_outcome(outcome) is None:
        last = (outcome.output.strip().splitlines() or ["it printed nothing"])[-1]
        raise CommandError(f"{target} ended with status {outcome.status}: {last}")
    return outcome


def memory_limits() -> dict[str, str]:
    return sanitizer_options(ASAN_OPTIONS=f"hard_rss_limit_mb={ADDRESS_MEMORY_MAX_MB}",
                             TSAN_OPTIONS=f"hard_rss_limit_mb={THREAD_MEMORY_MAX_MB}")


def _failing_file(outcome: Outcome, files: list[Path]) -> Path | None:
    if len(files) == 1:
        return files[0]
    named = report.current_input(outcome.output)
    return next((file for file in files if str(file) == named), None)


def _replay_each(target: str, sanitizer: Sanitizer, files: list[Path], found: Report,
                 outcome: Outcome) -> list[Failure]:
    """When no input fails alone, what fails is their sequence: the folder that holds them all."""
    failures = [failure for file in files for failure in replay(target, sanitizer, [file])]
    folder = Path(os.path.commonpath(files))
    return failures or [Failure(target, sanitizer, folder, found, outcome.output)]
