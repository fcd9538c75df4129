"""A finding on another tree as a program for its owner: one C++ file that needs that tree's headers and
the standard library, or GoogleTest.

A target writes the calls of an input as lines of words (foreign/calls.h); a template of reproducers/
makes a program of them. The program is built and run at once, so that what it says of itself is known
to be true.
"""

import json
import re
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from commands.kit import child, project
from commands.kit.console import CommandError, complain, say
from commands.kit.project import Sanitizer
from commands.kit.replay import INPUT_SECONDS_MAX, memory_limits
from commands.kit.report import Report
from commands.kit.subject import COMPILER, Subject

TEMPLATES = Path(__file__).parent / "reproducers"
RUN_SECONDS_MAX = 120
# Rounds on real threads, enough for a race under ThreadSanitizer.
ROUNDS = 1000
LINE_LENGTH = 96

TYPES = {
    "first": {"id": "PTO2TaskId", "slot": "PTO2TaskSlotState",
              "scheduler_type": "PTO2SchedulerState", "on_complete": "on_mixed_task_complete",
              "buffers": "nullptr, "},
    "present": {"id": "TaskId", "slot": "ChipTaskSlotState", "scheduler_type": "SchedulerState",
                "on_complete": "on_task_complete", "buffers": ""},
}
LIBRARY = ["algorithm", "atomic", "cassert", "chrono", "cstdint", "cstdio", "cstdlib", "cstring",
           "deque", "iterator", "new", "string_view", "thread", "type_traits", "utility", "vector"]
# Which arguments of a line the program passes on.
STEP_ARGUMENTS = {"push_condition": 1, "push_normal_done": 1, "push_conditions": 2, "claim": 2,
                  "publish": 2, "pop": 1, "pop_batch": 2, "has_pending": 0}
STEP_LINES = {"restart": "mailbox->restart(); in_ring.clear()",
              "reset": "mailbox->reset({}u); in_ring.clear()"}
THREAD_TARGETS = frozenset({"mailbox_threads", "mailbox_weave", "wait_list_weave"})


@dataclass(frozen=True)
class Reproducer:
    """The file, the command that shows the fault with it, and whether it did so here."""

    file: Path
    command: str
    fails: bool


@dataclass(frozen=True)
class Way:
    """One way to run a program: the words of a shell for a person, the commands themselves, and the
    rounds of a GoogleTest case."""

    shown: list[str]
    commands: list[list]
    rounds: int = 1


def export(subject: Subject, findings: list[tuple[str, Sanitizer, Path, Report]], folder: Path,
           is_gtest: bool) -> None:
    """Writes the program of each finding, one for each verdict of a target, and says how to run
    it."""
    written: set[tuple[str, str]] = set()
    for target, sanitizer, path, report in findings:
        if (target, report.verdict) in written:
            continue
        written.add((target, report.verdict))
        try:
            one = write(subject, target, sanitizer.replay_preset, path, report, folder, is_gtest)
        except CommandError as error:
            complain(f"no reproducer of {target}: {report.verdict}: {error}")
            continue
        say(f"REPRODUCER {target}: {report.verdict}: {one.file}")
        say(f"  run:  {one.command}")
        say("  it fails here" if one.fails else
            "  it passes here: the input shows more than the program; replay the input instead")


def write(subject: Subject, target: str, preset: str, path: Path, report: Report, folder: Path,
          is_gtest: bool) -> Reproducer:
    """Writes the program of an input that failed, then builds and runs it."""
    calls = _calls(target, preset, path)
    text = _describe(target, preset, path)
    file = folder / f"{target}-{_word(report.verdict)}.cpp"
    number = 2
    while file.exists():
        file = folder / f"{target}-{_word(report.verdict)}-{number}.cpp"
        number += 1
    folder.mkdir(parents=True, exist_ok=True)
    ways = _ways(subject, target, report, file, is_gtest)
    for way in ways:
        file.write_text(_render(subject, target, calls, report, text, way, is_gtest))
        fails = _fails(way)
        if fails:
            break
    return Reproducer(file, " && ".join(way.shown), fails)


def _word(verdict: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", verdict.lower()).strip("-")


def _calls(target: str, preset: str, path: Path) -> list[list[str]]:
    """What the target writes of an input, whether or not it fails here."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "calls"
        child.run([project.binary(preset, target), path], INPUT_SECONDS_MAX,
                  {**memory_limits(), "MAILPROOF_CALLS": str(file)})
        if not file.is_file():
            raise CommandError(f"{target} did not write the calls of {path}")
        return [line.split() for line in file.read_text().splitlines()]


def _describe(target: str, preset: str, path: Path) -> list[str]:
    outcome = child.run([project.binary(preset, target), "--describe", path], INPUT_SECONDS_MAX)
    return outcome.output.splitlines()


def _ways(subject: Subject, target: str, report: Report, file: Path, is_gtest: bool) -> list[Way]:
    """The ways to try until one fails: on real threads, under ThreadSanitizer for a race; then what
    depends on timing under weave, which GoogleTest cases have as well."""
    depends_on_timing = target in THREAD_TARGETS
    is_race = report.verdict == "data-race"
    ways = []
    if is_race or not depends_on_timing:
        ways.append(_on_threads(subject, file, is_race, is_gtest))
    if depends_on_timing:
        ways.append(_under_weave(subject, file, is_gtest))
    return ways


def _on_threads(subject: Subject, file: Path, is_race: bool, is_gtest: bool) -> Way:
    program = file.with_suffix("")
    flags = ["-fsanitize=thread"] if is_race else []
    libraries = ["-lgtest_main", "-lgtest"] if is_gtest else []
    build = [COMPILER, "-std=c++20", "-O1", "-g", "-w", "-pthread", *flags, *_includes(subject), file,
             *subject.sources, "-o", program, *libraries]
    run = [program, *([str(ROUNDS)] if is_race and not is_gtest else [])]
    return Way([shlex.join(map(str, build)), shlex.join(map(str, run))], [build, run], ROUNDS)


def _under_weave(subject: Subject, file: Path, is_gtest: bool) -> Way:
    words = ["weave", *(["--gtest"] if is_gtest else []), *_includes(subject), file]
    return Way([shlex.join(["./mailproof", *map(str, words)])], [[project.ROOT / "mailproof", *words]])


def _includes(subject: Subject) -> list[str]:
    return [f"-I{path}" for path in subject.folders]


def _fails(way: Way) -> bool:
    """Whether the last command shows a fault; the ones before it must work."""
    *builds, run = way.commands
    for command in builds:
        outcome = child.run(command, RUN_SECONDS_MAX)
        if outcome.status != 0:
            raise CommandError(f"the reproducer does not compile: {shlex.join(map(str, command))}\n"
                               f"{outcome.output[:2000]}")
    outcome = child.run(run, RUN_SECONDS_MAX)
    for path in map(Path, map(str, run[:1] if builds else [])):
        path.unlink(missing_ok=True)
    return outcome.timed_out or outcome.status not in (0, 2)


def _render(subject: Subject, target: str, calls: list[list[str]], report: Report,
            text: list[str], way: Way, is_gtest: bool) -> str:
    jinja2 = _jinja2()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    has = {word: word not in subject.lacks
           for word in ("bulk_push", "batch_pop", "claims", "cookies", "poll", "list_reset")}
    own = {"mailbox_step": _mailbox_step, "mailbox_threads": _threads, "mailbox_weave": _threads,
           "wait_list_step": _wait_list_step, "wait_list_weave": _wait_list_weave}[target]
    name = "mailbox_threads" if target == "mailbox_weave" else target
    cookie = (lambda word: f"{word}, ") if has["cookies"] else (lambda word: "")
    return environment.get_template(f"{name}.cpp.j2").render(
        title=f"{report.verdict}: a fault that mailproof's target {target} has found.",
        explanation=_explanation(report, text), commands=way.shown, rounds=way.rounds,
        defines=[define.replace("=", " ", 1) for define in subject.defines],
        headers=subject.headers, after=subject.after, library=LIBRARY, gtest=is_gtest,
        target=target, names=subject.names, scheduler=subject.scheduler, has=has,
        cookie=cookie("m.cookie"), step_cookie=cookie("step.cookie"),
        thread_cookie=cookie("~uint64_t{number}"), zero_cookie=cookie("0"),
        gate="plain-count" not in subject.known, engine="plain-counters" not in subject.known,
        **TYPES[subject.names], **own(calls, text))


def _explanation(report: Report, text: list[str]) -> list[str]:
    """The sentence of the finding, then the input in words, broken into lines of a comment."""
    lines = [report.sentence, "", *text]
    # Choices of weave mean something to weave's schedule only.
    lines = [line for line in lines if not line.startswith("choices:")]
    return [part for line in lines for part in _broken(line)]


def _broken(line: str) -> list[str]:
    parts = [""]
    for word in line.rstrip().split(" "):
        if len(parts[-1]) + len(word) > LINE_LENGTH and parts[-1].strip():
            parts.append("   ")
        parts[-1] += (" " if parts[-1] else "") + word
    return [part.rstrip() for part in parts]


def _start(calls: list[list[str]]) -> list[int]:
    return [int(word) for word in calls[0][1:]]


def _mailbox_step(calls: list[list[str]], _text: list[str]) -> dict:
    lines = []
    for word, *numbers in calls[1:]:
        if word in STEP_LINES:
            lines.append(STEP_LINES[word].format(numbers[2]))
        else:
            place = STEP_ARGUMENTS[word]
            lines.append(f"{word}({numbers[place - 1] if place else ''})")
    return {"first_ticket": _start(calls)[0], "lines": lines}


def _threads(calls: list[list[str]], _text: list[str]) -> dict:
    messages = [numbers[0] for word, *numbers in calls if word == "producer"]
    return {"first_ticket": _start(calls)[0], "messages": ", ".join(messages)}


def _wait_list_weave(calls: list[list[str]], _text: list[str]) -> dict:
    numbers = {word: int(number) for word, number in calls}
    deferred = numbers.pop("deferred")
    bits = ["true" if deferred >> task & 1 else "false" for task in range(numbers["tasks"])]
    return {**numbers, "deferred": ", ".join(bits)}


def _wait_list_step(calls: list[list[str]], text: list[str]) -> dict:
    operations = [line.split(maxsplit=1)[1] for line in text[1:]]
    rows, told = [], []
    for word, *numbers in calls[1:]:
        if word in ("completed", "released"):
            told.append((word[0], numbers[0]))
        else:
            rows.append({"text": operations[len(rows)],
                         "numbers": ", ".join([json.dumps(word), *_literals(numbers)])})
    return {"release_capacity": _start(calls)[1], "rows": rows, "scheduler_calls": told}


def _literals(numbers: list[str]) -> list[str]:
    """Numbers of 64 bits, of which the type and the error may be negative."""
    signed = {7, 12, 13}
    return [str(int(number) - (1 << 64) if place in signed and int(number) >> 63 else
                int(number)) + ("" if place in signed else "u")
            for place, number in enumerate(numbers)]


def _jinja2():
    """Imports jinja2 when a program is written, since the same run may have installed it."""
    try:
        import jinja2
    except ImportError as error:
        raise CommandError(f"{sys.executable} has no module jinja2, although python3-jinja2 is "
                           "installed") from error
    return jinja2
