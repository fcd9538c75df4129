#!/usr/bin/env python3
"""Checks that the folders of the tree include only what they may.

    layers.py [ROOT]

Prints a line for each include that the table does not allow, and exits 1 if there is any. Includes
inside the tree are written from its root, "fuzz/history/history.h"; in src/, which is installed on
its own, they are relative to the including file.
"""
import pathlib
import re
import sys

# Folder -> what it may include, besides itself. The longest folder that holds a file decides. A
# folder that is not listed here may include anything: tests and targets see it all.
PRODUCT = ["src/runtime", "src/a2a3", "src/a5", "src/platforms.h", "sim"]
# What reads command lines; of no use to a user, and so not installed.
OPTIONS = "sim/programs/options.h"
LAYERS = {
    "src/runtime": [],
    "src/a2a3": ["src/runtime"],
    "src/a5": ["src/runtime"],
    "src/platforms.h": ["src/runtime", "src/a2a3", "src/a5"],
    "sim": ["src/runtime"],
    "sim/programs": [*PRODUCT, OPTIONS],
    OPTIONS: [],
    "sanitizers": [],
    "fuzz/support": [],
    "fuzz/scenario": [*PRODUCT, "fuzz/support"],
    "fuzz/history": [*PRODUCT, "fuzz/scenario", "fuzz/support"],
    "fuzz/engine": [*PRODUCT, "fuzz/scenario", "fuzz/history", "fuzz/support"],
    "stress": [*PRODUCT, "stress/support"],
    "stress/support": [*PRODUCT, OPTIONS],
    "fuzz/oracle": ["fuzz/scenario", "fuzz/history", "fuzz/support"],
}

SUFFIXES = {".h", ".hpp", ".cpp", ".cc", ".c", ".inc"}
INCLUDE = re.compile(r'^\s*#\s*include(?:_next)?\s*([<"])([^>"]+)[>"]')
FOLDERS_SKIPPED = {"build", "findings"}


def holds(folder, path):
    return path == folder or path.startswith(folder + "/")


def layer_of(path):
    layers = [layer for layer in LAYERS if holds(layer, path)]
    return max(layers, key=len, default=None)


def source_files(root):
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        if folder.name.startswith(".") or folder.name in FOLDERS_SKIPPED:
            continue
        for path in sorted(folder.rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                yield path


def included_path(root, file, quote, text):
    """The included file, relative to the root, or None if it is not of this tree."""
    candidates = [file.parent / text, root / text] if quote == '"' else [root / text]
    for candidate in candidates:
        resolved = candidate.resolve()
        if resolved.is_file() and resolved.is_relative_to(root):
            return resolved.relative_to(root).as_posix()
    return None


def check_include(root, file, quote, text):
    """What is wrong with one include, or None."""
    layer = layer_of(file.relative_to(root).as_posix())
    if layer is None:
        return None
    target = included_path(root, file, quote, text)
    if target is None:
        # The product's drop-in folders are include folders of their own; everything else in
        # quotes has to be a file of the tree, or the check would pass over it.
        return f"{text}: no such file in the tree" if quote == '"' else None
    allowed = [layer] + LAYERS[layer]
    target_layer = layer_of(target)
    if target_layer in allowed:
        return None
    return f"{layer} may not include {target_layer or target}: {text}"


def check_tree(root):
    problems = []
    for file in source_files(root):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, start=1):
            match = INCLUDE.match(line)
            problem = match and check_include(root, file, match[1], match[2])
            if problem:
                problems.append(f"{file.relative_to(root)}:{number}: {problem}")
    return problems


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    if not (root / "src").is_dir():
        print(f"{root}: no src/ here", file=sys.stderr)
        return 2
    problems = check_tree(root)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
