"""`mailproof coverage`: which lines the tests and the corpus reach.

Runs both in the coverage build, then writes HTML and prints a line for each file of src/, sim/ and
fuzz/.
"""

import json
import os
import shutil
from pathlib import Path

from commands.kit import build, commandline, packages, project
from commands.kit.child import run as run_child
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, complain,
                                  format_table, say)

NAME = "coverage"
GROUP = commandline.CHECKS
SUMMARY = "Measure what the tests and the corpus reach"
DETAILS = "Prints a line for each source file and writes HTML to build/coverage/html."

PRESET = "coverage"
SOURCES = ["src", "sim", "fuzz"]
FOLDER = project.BUILD / PRESET
PROFILES = FOLDER / "profiles"
MERGED = FOLDER / "coverage.profdata"
HTML = FOLDER / "html"

TABLE_HEADER = ["source", "lines %", "functions %"]


def run(_options) -> int:
    packages.ensure()
    build.build(PRESET)
    corpus = {target: project.corpus_files(target) for target in project.listed_targets()
              if project.fuzz_sanitizer(target) is not project.WEAVE}
    passed = _run_everything(list(corpus))
    _merge_profiles()
    binaries = _binaries()
    _llvm_cov("show", binaries, ["-format=html", f"-output-dir={HTML}"])
    say(format_table(TABLE_HEADER, rows(_llvm_cov("export", binaries, ["-summary-only"]))))
    say(f"line by line: {project.shown(HTML / 'index.html')}")
    return EXIT_OK if passed else EXIT_FINDING


def rows(export: str) -> list[list[str]]:
    """A table row for each file of llvm-cov's export, which warnings may come before."""
    document = next(line for line in export.splitlines() if line.startswith("{"))
    files = json.loads(document)["data"][0]["files"]
    return sorted([project.shown(Path(file["filename"])),
                   *(f"{file['summary'][kind]['percent']:.1f}" for kind in ("lines", "functions"))]
                  for file in files)


def _run_everything(targets: list[str]) -> bool:
    """The tests, then each target's corpus; what fails is reported and does not stop the rest."""
    shutil.rmtree(PROFILES, ignore_errors=True)
    environment = {"LLVM_PROFILE_FILE": str(PROFILES / "%m.profraw")}
    ctest = ["ctest", "--test-dir", FOLDER, "--parallel", str(os.cpu_count() or 1),
             "--label-exclude", "^full$", "--output-on-failure"]
    commands = {"the tests": ctest}
    for target in targets:
        replay = [project.binary(PRESET, target), *project.corpus_folders(target)]
        commands[f"the corpus of {target}"] = replay
    return all([_run(name, command, environment) for name, command in commands.items()])


def _run(name: str, command: list, environment: dict[str, str]) -> bool:
    progress = Progress()
    progress.show(f"running {name}")
    outcome = run_child(command, environment=environment)
    progress.clear()
    if outcome.status != 0:
        say(outcome.output.rstrip("\n"))
        complain(f"{name} failed; the report is of what ran")
    return outcome.status == 0


def _merge_profiles() -> None:
    profiles = sorted(PROFILES.glob("*.profraw"))
    if not profiles:
        raise CommandError("nothing that ran wrote a coverage profile")
    _tool(["llvm-profdata-19", "merge", "-sparse", "-o", MERGED, *profiles])


def _binaries() -> list[Path]:
    return sorted(path for path in (FOLDER / "bin").iterdir()
                  if path.is_file() and os.access(path, os.X_OK))


def _llvm_cov(verb: str, binaries: list[Path], options: list[str]) -> str:
    first, *others = binaries
    objects = [first, *(f"-object={path}" for path in others)]
    sources = [project.ROOT / source for source in SOURCES]
    return _tool(["llvm-cov-19", verb, *objects, f"-instr-profile={MERGED}", *options, *sources])


def _tool(command: list) -> str:
    outcome = run_child(command)
    if outcome.status != 0:
        raise CommandError(f"{command[0]}: {outcome.output.strip().splitlines()[-1]}")
    return outcome.output
