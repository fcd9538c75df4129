"""`mailproof weave` and `mailproof litmus`: programs under the deterministic interleaving runtime."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from commands import build, jsonfile, project, setup
from commands.child import run_through
from commands.console import EXIT_USAGE, CommandError, complain

PRESET = "dev"
SUFFIXES_CXX = {".cc", ".cpp", ".cxx", ".C"}
COMPILERS = project.BUILD / PRESET / "weave" / "bin"
STANDARD_CXX = "-std=c++20"


def run_litmus(options) -> int:
    jsonfile.check(options.json)
    setup.ensure()
    build.build(PRESET, ["litmus"])
    command = [project.BUILD / PRESET / "bin" / "litmus", *options.names]
    if options.json:
        command += ["--json", Path(options.json).absolute()]
    return run_through(command)


def run_program(options) -> int:
    source = Path(options.program)
    if not source.is_file():
        raise CommandError(f"no file '{source}'")
    if source.suffix not in SUFFIXES_CXX | {".c"}:
        raise CommandError(f"'{source}' is neither C (.c) nor C++ ({', '.join(SUFFIXES_CXX)})")
    setup.ensure()
    build.build(PRESET, ["weave", "weave_wrapper"])
    with tempfile.TemporaryDirectory(prefix="weave-") as folder:
        program = Path(folder) / source.stem
        if not _compile(source, program):
            return EXIT_USAGE
        environment = {**os.environ, "WEAVE_OPTIONS": ":".join(_words(options.options)),
                       "WEAVE_REPLAY": shlex.join(["./mailproof", "weave", str(source)])}
        return subprocess.run([program, *options.arguments], env=environment, check=False).returncode


def _words(options: list[str]) -> list[str]:
    for option in options:
        if "=" not in option:
            raise CommandError(f"'{option}' is not NAME=VALUE (see ./mailproof weave --help)")
    return options


def _compile(source: Path, program: Path) -> bool:
    """False, after the compiler's own words, if the program does not compile."""
    compiler = [COMPILERS / "weave-cc"] if source.suffix == ".c" else [COMPILERS / "weave-c++",
                                                                      STANDARD_CXX]
    step = [*compiler, "-O1", source, "-o", program]
    if subprocess.run(step, check=False).returncode != 0:
        complain(f"{source} does not compile")
        return False
    return True
