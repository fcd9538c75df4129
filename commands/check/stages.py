"""The checks of a change, cheapest first. Each says what it covers, or what is broken."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from commands.check.changes import Change
from commands.kit import build, project, replay
from commands.kit.child import run as run_child
from commands.kit.console import CommandError, count
from commands.verify import scenarios
from commands.verify.command import search_all

SCENARIO_SECONDS = 30
TESTS_PRESET = "asan-ubsan"
REPORT_LINES_MAX = 30
# What a fuzz run needs besides its time: replay, judging, minimising.
FUZZ_OVERHEAD_SECONDS = 30
FUZZ_SECONDS_MIN = 10
FAILED_TEST = re.compile(r"^\[  FAILED  \] ([\w/]+\.[\w/]+)", re.MULTILINE)
# The CMake target in the name of an object file.
OBJECT = re.compile(r"/([^/]+)\.dir/")


@dataclass(frozen=True)
class Answer:
    """What a stage has found: `covered` in words, or the causes of what is broken. One that is not
    done had no time, and so the change is not called safe."""

    covered: str
    broken: list[str] = field(default_factory=list)
    is_done: bool = True


@dataclass(frozen=True)
class Stage:
    """A check. `run` gets the changes and the seconds that are left."""

    name: str
    run: Callable[[list[Change], float], Answer]
    needs_time: bool = True

    def without_time(self) -> Answer:
        """The answer of a stage that the time did not reach."""
        return Answer("not run: the time is up", is_done=not self.needs_time)


def dependents(preset: str, names: list[str], changes: list[Change]) -> list[str]:
    """Those of the CMake targets, all built, that are compiled from a changed file. All programs of
    another tree are."""
    if project.SUBJECT:
        return names
    run = subprocess.run(["ninja", "-C", project.BUILD / preset, "-t", "deps"],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise CommandError(f"ninja -t deps: {run.stderr.strip() or run.stdout.strip()}")
    users = users_of({one.file for one in changes}, run.stdout)
    return [name for name in names if name in users]


def users_of(files: set[str], deps: str) -> set[str]:
    """The CMake targets with an object that is compiled from one of the files, by what
    `ninja -t deps` prints: a line for each object, and indented ones for its sources."""
    endings = tuple(f"/{file}" for file in files)
    users: set[str] = set()
    target = None
    for line in deps.splitlines():
        if not line.startswith(" "):
            target = OBJECT.search(line)
        elif target and line.endswith(endings):
            users.add(target[1])
    return users


def verify(changes: list[Change], seconds: float) -> Answer:
    """The bounded scenarios of the subjects that use a changed file."""
    searches = [one for one in scenarios.prepare() if not one.is_deep]
    used = dependents(scenarios.PRESET, sorted({one.program.name for one in searches}), changes)
    chosen = [one for one in searches if one.program.name in used]
    results = search_all(chosen, max(1.0, min(SCENARIO_SECONDS, seconds)))
    broken = [f"{one.name}: {one.guarantee}\n{_shortened(_without_events(outcome.report))}\n"
              f"reproduce: {outcome.reproduce}"
              for one, outcome in results if outcome.is_finding]
    broken += [f"{one.name}: {outcome.verdict}: {outcome.what}" for one, outcome in results
               if not outcome.is_ok and not outcome.is_finding]
    whole = [outcome for _, outcome in results if outcome.is_complete]
    partly = len(results) - len(whole)
    words = (f"{count(len(whole), 'scenario')} with all executions, "
             f"{sum(outcome.executions for outcome in whole):,}")
    if partly:
        words += f"; {partly} in part"
    return Answer(words, broken)


def _without_events(report: str) -> str:
    """What weave found and where; the command to reproduce it shows the objects and the timeline."""
    return report.partition("\nobjects:\n")[0]


def units(changes: list[Change], seconds: float) -> Answer:
    """The unit tests of src and sim, under AddressSanitizer and UBSan."""
    build.build(TESTS_PRESET, ["unit_tests"])
    if not dependents(TESTS_PRESET, ["unit_tests"], changes):
        return Answer("no unit test uses the change")
    program = project.BUILD / TESTS_PRESET / "bin" / "unit_tests"
    outcome = run_child([program, "--gtest_brief=1"], max(1.0, seconds))
    lines = outcome.output.strip().splitlines()
    if outcome.timed_out:
        return Answer(f"the unit tests did not end within {seconds:.0f} s", is_done=False)
    if outcome.status != 0:
        failed = [line for line in lines if FAILED_TEST.match(line) or "ERROR:" in line][:5]
        return Answer("", ["unit tests: " + "\n".join(failed or lines[-5:]) +
                           f"\nreproduce: {' '.join([project.shown(program), *_filter(failed)])}"])
    return Answer(lines[-1].strip("[] =") if lines else "unit tests passed")


def _filter(failed: list[str]) -> list[str]:
    """The option that runs the tests of GoogleTest's lines alone."""
    names = dict.fromkeys(FAILED_TEST.findall("\n".join(failed)))
    return [f"--gtest_filter={':'.join(names)}"] if names else []


def corpora(changes: list[Change], _: float) -> Answer:
    """Every kept input of the targets that use a changed file."""
    targets = project.listed_targets()
    replay.prepare(targets)
    used: set[str] = set()
    for preset, names in _by_replay_preset(targets).items():
        used.update(dependents(preset, names, changes))
    inputs = {target: project.corpus_files(target) for target in targets if target in used}
    failures = replay.replay_all(inputs)
    broken = [f"{one.target}: {one.report.verdict}: {one.report.message}\n"
              f"reproduce: ./mailproof replay {project.shown(one.input)}" for one in failures[:3]]
    return Answer(replay.summary(inputs, failures), broken)


def _by_replay_preset(targets: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for target in targets:
        for sanitizer in project.replay_sanitizers(target):
            found.setdefault(sanitizer.replay_preset, []).append(target)
    return found


def fuzzing(changes: list[Change], seconds: float) -> Answer:
    """Fuzzes what runs under weave, for the rest of the time."""
    used = dependents(project.WEAVE.replay_preset, project.explored_targets(), changes)
    time_left = round(seconds - FUZZ_OVERHEAD_SECONDS)
    if not used or time_left < FUZZ_SECONDS_MIN:
        return Answer("no time for fuzzing" if used else "no target under weave uses the change")
    begin = time.monotonic()
    run = subprocess.run([sys.executable, project.ROOT / "mailproof", "fuzz", *used, "--seconds",
                          str(time_left), *project.subject_words()],
                         cwd=project.ROOT, capture_output=True, text=True, check=False)
    if run.returncode == 0:
        spent = time.monotonic() - begin
        return Answer(f"{', '.join(used)} fuzzed for {spent:.0f} s, nothing found")
    return Answer("", [_shortened(run.stdout.strip() or run.stderr.strip(), from_end=True)])


STAGES = [Stage("verify", verify), Stage("units", units), Stage("corpora", corpora)]
# Another tree has no unit tests of ours.
SUBJECT_STAGES = [Stage("verify", verify), Stage("corpora", corpora)]
# For what time is left.
FUZZING = Stage("fuzzing under weave", fuzzing, needs_time=False)


def _shortened(text: str, from_end: bool = False) -> str:
    lines = text.strip().splitlines()
    if len(lines) <= REPORT_LINES_MAX:
        return "\n".join(lines)
    part = lines[-REPORT_LINES_MAX:] if from_end else lines[:REPORT_LINES_MAX]
    return "\n".join([*part, f"({len(lines) - REPORT_LINES_MAX} more lines)"])
