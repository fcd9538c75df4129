"""`mailproof weave`: a C or C++ program under the deterministic interleaving runtime."""

import argparse
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from commands.kit import build, commandline, packages, project
from commands.kit.console import EXIT_USAGE, CommandError, complain

NAME = "weave"
GROUP = commandline.CHECKS
SUMMARY = "Explore the interleavings of a C or C++ program"
DETAILS = ("Compiles the file and runs its main() many times, each time with another order of its "
           "threads. Exit status: 66 a finding, 65 undecided, 2 if it does not compile, otherwise "
           "the program's own.")

PRESET = "dev"
SUFFIXES_CXX = {".cc", ".cpp", ".cxx", ".C"}
COMPILERS = project.BUILD / PRESET / "weave" / "bin"
STANDARD_CXX = "-std=c++20"


def add_options(command) -> None:
    command.add_argument("program", metavar="PROGRAM",
                         help="a source file, C or C++ by its suffix")
    command.add_argument("options", nargs="*", metavar="NAME=VALUE",
                         help="an option of weave: mode=random|pct|starve|exhaustive executions=N "
                              "seconds=N seed=N depth=N preemptions=N memory=c20|sc steps=N "
                              "replay=FILE trace=FILE json=FILE continue=0|1; weave/README.md "
                              "explains them")
    command.add_argument("--arguments", nargs=argparse.REMAINDER, default=[], metavar="ARGUMENT",
                         help="everything after it goes to the program")


def run(options) -> int:
    source = Path(options.program)
    if not source.is_file():
        raise CommandError(f"no such file: {source}")
    if source.suffix not in SUFFIXES_CXX | {".c"}:
        raise CommandError(f"'{source}' is neither C (.c) nor C++ "
                           f"({', '.join(sorted(SUFFIXES_CXX))})")
    packages.ensure()
    build.build(PRESET, ["weave", "weave_wrapper", "weave_streams"])
    with tempfile.TemporaryDirectory(prefix="weave-") as folder:
        program = Path(folder) / source.stem
        if not _compile(source, program):
            return EXIT_USAGE
        environment = {**os.environ, "WEAVE_OPTIONS": ":".join(_words(options.options)),
                       "WEAVE_REPLAY": shlex.join(["./mailproof", "weave", str(source)])}
        command = [program, *options.arguments]
        return subprocess.run(command, env=environment, check=False).returncode


def _words(options: list[str]) -> list[str]:
    for option in options:
        if "=" not in option:
            raise CommandError(f"'{option}' is not NAME=VALUE (see ./mailproof weave --help)")
    return options


def _compile(source: Path, program: Path) -> bool:
    """Compiles the program; False if that fails, after the compiler's messages."""
    compiler = [COMPILERS / "weave-cc"] if source.suffix == ".c" else [COMPILERS / "weave-c++",
                                                                      STANDARD_CXX]
    step = [*compiler, "-O0", source, "-o", program]
    if subprocess.run(step, check=False).returncode != 0:
        complain(f"{source} does not compile")
        return False
    return True
