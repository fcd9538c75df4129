#!/usr/bin/env python3
"""Checks the rules of docs/style.md that a pattern can see, in every tracked text file.

    english.py [ROOT]

Prints a line for each violation, and exits 1 if there is any. The rules on words look at prose:
documents, comments, strings, names of tests, and the head of a seeded bug. Code is free to call a
variable what it likes.
"""
import dataclasses
import io
import pathlib
import re
import subprocess
import sys
import tokenize

COLUMNS_MAX = 100
# OSS-Fuzz and ClusterFuzzLite say "engine" in their names for things.
SERVICES = ("commands/oss_fuzz", "docs/oss-fuzz.md", "oss-fuzz/", "sanitizers/oss-fuzz/",
            "tests/command/oss_fuzz", "tests/command/test_oss_fuzz", "tests/command/test_workflows")
C_SUFFIXES = {".h", ".hpp", ".cpp", ".cc", ".c"}
CMAKE_SUFFIXES = {".cmake"}

# The words of the rules must stand here, and their violations in the test.
EXEMPT = {"docs/style.md", "tests/style/english.py", "tests/style/english_test.py"}


@dataclasses.dataclass(frozen=True)
class Rule:
    """A pattern that must not occur. `scope` is what it is looked for in:

    prose     what people read; comment: the same, but comments only; text: the whole file
    """
    name: str
    scope: str
    pattern: re.Pattern
    say: str
    folders: tuple = ("",)
    exempt: tuple = ()
    suffixes: tuple = ()


def words(pattern):
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


RULES = (
    Rule("of", "comment", re.compile(r"^Of\b"), "begin a comment with a noun or a verb"),
    Rule("so_many", "prose", words("so many"), "name the number"),
    Rule("whoever", "prose", words("whoever|whomever|somebody|nobody|everybody|anybody"),
         "say which thread, caller or reader"),
    Rule("go_on", "prose", words("(?:go|goes|going|gone|went) on"), "continue, resume or fail"),
    Rule("in_front_of", "prose", words("in front of"), "before"),
    Rule("behind_the_end", "prose", words("behind (?:the|its|an?) (?:end|last|first)"),
         "past the end, after"),
    Rule("is_no", "prose",
         re.compile(r"(?<!\bthere )(?<!\bThere )\b(?:is|are) no "
                    r"(?!longer\b|more\b|less\b|\w+er\b than)[a-z]\w*"), "is not a, are not"),
    Rule("can_not", "prose", words("can not"), "cannot"),
    Rule("whatever", "prose", words("whatever"), "name the cases, or any"),
    Rule("engine", "prose", re.compile(r"(?<![-\w.])(?!^engines?$)[Ee]ngines?\b(?!=)"),
         "an engine is hardware: fuzzer or runner",
         folders=("commands/", "tests/command/", "sanitizers/", "weave/", "bench/weave/",
                  "docs/scaling.md", "docs/nightly.md", "docs/tests.md"), exempt=SERVICES),
    Rule("fuzzing_engine", "prose", words("fuzzing engines?"), "fuzzer", exempt=SERVICES),
    Rule("pto2", "text",
         re.compile(r"\bPTO2(?!TaskId\b|TaskSlotState\b|LocalReadyBuffer\b|SchedulerState\b|_ERROR_"
                    r"|_TASK_(?:PENDING|COMPLETED|CONSUMED)\b|_ALIGN_SIZE\b"
                    r"|_DEFERRED_RELEASE_CAP\b|_SCHED_PROFILING\b)\w+"),
         "the contract has no such PTO2 name"),
    Rule("machine_path", "text", re.compile(r"(?<![\w.}])/(?:work|root|home/(?!me\b)\w+|Users)/\w"),
         "a path of one machine"),
    Rule("trailing_space", "text", re.compile(r"[ \t]+$"), "trailing white space"),
    Rule("long_line", "text",
         re.compile(rf"^(?!\||    |.*\]\(|.*https?://).{{{COLUMNS_MAX + 1},}}"),
         f"more than {COLUMNS_MAX} columns", suffixes=(".md",)),
)

C_TOKEN = re.compile(r'//(?P<line>[^\n]*)|/\*(?P<block>.*?)\*/|R"\((?P<raw>.*?)\)"'
                     r"|\"(?P<string>(?:\\.|[^\"\\\n])*)\"|'(?:\\.|[^'\\\n])'", re.DOTALL)
C_TEST = re.compile(r"\b(?:TYPED_)?(?:TEST|RC_GTEST)\w*\(\s*\w+,\s*(?P<name>\w+)")
PYTHON_TEST = re.compile(r"\bdef (?P<name>test_\w+)")
CMAKE_TOKEN = re.compile(r'#(?P<line>[^\n]*)|"(?P<string>(?:\\.|[^"\\])*)"')


@dataclasses.dataclass(frozen=True)
class Piece:
    """A line of prose."""
    line: int
    text: str
    is_comment: bool


def pieces(first_line, text, is_comment):
    for number, line in enumerate(text.splitlines(), start=first_line):
        yield Piece(number, line.strip(" \t/!<*#"), is_comment)


def tokens(text, pattern):
    for match in pattern.finditer(text):
        if match.lastgroup:
            yield from pieces(text.count("\n", 0, match.start()) + 1, match[match.lastgroup],
                              match.lastgroup in ("line", "block"))


def test_names(text, pattern):
    for match in pattern.finditer(text):
        yield Piece(text.count("\n", 0, match.start("name")) + 1, match["name"].replace("_", " "),
                    False)


def python_prose(text):
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield from pieces(token.start[0], token.string, True)
        elif token.type == tokenize.STRING:
            body = re.sub(r"^\w*(\"\"\"|'''|\"|')|(\"\"\"|'''|\"|')$", "", token.string)
            yield from pieces(token.start[0], body, token.string.startswith('"""'))
    yield from test_names(text, PYTHON_TEST)


def prose(path, text):
    """The lines of `text` that are written for people."""
    suffix = pathlib.PurePath(path).suffix
    yield Piece(1, pathlib.PurePath(path).stem.replace("_", " "), False)
    if suffix == ".md":
        yield from pieces(1, text, False)
    elif suffix == ".bug":
        yield from pieces(1, text.partition("\n--- old\n")[0], False)
    elif suffix == ".py" or path == "mailproof":
        yield from python_prose(text)
    elif suffix in C_SUFFIXES:
        yield from tokens(text, C_TOKEN)
        yield from test_names(text, C_TEST)
    elif suffix in CMAKE_SUFFIXES or path.endswith("CMakeLists.txt"):
        yield from tokens(text, CMAKE_TOKEN)


def is_read(path):
    suffixes = {".md", ".bug", ".py"} | C_SUFFIXES | CMAKE_SUFFIXES
    return (pathlib.PurePath(path).suffix in suffixes or path.endswith("CMakeLists.txt")
            or path == "mailproof") and path not in EXEMPT


def applies(rule, path):
    return (path.startswith(rule.folders) and not path.startswith(rule.exempt)
            and (not rule.suffixes or path.endswith(rule.suffixes)))


def check(path, text):
    """The violations in one file, as (line, rule, what was found)."""
    readable = list(prose(path, text))
    whole = [Piece(number, line, False) for number, line in enumerate(text.split("\n"), start=1)]
    found = set()
    for rule in RULES:
        if not applies(rule, path):
            continue
        for piece in whole if rule.scope == "text" else readable:
            match = rule.pattern.search(piece.text)
            if match and (piece.is_comment or rule.scope != "comment"):
                found.add((piece.line, rule, match[0]))
    return sorted(found, key=lambda violation: (violation[0], violation[1].name))


def tracked(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    return [path for path in listed.split("\0") if path and is_read(path) and (root / path).is_file()]


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    paths = tracked(root)
    if not paths:
        print(f"{root}: no tracked text here", file=sys.stderr)
        return 2
    count = 0
    for path in paths:
        for line, rule, text in check(path, (root / path).read_text(encoding="utf-8")):
            shown = repr(text[:40]) if text.strip() else "white space"
            print(f"{path}:{line}: {shown}: {rule.say} ({rule.name})", file=sys.stderr)
            count += 1
    print(f"{len(paths)} files read, {count} violations of docs/style.md")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
