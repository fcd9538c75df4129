#!/usr/bin/env python3
"""Runs clang-tidy over the product and the suite's own code.

    clang_tidy.py ROOT BUILD     BUILD holds compile_commands.json

The GoogleTest and rapidcheck translation units are left out: each takes longer than all the others
together, and what their macros expand to is not ours to mend. A source that several programs compile
is analysed once, with the first of its commands that is not a planted bug's.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ANALYSED = ["sim/programs/", "fuzz/", "weave/src/", "tests/style/every_header.cpp"]
# The paths through a function that the analyser follows, in its nodes: a tenth of the default, at
# which weave's longest functions take most of the time.
ANALYSER_NODES_MAX = 20000
EXTRA = [f"--extra-arg={word}"
         for word in ("-Xclang", "-analyzer-config", "-Xclang", f"max-nodes={ANALYSER_NODES_MAX}")]
# Does wrong things on purpose.
LEFT_OUT = {"fuzz/canary.cpp"}


def is_analysed(name):
    return name.startswith(tuple(ANALYSED)) and name not in LEFT_OUT and not name.endswith("_test.cpp")


def one_command_each(root, build):
    """The entries of compile_commands.json, by what they compile: clang-tidy would run all of them."""
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    entries.sort(key=lambda entry: "/tests/bugs/" in entry["command"])
    chosen = {}
    for entry in entries:
        file = pathlib.Path(entry["directory"], entry["file"])
        if file.is_relative_to(root) and is_analysed(file.relative_to(root).as_posix()):
            chosen.setdefault(file, entry)
    return dict(sorted(chosen.items()))


def analyse(folder, file):
    return file, subprocess.run(["clang-tidy-19", "--quiet", *EXTRA, "-p", folder, file],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                errors="replace", check=False)


def main():
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    commands = one_command_each(root, build)
    if not any(file.name == "every_header.cpp" for file in commands):
        print("the product is not in compile_commands.json", file=sys.stderr)
        return 1
    failed = False
    with (tempfile.TemporaryDirectory() as folder,
          concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool):
        pathlib.Path(folder, "compile_commands.json").write_text(
            json.dumps(list(commands.values())), encoding="utf-8")
        for file, run in pool.map(lambda unit: analyse(folder, unit), commands):
            print(f"{file.relative_to(root)}: {'clean' if run.returncode == 0 else 'NOT clean'}")
            if run.returncode != 0:
                failed = True
                print(run.stdout, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
