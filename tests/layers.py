#!/usr/bin/env python3
"""Checks that each folder includes only what it may, and prints who may include whom.

    layers.py [ROOT]        a line for each include or import that breaks a rule; exits 1 if any
    layers.py --table       the rules as the Markdown table of docs/architecture.md

Every folder that holds C, C++ or Python sources needs a rule in RULES; a folder without one is an
error, so a new folder cannot escape the check. An include in quotes is written from the root of the
tree, "fuzz/kit/report.h", or relative to the file, as in src/, which is installed on its own.
"""
import ast
import collections
import dataclasses
import fnmatch
import pathlib
import re
import sys


@dataclasses.dataclass(frozen=True)
class Rule:
    """Who may include whom: files in `folder` include their own folder and those in `may`.

    In `folder`, `*` is any one name; a final `**` adds all subfolders. `roots` are the include
    folders that the build passes beside the root of the tree.
    """
    folder: str
    may: tuple = ()
    holds: str = ""
    roots: tuple = ()


SRC = ("src", "src/runtime", "src/a2a3/**", "src/a5/**")
MACHINE = (*SRC, "sim")
DROP_IN = ("src/a2a3/include", "src/a5/include")
RENAMED = ("src/a2a3/include_renamed", "src/a5/include_renamed")

# The first rule that fits decides.
RULES = (
    Rule("src/runtime", (), "the product: mailbox, wait list, scheduler, for all platforms"),
    Rule("src/a2a3/**", ("src/runtime",), "the facts of platform a2a3; drop-in headers"),
    Rule("src/a5/**", ("src/runtime",), "the facts of platform a5; drop-in headers"),
    Rule("src", SRC[1:], "the list of platforms"),
    Rule("sim", ("src/runtime",), "simulated cores, engines and time; task graphs; traces"),
    Rule("sim/programs/**", MACHINE, "programs that run graphs on the simulated machine"),
    Rule("weave/**", (), "runs a program under chosen interleavings and weak memory",
         roots=("weave/src", "weave/include")),
    Rule("fuzz", ("fuzz/*", "fuzz/kit"), "fuzz targets, one a file: the index"),
    Rule("fuzz/kit", MACHINE, "target registration, mutator, replay, threads, reports"),
    Rule("fuzz/*", ("fuzz/kit", *MACHINE),
         "a subject: its schedule, seeds, runner, history, oracle, dictionaries and tests"),
    Rule("foreign", ("fuzz/kit", "fuzz/*", *SRC),
         "the targets on another tree's headers, which one adapter includes"),
    Rule("foreign/verify", ("foreign", "tests/verify"),
         "bounded scenarios on another tree's headers"),
    Rule("foreign/stress", ("foreign", "stress/support", *SRC),
         "stress jobs on another tree's headers"),
    Rule("stress", ("stress/support", *MACHINE), "jobs on real threads, one a file"),
    Rule("stress/support", MACHINE, "what the jobs share: threads, watchdog, figures"),
    Rule("bench/mailbox", ("src/runtime",), "the cases that queues are compared on"),
    Rule("bench/queues", ("bench/mailbox", *SRC), "the queues, one a file"),
    Rule("bench/scheduler", ("bench/mailbox", *MACHINE), "the scheduler and its baseline"),
    Rule("bench/weave", ("src/runtime",), "weave and Relacy on the same program"),
    Rule("tests/bench", ("bench/mailbox", "bench/scheduler", "tests/unit", *MACHINE),
         "tests of the benchmarks"),
    Rule("tests/stress", ("stress/support", *MACHINE), "tests of the stress jobs"),
    Rule("tests/unit", MACHINE, "unit tests", roots=DROP_IN),
    Rule("tests/property", MACHINE, "property tests"),
    Rule("tests/weave", ("src/runtime",), "the product under weave", roots=("src/runtime",)),
    Rule("tests/verify", ("src/runtime", "sim"), "bounded scenarios of the product under weave",
         roots=("src/runtime",)),
    Rule("tests/consumer/**", SRC, "a project that uses the installed package",
         roots=(*DROP_IN, *RENAMED)),
    Rule("tests/adopters", SRC, "unit tests as an adopting runtime has them",
         roots=(*DROP_IN, *RENAMED)),
    Rule("tests/foreign/**", ("commands/**",), "plain trees with faults, for the targets of `foreign`",
         roots=("tests/foreign/first/include", "tests/foreign/present/include")),
    Rule("tests/command", ("commands/**",), "tests of the commands"),
    Rule("tests/style", MACHINE, "formatting, static analysis, English"),
    Rule("tests/corpus", ("commands/**",),
         "replays and checks the corpora; holds dictionaries against their targets"),
    Rule("tests/bugs", ("commands/**",), "plants the bugs of `bugs/` and runs their checks"),
    Rule("tests/canary", (), "a test that must fail, to show that failures are reported"),
    Rule("tests/kernel_header/**", (), "the kernel's header in the poorest toolchain"),
    Rule("tests/headers", (), "compiles each public header alone"),
    Rule("tests", (), "this check and its test"),
    Rule("commands/**", (), "the Python behind `./mailproof`; starts programs by name only"),
    Rule("sanitizers", MACHINE, "what the programs of a build have in common, compiled once"),
    Rule("sanitizers/*", (), "flags and built-in options, a folder for each sanitizer and fuzzer"),
    Rule("oss-fuzz", (), "the project for OSS-Fuzz"),
)

# An oracle or a model judges the product, so it must not depend on it. It sees src and sim through
# its history, and in these headers, which hold types, constants and the platforms' facts.
JUDGE = ("*_oracle.h", "*_oracle.cpp", "*_model.h", "*_model.cpp", "*_contract.h",
         "*_contract.cpp")
HISTORY = "fuzz/*/*_history.h"
RUNNER = "*_runner*"
PUBLIC_TYPES = ("src/runtime/aicore_completion_mailbox_types.h", "src/runtime/pto_constants.h",
                "src/runtime/task_id.h", "src/platforms.h", "sim/graph.h", "sim/graph_data.h",
                "sim/graph_text.h")

# A subject includes no other one, except for what is listed here: the contract of the wait list, which
# the oracles of the scheduler need too.
SHARED_BY_SUBJECTS = ("fuzz/wait_list/wait_list_model.h",)

# What runs under weave by choice, and so may use its interface. The headers of the product, and
# all other code that is explored, do not know of weave.
WEAVE_INTERFACE = "weave/include/weave/*.h"
WEAVE_USERS = ("fuzz/*.cpp", "fuzz/kit/explored*", "tests/weave/*", "tests/verify/*", "tests/consumer/*",
               "bench/weave/*")

# The command lines of all programs are read alike.
OPTIONS = "sim/programs/options.h"
OPTIONS_USERS = ("bench/mailbox/*", "bench/scheduler/*", "stress/support/main.cpp")

# Tests of the kit run it on the subjects.
KIT_TESTS = "fuzz/kit/*_test.cpp"

SOURCES = {".h", ".hpp", ".cpp", ".cc", ".c", ".inc"}
INCLUDE = re.compile(r'^\s*#\s*include(?:_next)?\s*(?:([<"])([^>"]+)[>"])?')
SKIPPED = {"build", "findings", "nights"}


def fits(path, pattern):
    """Does `path` fit, component by component? A final ** is any number of components."""
    parts, wanted = path.split("/"), pattern.split("/")
    if wanted[-1] == "**":
        wanted = wanted[:-1]
        parts = parts[:len(wanted)]
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


def fits_any(path, patterns):
    return any(fits(path, pattern) for pattern in patterns)


def folder_of(path):
    return path.rpartition("/")[0]


def rule_of(folder):
    return next((rule for rule in RULES if fits(folder, rule.folder)), None)


def is_own(rule, folder, other):
    """Are both folders the same one for this rule? Two subjects are not."""
    depth = len(rule.folder.removesuffix("/**").split("/"))
    return fits(other, rule.folder) and folder.split("/")[:depth] == other.split("/")[:depth]


def is_allowed(file, target):
    """May `file` include `target`? Both are paths from the root."""
    folder, other = folder_of(file), folder_of(target)
    rule, other_rule = rule_of(folder), rule_of(other)
    if is_own(rule, folder, other):
        return True
    if fits(target, WEAVE_INTERFACE):
        return fits_any(file, WEAVE_USERS)
    if target == OPTIONS and fits_any(file, OPTIONS_USERS):
        return True
    if other_rule is None:
        return False
    if other_rule.folder in rule.may:
        return True
    if other_rule.folder == "fuzz/*":
        return fits(file, KIT_TESTS) or (rule.folder == "fuzz/*" and target in SHARED_BY_SUBJECTS)
    return False


class Tree:
    """The sources below `root` and what each of them includes."""

    def __init__(self, root):
        self.root = root
        self.problems = []
        self.includes = collections.defaultdict(list)  # file -> [(line, target)]
        for path in self.files():
            name = path.relative_to(root).as_posix()
            rule = rule_of(folder_of(name))
            if rule is None:
                self.problems.append(f"{name}:1: {folder_of(name) or 'the root'} holds sources "
                                     f"and has no rule in tests/layers.py")
            elif path.suffix == ".py":
                self.read_imports(name, path)
            else:
                self.read_includes(name, path, rule)

    def files(self):
        for folder in sorted(path for path in self.root.iterdir() if path.is_dir()):
            if folder.name.startswith(".") or folder.name in SKIPPED:
                continue
            for path in sorted(folder.rglob("*")):
                if path.suffix in SOURCES | {".py"} and path.is_file():
                    yield path

    def inside(self, path):
        """The path from the root, or None if there is no such file in the tree."""
        path = path.resolve()
        if path.is_file() and path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        return None

    def read_includes(self, name, path, rule):
        roots = [self.root, *(self.root / root for root in rule.roots),
                 self.root / "weave/include"]
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            match = INCLUDE.match(line)
            if match is None:
                continue
            quote, included = match.groups()
            if included is None:
                self.problems.append(f"{name}:{number}: an include that a macro computes cannot "
                                     f"be checked")
                continue
            beside = [path.parent] if quote == '"' else []
            targets = [self.inside(folder / included) for folder in beside + roots]
            target = next(filter(None, targets), None)
            if target:
                self.includes[name].append((number, target))
            elif quote == '"' and not included.startswith("gtest/"):
                self.problems.append(f"{name}:{number}: {included}: no such file in the tree")

    def read_imports(self, name, path):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules = [(path.parent, alias.name.split(".")) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = path.parents[node.level - 1] if node.level else path.parent
                package = node.module.split(".") if node.module else []
                modules = [(base, [*package, alias.name]) for alias in node.names]
            else:
                continue
            for base, parts in modules:
                target = self.module(base, parts)
                if target:
                    self.includes[name].append((node.lineno, target))

    def module(self, base, parts):
        """The file of the module `parts`, or of the module that holds that name."""
        for folder in (base, self.root):
            for length in (len(parts), len(parts) - 1):
                module = folder.joinpath(*parts[:length])
                target = self.inside(module.with_suffix(".py")) or \
                    self.inside(module / "__init__.py")
                if length and target:
                    return target
        return None

    def check(self):
        for file, includes in self.includes.items():
            for number, target in includes:
                if not is_allowed(file, target):
                    self.problems.append(f"{file}:{number}: {folder_of(file)} may not include "
                                         f"{target}")
            if folder_of(file) == "fuzz":
                self.check_target(file, includes)
            if fits_any(file.rpartition("/")[2], JUDGE):
                self.check_judge(file)
        return sorted(self.problems)

    def check_target(self, file, includes):
        folders = {folder_of(target) for _, target in includes} - {"fuzz/kit"}
        subjects = {folder for folder in folders if fits(folder, "fuzz/*")}
        if len(subjects) > 1:
            self.problems.append(f"{file}:{includes[-1][0]}: a target has one subject, not "
                                 f"{', '.join(sorted(subjects))}")

    def check_judge(self, judge):
        """Follows the includes of an oracle or a model inside fuzz/."""
        seen, left = {judge}, [judge]
        while left:
            file = left.pop()
            for number, target in self.includes.get(file, ()):
                if target.startswith("fuzz/") and not fnmatch.fnmatchcase(target, RUNNER):
                    if target not in seen:
                        seen.add(target)
                        left.append(target)
                elif target not in PUBLIC_TYPES and not fits(file, HISTORY):
                    through = f"{judge} judges the product and includes {file}, which includes"
                    self.problems.append(f"{file}:{number}: {through} {target}" if file != judge
                                         else f"{file}:{number}: an oracle or a model may not "
                                              f"include {target}")


def table():
    """The rules in Markdown: who may include whom."""
    lines = ["| folder | what it holds | may include |", "|---|---|---|"]
    for rule in RULES:
        may = list(rule.may)
        if set(SRC) <= set(may):
            may = [*(name for name in may if name not in SRC), "src/**"]
        names = ", ".join(f"`{shown(name)}`" for name in may)
        lines.append(f"| `{shown(rule.folder)}` | {rule.holds} | {names or 'itself only'} |")
    return "\n".join(lines)


def shown(folder):
    return folder.removesuffix("/**").replace("fuzz/*", "fuzz/SUBJECT").replace("/*", "/NAME")


def main():
    if sys.argv[1:] == ["--table"]:
        print(table())
        return 0
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    if not (root / "src").is_dir():
        print(f"{root}: no src/ here", file=sys.stderr)
        return 2
    problems = Tree(root).check()
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
