"""Configures and builds presets quietly: one line each, with the time it took.

All that CMake and the compiler print goes to build/<preset>/build.log; when a build fails, the
first screen of it that matters is shown.
"""

import os
import re
import shutil
import sys
import time
from pathlib import Path

from commands.kit import project
from commands.kit.child import Child, read_log
from commands.kit.console import CommandError, Progress, say

ERROR_LINES_MAX = 20
QUIET_SECONDS_MAX = 1
PROGRESS_INTERVAL_SECONDS = 0.25
LOG_TAIL_BYTES = 1 << 14

# A compiler's, a linker's or CMake's own words; not the -Werror in a command line.
ERROR_LINE = re.compile(r": (fatal )?error: |CMake Error|undefined reference|multiple definition"
                        r"|undefined symbol|ninja: error|No space left on device|Killed")
NINJA_STEP = re.compile(r"^\[\d+/\d+\]", re.MULTILINE)


def build(preset: str, targets: list[str] | None = None) -> None:
    """Brings build/<preset> up to date: the named CMake targets, or all of them."""
    _check_tools(preset)
    project.check_disk_space()
    folder = project.BUILD / preset
    log = folder / "build.log"
    with project.locked(project.BUILD / f"{preset}.lock"):
        folder.mkdir(exist_ok=True)
        start = time.monotonic()
        with open(log, "wb") as output:
            for command in (_configure(preset), _compile(preset, targets)):
                _run(preset, command, output, log)
        seconds = time.monotonic() - start
    if seconds > QUIET_SECONDS_MAX:
        say(f"built {preset} in {seconds:.0f} s")


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
    return ["cmake", "--preset", preset]


def _compile(preset: str, targets: list[str] | None) -> list[str]:
    command = ["cmake", "--build", f"build/{preset}", "--parallel", str(os.cpu_count() or 1)]
    return command + (["--target", *targets] if targets else [])


def _run(preset: str, command: list[str], output, log: Path) -> None:
    progress = Progress()
    child = Child(command, output)
    while not child.wait(PROGRESS_INTERVAL_SECONDS):
        steps = NINJA_STEP.findall(read_log(log, LOG_TAIL_BYTES))
        progress.show(f"building {preset} {steps[-1] if steps else ''}")
    progress.clear()
    if child.status != 0:
        print("\n".join(first_errors(read_log(log))), file=sys.stderr)
        raise CommandError(f"building {preset} failed; all of it: {project.shown(log)}")
