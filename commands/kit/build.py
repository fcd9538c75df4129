"""Configures and builds presets quietly: one line for each, with the time that it took.

Meanwhile the progress says how much is left and how long the last build took, which is kept in
build/<preset>/last-build.json. Everything that CMake and the compiler print goes to
build/<preset>/build.log; when a build fails, the first screen of it that matters is shown.
"""

import json
import os
import re
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from commands.kit import jsonfile, project
from commands.kit.child import Child, read_log
from commands.kit.console import CommandError, Progress, say

ERROR_LINES_MAX = 20
QUIET_SECONDS_MAX = 1
PROGRESS_INTERVAL_SECONDS = 0.25
LOG_TAIL_BYTES = 1 << 14

# A compiler's, a linker's or CMake's own words; not the -Werror in a command line.
ERROR_LINE = re.compile(r": (fatal )?error: |CMake Error|undefined reference|multiple definition"
                        r"|undefined symbol|ninja: error|No space left on device|Killed")
# Ninja's "[120/310] Building CXX object ...".
NINJA_STEP = re.compile(r"^\[(\d+)/(\d+)\]", re.MULTILINE)
LAST_NAME = "last-build.json"


@dataclass(frozen=True)
class LastBuild:
    """The last large build of a preset."""

    seconds: float
    steps: int


@dataclass(frozen=True)
class Steps:
    """How far ninja is; nothing is known while `total` is 0."""

    done: int = 0
    total: int = 0


def build(preset: str, targets: list[str] | None = None) -> None:
    """Brings build/<preset> up to date: the named CMake targets, or all of them; with an empty list
    it is only configured."""
    _check_tools(preset)
    project.check_disk_space()
    folder = project.BUILD / preset
    log = folder / "build.log"
    with project.locked(project.BUILD / f"{preset}.lock"):
        folder.mkdir(parents=True, exist_ok=True)
        start = time.monotonic()
        with open(log, "wb") as output:
            commands = [_configure(preset)]
            if targets != []:
                commands.append(_compile(preset, targets))
            for command in commands:
                _run(preset, command, output, log)
        seconds = time.monotonic() - start
        _keep_time(preset, seconds, steps_in(read_log(log, LOG_TAIL_BYTES)))
    if seconds > QUIET_SECONDS_MAX:
        say(f"built {preset} in {seconds:.0f} s")


def steps_in(log: str) -> Steps:
    """Ninja's last count in a log."""
    counts = NINJA_STEP.findall(log)
    return Steps(*map(int, counts[-1])) if counts else Steps()


def last_build(preset: str) -> LastBuild | None:
    """The preset's last large build; None when its file is missing or cannot be read."""
    try:
        content = json.loads((project.BUILD / preset / LAST_NAME).read_text())
        return LastBuild(float(content["seconds"]), int(content["steps"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep_time(preset: str, seconds: float, steps: Steps) -> None:
    """For the next build. A build of a few files does not replace the time of a large one."""
    last = last_build(preset)
    if steps.total and (last is None or steps.total > last.steps / 2):
        jsonfile.replace(project.BUILD / preset / LAST_NAME,
                         {"seconds": round(seconds, 1), "steps": steps.total})


def progress_line(preset: str, steps: Steps, seconds: float, last: LastBuild | None) -> str:
    """'building tsan: 120 of 310, about 1:10 left, last time 2:05'. `seconds` is the time since
    ninja began."""
    if steps.total == 0:
        parts = ["configuring"]
    else:
        parts = [f"{steps.done} of {steps.total}"]
        if 0 < steps.done < steps.total:
            left = seconds / steps.done * (steps.total - steps.done)
            parts.append(f"about {_minutes(left)} left")
    if last is not None:
        other = f" for {last.steps} steps" if steps.total not in (0, last.steps) else ""
        parts.append(f"last time {_minutes(last.seconds)}{other}")
    return f"building {preset}: {', '.join(parts)}"


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def first_errors(log: str) -> list[str]:
    """The first error with what follows it, at most one screen."""
    lines = log.splitlines()
    for number, line in enumerate(lines):
        if ERROR_LINE.search(line):
            return lines[number : number + ERROR_LINES_MAX]
    return lines[-ERROR_LINES_MAX:]


def _check_tools(preset: str) -> None:
    compiler = "g++-12" if preset.endswith("-gcc") else "clang++-19"
    for tool in (compiler, "cmake", "ninja"):
        if shutil.which(tool) is None:
            raise CommandError(f"no {tool} on PATH, although its package is installed")


def _configure(preset: str) -> list[str]:
    if project.SUBJECT is None:
        return ["cmake", "--preset", preset]
    return ["cmake", "--preset", preset, "-B", str(project.BUILD / preset),
            f"-DMAILPROOF_SUBJECT={project.SUBJECT[1]}"]


def _compile(preset: str, targets: list[str] | None) -> list[str]:
    command = ["cmake", "--build", str((project.BUILD / preset).relative_to(project.ROOT)),
               "--parallel", str(os.cpu_count() or 1)]
    return command + (["--target", *targets] if targets else [])


def _run(preset: str, command: list[str], output, log: Path) -> None:
    progress = Progress()
    last = last_build(preset)
    child = Child(command, output)
    while not child.wait(PROGRESS_INTERVAL_SECONDS):
        steps = steps_in(read_log(log, LOG_TAIL_BYTES))
        progress.show(progress_line(preset, steps, child.seconds, last))
    progress.clear()
    if child.status != 0:
        print("\n".join(first_errors(read_log(log))), file=sys.stderr)
        raise CommandError(f"building {preset} failed; all of it: {project.shown(log)}")
