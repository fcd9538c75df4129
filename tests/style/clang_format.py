#!/usr/bin/env python3
"""Fails if clang-format would change a C++ file of the tree.

    clang_format.py ROOT [--fix]     --fix writes the changes instead
"""
import argparse
import pathlib
import subprocess
import sys

SUFFIXES = {".h", ".cpp"}
FOLDERS_SKIPPED = {"build", "findings", "corpus"}


def source_files(root):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if parts[0] in FOLDERS_SKIPPED or any(part.startswith(".") for part in parts):
            continue
        if path.suffix in SUFFIXES and path.is_file():
            yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--fix", action="store_true")
    options = parser.parse_args()

    files = list(source_files(options.root.resolve()))
    if not files:
        print("no C++ file found", file=sys.stderr)
        return 1
    mode = ["-i"] if options.fix else ["--dry-run", "-Werror"]
    run = subprocess.run(["clang-format-19", "--style=file", *mode, *files], check=False)
    print(f"{len(files)} files")
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
