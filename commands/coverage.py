"""`mailproof coverage`: which lines and branches the tests and the corpus reach.

Runs both in the coverage build, then writes HTML and prints a line for each source file, and of
src/ what no layer reaches. Measured are all files of the checkout in this build, except those that
only test or measure. The preset precompiles no headers, since the compiler writes no coverage for
what is defined in one.

The corpora of weave's targets are part of it: what they reach is counted over all executions. weave
itself is not measured, nor are its own tests and proofs run.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from commands.kit import build, commandline, packages, project, reached
from commands.kit.child import run as run_child
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, complain,
                                  format_table, say)

NAME = "coverage"
GROUP = commandline.CHECKS
SUMMARY = "Measure what the tests and the corpus reach"
DETAILS = ("Prints a line for each source file, then what of src/ is not reached, and writes HTML to "
           "build/coverage/html.")

PRESET = "coverage"
# The tests that run the product; the quick tier has none in this preset.
TESTS = "/(unit_tests|property_tests|fuzz_tests|programs|stress_tests|stress)(/|$)"
# Folders whose code only tests or measures other code, or is generated.
UNMEASURED = frozenset({"bench", "build", "stress", "tests"})

TABLE_HEADER = ["source", "lines %", "functions %"]


@dataclass(frozen=True)
class Part:
    """A part of the product, and the percentage of lines and branches that it must have."""

    name: str
    least: float
    files: tuple[str, ...]


# What is in src/runtime and in none of these is the scheduler's.
EXACT_PARTS = (
    Part("mailbox", 100, ("src/runtime/mailbox.h", "src/runtime/aicore_completion_mailbox_types.h")),
    Part("wait list", 100, ("src/runtime/wait_list.h", "src/runtime/completion_condition.h")),
)
# A failed assertion ends the process, and with it the counters.
NO_PART = frozenset({"src/runtime/pto_assert.h"})
SCHEDULER = "scheduler"
SCHEDULER_LEAST = 97


def add_options(command) -> None:
    command.add_argument("--check", action="store_true",
                         help="fail below 100 %% of the lines and branches of mailbox and wait "
                              f"list, or {SCHEDULER_LEAST} %% of those of the scheduler")


def run(options) -> int:
    packages.ensure()
    build.build(PRESET)
    passed = _run_everything(replayed_targets())
    _merge_profiles()
    binaries = _binaries()
    figures = measured(_llvm_cov("export", binaries, ["-summary-only"]))
    files = [figure["filename"] for figure in figures]
    html = _folder() / "html"
    _llvm_cov("show", binaries, ["-format=html", f"-output-dir={html}", *files])
    say(format_table(TABLE_HEADER, rows(figures)))
    found = reached.of_exports(_llvm_cov("export", binaries, ["-format=lcov", *files]),
                               _llvm_cov("export", binaries, ["-skip-functions", *files]))
    for line in missed(found):
        say(line)
    low = too_low(found)
    say(f"line by line: {project.shown(html / 'index.html')}")
    for line in low:
        complain(line)
    return EXIT_FINDING if not passed or (options.check and low) else EXIT_OK


def replayed_targets() -> list[str]:
    """The targets whose corpora are replayed, those under weave among them. It is an error if one
    has no input."""
    return [target for target in project.listed_targets() if project.corpus_files(target)]


def line_counts(tests: list[str], targets: list[str]) -> dict[Path, dict[int, int]]:
    """By file and line, how often these programs of the coverage build execute it: tests that run
    whole, and targets that replay their corpus. All of them are built."""
    _run_all({**{name: [_folder() / "bin" / name] for name in tests}, **_replays(targets)})
    _merge_profiles()
    binaries = [_folder() / "bin" / name for name in (*tests, *targets)]
    return reached.line_counts(_llvm_cov("export", binaries, ["-format=lcov"]))


def missed(found: dict[Path, reached.Reached]) -> list[str]:
    """A line for each file of src/ that is not reached whole."""
    lines = []
    for path, one in sorted(found.items()):
        name = project.shown(path)
        if name.startswith("src/") and (one.lines_missed or one.branches_missed):
            parts = [f"{word} {reached.ranges(numbers)}" for word, numbers in (
                ("lines", one.lines_missed), ("one way at", one.branches_missed)) if numbers]
            lines.append(f"not reached: {name}: {'; '.join(parts)}")
    return lines


def too_low(found: dict[Path, reached.Reached]) -> list[str]:
    """The parts that are below what they must have; one without a measured line is, too."""
    by_name = {project.shown(path): one for path, one in found.items()}
    named = NO_PART.union(*(part.files for part in EXACT_PARTS))
    rest = tuple(name for name in by_name if name.startswith("src/runtime/") and name not in named)
    problems = []
    for part in (*EXACT_PARTS, Part(SCHEDULER, SCHEDULER_LEAST, rest)):
        whole = reached.together([by_name[name] for name in part.files if name in by_name])
        for word, percent in (("lines", whole.line_percent), ("branches", whole.branch_percent)):
            if percent < part.least or not whole.lines:
                problems.append(f"{part.name}: {percent:.2f} % of the {word}, "
                                f"{part.least:g} % needed")
    return problems


def _folder() -> Path:
    """The build, which for another tree has a place of its own."""
    return project.BUILD / PRESET


def _profiles() -> Path:
    return _folder() / "profiles"


def _merged() -> Path:
    return _folder() / "coverage.profdata"


def measured(export: str) -> list[dict]:
    """The entries of llvm-cov's export for the files that are measured; warnings may precede its
    document."""
    document = next(line for line in export.splitlines() if line.startswith("{"))
    return [entry for entry in json.loads(document)["data"][0]["files"]
            if _is_measured(Path(entry["filename"]))]


def _is_measured(file: Path) -> bool:
    return (file.is_relative_to(project.ROOT)
            and file.relative_to(project.ROOT).parts[0] not in UNMEASURED)


def rows(figures: list[dict]) -> list[list[str]]:
    """A table row for each file."""
    return sorted([project.shown(Path(file["filename"])),
                   *(f"{file['summary'][kind]['percent']:.1f}" for kind in ("lines", "functions"))]
                  for file in figures)


def _run_everything(targets: list[str]) -> bool:
    """Runs the tests, then each target's corpus."""
    ctest = ["ctest", "--test-dir", _folder(), "--parallel", str(os.cpu_count() or 1),
             "--tests-regex", TESTS, "--no-tests=error", "--output-on-failure"]
    return _run_all({"the tests": ctest, **_replays(targets)})


def _replays(targets: list[str]) -> dict[str, list]:
    """A command for each target, by name, that replays its corpus."""
    return {f"the corpus of {target}": [project.binary(PRESET, target),
                                        *project.corpus_folders(target, PRESET)]
            for target in targets}


def _run_all(commands: dict[str, list]) -> bool:
    """Runs the commands with new profiles. A failure is reported and does not stop the rest."""
    shutil.rmtree(_profiles(), ignore_errors=True)
    environment = {"LLVM_PROFILE_FILE": str(_profiles() / "%m.profraw")}
    return all([_run(name, command, environment) for name, command in commands.items()])


def _run(name: str, command: list, environment: dict[str, str]) -> bool:
    progress = Progress()
    progress.show(f"running {name}")
    outcome = run_child(command, environment=environment)
    progress.clear()
    if outcome.status != 0:
        say(outcome.output.rstrip("\n"))
        complain(f"{name} failed; the coverage is that of what ran")
    return outcome.status == 0


def _merge_profiles() -> None:
    profiles = sorted(_profiles().glob("*.profraw"))
    if not profiles:
        raise CommandError("no program wrote a coverage profile")
    _tool(["llvm-profdata-19", "merge", "-sparse", "-o", _merged(), *profiles])


def _binaries() -> list[Path]:
    return sorted(path for path in (_folder() / "bin").iterdir()
                  if path.is_file() and os.access(path, os.X_OK))


def _llvm_cov(verb: str, binaries: list[Path], options: list[str]) -> str:
    first, *others = binaries
    objects = [first, *(f"-object={path}" for path in others)]
    return _tool(["llvm-cov-19", verb, *objects, f"-instr-profile={_merged()}", *options])


def _tool(command: list) -> str:
    outcome = run_child(command)
    if outcome.status != 0:
        raise CommandError(f"{command[0]}: {outcome.output.strip().splitlines()[-1]}")
    return outcome.output
