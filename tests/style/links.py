#!/usr/bin/env python3
"""Checks that what the documents name is there: the files they link to, and the paths in `code`.

    links.py [ROOT]

A path in code is checked if it begins with a tracked folder; it may be relative to the root or to
the document. Capitals stand for any name, as in `fuzz/SUBJECT/NAME.dict`. Prints a line for each missing file, and exits 1 if there is any.
"""
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`([^`\s]+/[^`\s]*)`")
PLACEHOLDER = re.compile(r"[A-Z]{2,}")
ALTERNATIVES = re.compile(r"\{([^}]*)\}")


def expand(path):
    """a/{b,c}.h is a/b.h and a/c.h."""
    match = ALTERNATIVES.search(path)
    if match is None:
        return [path]
    return [name for word in match[1].split(",")
            for name in expand(path[:match.start()] + word + path[match.end():])]


def is_there(root, path):
    pattern = PLACEHOLDER.sub("*", path).strip("/")
    return any(root.glob(pattern))


def problems_of(root, document, text, folders):
    for number, line in enumerate(text.splitlines(), start=1):
        for link in LINK.findall(line):
            if "://" not in link and not (root / document).parent.joinpath(link).exists():
                yield f"{document}:{number}: {link}: no such file"
        for code in CODE.findall(line):
            for path in expand(code):
                places = root, (root / document).parent
                if path.split("/")[0] in folders and not any(is_there(place, path)
                                                              for place in places):
                    yield f"{document}:{number}: {path}: no such file"


def tracked(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    return [path for path in listed.split("\0") if path]


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    paths = tracked(root)
    folders = {path.split("/")[0] for path in paths if "/" in path}
    documents = [path for path in paths if path.endswith(".md")]
    if not documents:
        print(f"{root}: no tracked document here", file=sys.stderr)
        return 2
    problems = [problem for document in documents
                for problem in problems_of(root, document,
                                           (root / document).read_text(encoding="utf-8"), folders)]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(documents)} documents read, {len(problems)} missing files")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
