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
WEAVE = project.ROOT / "sanitizers" / "weave"
# The same as weave::program and weave::main in sanitizers/weave/CMakeLists.txt.
COMPILE_FLAGS = ["-g", "-O1", "-fsanitize=thread", "-include", WEAVE / "weave_atomics.h",
                 "-femulated-tls", "-mllvm", "-tsan-instrument-func-entry-exit=0", "-mllvm",
                 "-tsan-distinguish-volatile", "-I", WEAVE / "include"]
LINK_FLAGS = ["-Wl,--wrap=main", "-Wl,-z,now"]
LIBRARIES = ["-ldl", "-lm", "-pthread"]


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
    is_c = source.suffix == ".c"
    objects = program.with_suffix(".o")
    compiler = ["clang-19", "-std=c17"] if is_c else ["clang++-19", "-std=c++20"]
    libraries = [path for name in ("libweave_wrapper.a", "libweave.a")
                 for path in (project.BUILD / PRESET).rglob(name)]
    steps = [[*compiler, *COMPILE_FLAGS, "-c", source, "-o", objects],
             ["clang++-19", objects, *LINK_FLAGS, *libraries, *LIBRARIES, "-o", program]]
    for step in steps:
        if subprocess.run(step, check=False).returncode != 0:
            complain(f"{source} does not compile")
            return False
    return True
