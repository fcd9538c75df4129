#!/usr/bin/env python3
"""Runs clang-tidy over the product and the suite's own code.

    clang_tidy.py ROOT BUILD     BUILD holds compile_commands.json

The GoogleTest and rapidcheck translation units are left out: each takes longer than all the others
together, and what their macros expand to is not ours to mend.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ANALYSED = ["sim/programs/", "fuzz/", "weave/src/", "tests/style/every_header.cpp"]
# Does wrong things on purpose.
LEFT_OUT = {"fuzz/canary.cpp"}


def translation_units(root, build):
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    files = {pathlib.Path(entry["directory"], entry["file"]) for entry in entries}
    names = {file: file.relative_to(root).as_posix()
             for file in files if file.is_relative_to(root)}
    return sorted(file for file, name in names.items()
                  if name.startswith(tuple(ANALYSED)) and name not in LEFT_OUT
                  and not name.endswith("_test.cpp"))


def analyse(build, file):
    return file, subprocess.run(["clang-tidy-19", "--quiet", "-p", build, file],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                errors="replace", check=False)


def main():
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    files = translation_units(root, build)
    if not any(file.name == "every_header.cpp" for file in files):
        print("the product is not in compile_commands.json", file=sys.stderr)
        return 1
    failed = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, run in pool.map(lambda unit: analyse(build, unit), files):
            print(f"{file.relative_to(root)}: {'clean' if run.returncode == 0 else 'NOT clean'}")
            if run.returncode != 0:
                failed = True
                print(run.stdout, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
