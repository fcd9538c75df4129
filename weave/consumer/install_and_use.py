#!/usr/bin/env python3
"""Installs weave from a build folder into a scratch prefix, moves the prefix, and uses it from
outside: find_package(weave) with weave::main, weave::program and weave::gtest_main, and the compilers in bin. Demands
the verdicts, and that weave's README shows the racy program as it is."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).with_name("project")
EXIT_FINDING = 66
# What may be installed, and what must be.
INSTALLED = re.compile(r"include/weave/(?:\w+\.h|lib(?:std)?cxx/[\w./]+)|lib/libweave\w*\.a|"
                       r"lib/cmake/weave/weave[\w-]+\.cmake|share/weave/gtest/\w+\.cpp|"
                       r"bin/weave-(?:cc|c\+\+)")
REQUIRED = {"include/weave/weave.h", "lib/libweave.a", "lib/libweave_wrapper.a", "bin/weave-cc",
            "bin/weave-c++", "lib/cmake/weave/weaveConfig.cmake"}


def run(*command):
    print("$", *command, flush=True)
    subprocess.run([str(part) for part in command], check=True)


def check_installed_files(prefix):
    files = {path.relative_to(prefix).as_posix() for path in prefix.rglob("*") if path.is_file()}
    strangers = [name for name in files if not INSTALLED.fullmatch(name)]
    if strangers:
        sys.exit(f"installed by mistake: {', '.join(sorted(strangers))}")
    if missing := REQUIRED - files:
        sys.exit(f"not installed: {', '.join(sorted(missing))}")


def check_readme():
    lines = (PROJECT / "racy.cpp").read_text(encoding="utf-8").splitlines(keepends=True)
    program = "".join(line for line in lines if not line.startswith("// "))
    if program not in PROJECT.parents[1].joinpath("README.md").read_text(encoding="utf-8"):
        sys.exit("README.md does not show racy.cpp as it is")


def expect_race(program, scratch):
    """The program must end with a data race on `value`, and name the command that repeats it."""
    print("$", program, flush=True)
    environment = {**os.environ, "WEAVE_OPTIONS": "mode=random:executions=1000"}
    result = subprocess.run([program], env=environment, cwd=scratch, text=True, check=False,
                            capture_output=True)
    print(result.stderr, flush=True)
    lines = result.stderr.splitlines()
    if result.returncode != EXIT_FINDING or not lines[-1].startswith("weave: data-race "):
        sys.exit(f"{program}: expected a data race and status {EXIT_FINDING}, "
                 f"not status {result.returncode}")
    if not any(line.startswith("reproduce: ") for line in lines):
        sys.exit(f"{program}: no command that repeats the finding")


def expect_lines(program, scratch):
    """The program must print a line for each GoogleTest case."""
    print("$", program, flush=True)
    result = subprocess.run([program], env={**os.environ, "WEAVE_OPTIONS": "mode=exhaustive"},
                            cwd=scratch, text=True, check=False, capture_output=True)
    print(result.stdout, result.stderr, flush=True)
    expected = (r"Counter\.counts_both_threads +ok: \d+ executions, all of them\n"
                r"Counter\.counts_both_threads_with_load_and_store  finding: assertion: .*\n"
                r" +reproduce: .*\n"
                r"Counter\.begins_at_0 +not concurrent\n")
    if result.returncode != EXIT_FINDING or not re.fullmatch(expected, result.stdout):
        sys.exit(f"{program}: other lines, or status {result.returncode}")


def use_package(options, prefix, scratch):
    folder = scratch / "consumer"
    run(options.cmake, "-S", PROJECT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
        f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={options.compiler}",
        "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror")
    run(options.cmake, "--build", folder)
    expect_race(folder / "racy", scratch)
    run(folder / "explores")
    expect_lines(folder / "counter_gtest", scratch)


def use_compilers(prefix, scratch):
    run(prefix / "bin/weave-c++", "-std=c++20", "-O1", PROJECT / "racy.cpp", "-o", scratch / "racy")
    expect_race(scratch / "racy", scratch)
    if (prefix / "lib/libweave_libcxx.a").exists():
        run(prefix / "bin/weave-c++", "-std=c++20", "-O1", "-stdlib=libc++", PROJECT / "racy.cpp",
            "-o", scratch / "racy_libcxx")
        expect_race(scratch / "racy_libcxx", scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--build", required=True, help="a build folder in which weave is built")
    options = parser.parse_args()

    check_readme()
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        installed = scratch / "installed"
        run(options.cmake, "--install", options.build, "--component", "weave", "--prefix", installed)
        check_installed_files(installed)
        prefix = installed.rename(scratch / "moved")
        use_package(options, prefix, scratch)
        use_compilers(prefix, scratch)


if __name__ == "__main__":
    main()
