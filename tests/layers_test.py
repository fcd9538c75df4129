#!/usr/bin/env python3
"""Plants includes in scratch trees: the allowed ones pass, each forbidden one is named.

The folders come from the rules themselves, so that a new rule is tested from its first day.
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import layers

CHECKER = pathlib.Path(__file__).with_name("layers.py")
ROOT = CHECKER.parents[1]


def example(pattern):
    """A folder that fits the pattern of a rule."""
    return pattern.removesuffix("/**").replace("*", "ring")


def planted(rule):
    """The file of a folder that includes, or is included."""
    folder = example(rule.folder)
    is_python = folder in ("commands", "tests/command")
    return f"{folder}/{folder.replace('/', '_')}.{'py' if is_python else 'h'}"


def include_of(file, target):
    if file.endswith(".py"):
        return "from " + target.removesuffix(".py").replace("/", ".") + " import name\n"
    return f'#include "{target}"\n'


# A tree with a file in the folder of every rule.
CLEAN_TREE = {planted(rule): "\n" for rule in layers.RULES}

# (file, what stands in it): what the pairs of folders do not cover. Each breaks one rule in line 1.
FORBIDDEN = [
    ("src/runtime/a.h", '#include "../../sim/planted.h"'),
    ("src/a2a3/include/a.h", "#include <sim/planted.h>"),
    ("src/a2a3/a.h", '  #  include "../a5/planted.h"'),
    ("src/runtime/a.h", '#include "no/such/file.h"'),
    ("src/runtime/a.h", "#include HEADER"),
    ("weave/src/model/a.h", '#include "src/runtime/task_id.h"'),
    ("fuzz/ring/a.h", '#include "fuzz/queue/planted.h"'),
    ("fuzz/ring/a.h", '#include "fuzz/wait_list/planted.h"'),
    ("fuzz/kit/a.h", '#include "fuzz/ring/planted.h"'),
    ("src/runtime/a.h", '#include "../planted.h"'),
    ("fuzz/a.cpp", '#include "src/runtime/task_id.h"'),
    ("fuzz/a.cpp", '#include "stress/planted.h"'),
    ("fuzz/ring/a_oracle.cpp", '#include "src/runtime/planted.h"'),
    ("fuzz/ring/a_oracle.h", '#include "fuzz/ring/a_runner.h"'),
    ("fuzz/ring/a_model.h", '#include "src/runtime/planted.h"'),
    ("fuzz/ring/a_model.cpp", '#include "fuzz/ring/a_runner.h"'),
    ("fuzz/ring/a.h", "#include <weave/weave.h>"),
    ("src/runtime/a.h", "#include <weave/weave.h>"),
    ("fuzz/kit/report.h", "#include <weave/weave.h>"),
    ("fuzz/ring/a.h", '#include "sim/programs/options.h"'),
    ("stress/support/main.cpp", '#include "sim/programs/planted.h"'),
    ("commands/a.py", "import tests.command.planted"),
    ("commands/kit/a.py", "from tests.command import planted"),
    ("commands/a.py", "from ..tests.command import planted"),
    ("tools/a.h", "#include <vector>"),
    ("tests/tools/a.cpp", "#include <vector>"),
    ("fuzz/ring/deeper/a.h", "#include <vector>"),
    ("tools/a.py", "import os"),
]

ALLOWED = [
    ("src/a2a3/include/scheduler/a.h", '#include "../../planted.h"'),
    ("src/a5/a.h", '#include "../runtime/planted.h"'),
    ("src/a.h", '#include "a2a3/planted.h"'),
    ("fuzz/ring/a_oracle.cpp", '#include "fuzz/wait_list/wait_list_model.h"'),
    ("weave/src/entry/a.cpp", '#include "model/planted.h"'),
    ("tests/unit/a.cpp", '#include "scheduler/planted.h"'),
    ("tests/weave/a.cpp", "#include <planted.h>\n#include <weave/weave.h>"),
    ("fuzz/a.cpp", "#include <weave/weave.h>"),
    ("fuzz/kit/explored_under_weave.cpp", "#include <weave/weave.h>"),
    ("bench/weave/a.cpp", "#include <weave/weave.h>"),
    ("stress/support/main.cpp", '#include "sim/programs/options.h"'),
    ("fuzz/kit/a_test.cpp", '#include "fuzz/ring/planted.h"\n#include "fuzz/queue/planted.h"'),
    ("fuzz/ring/a_oracle.cpp", '#include "fuzz/ring/a_history.h"\n'
                               '#include "src/runtime/task_id.h"'),
    ("fuzz/ring/a_oracle_test.cpp", '#include "fuzz/ring/a_runner.h"'),
    ("commands/kit/a.py", "import os\nfrom commands import planted"),
    ("tests/command/a.py", "from commands.planted import name"),
]

# What the planted files above include.
SURROUNDINGS = {
    "src/planted.h": "\n",
    "src/runtime/planted.h": "\n",
    "src/runtime/task_id.h": "\n",
    "fuzz/wait_list/wait_list_model.h": "\n",
    "fuzz/wait_list/planted.h": "\n",
    "src/a2a3/planted.h": "\n",
    "src/a5/planted.h": "\n",
    "sim/planted.h": "\n",
    "sim/programs/planted.h": "\n",
    "sim/programs/options.h": "\n",
    "stress/planted.h": "\n",
    "fuzz/ring/planted.h": "\n",
    "commands/planted.py": "\n",
    "tests/command/planted.py": "\n",
    "fuzz/queue/planted.h": "\n",
    "fuzz/ring/a_runner.h": '#include "src/runtime/planted.h"\n',
    "fuzz/ring/a_history.h": '#include "src/runtime/planted.h"\n',
    "src/a2a3/include/scheduler/planted.h": "\n",
    "weave/src/model/planted.h": "\n",
    "weave/include/weave/weave.h": "\n",
}


def check(tree):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in tree.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return layers.Tree(pathlib.Path(folder).resolve()).check()


class LayersTest(unittest.TestCase):
    def test_a_tree_with_every_folder_passes(self):
        self.assertEqual(check(CLEAN_TREE | SURROUNDINGS), [])

    def test_each_pair_of_folders_is_refused_or_allowed_as_its_rule_says(self):
        """Each folder's file includes those of all others, one a line."""
        tree, refused = {}, set()
        for rule in layers.RULES:
            file = planted(rule)
            others = [other for other in layers.RULES if other is not rule and
                      (planted(other).endswith(".py") or file.endswith(".h"))]
            tree[file] = "".join(include_of(file, planted(other)) for other in others)
            refused |= {(f"{file}:{line}", planted(other))
                        for line, other in enumerate(others, start=1)
                        if other.folder not in rule.may}
        problems = [problem.split(": ", 1) for problem in check(tree)]
        self.assertEqual({(place, problem.split()[-1]) for place, problem in problems}, refused)
        self.assertEqual(len(problems), len(refused))

    def test_each_planted_violation_is_named_by_file_and_line(self):
        for file, text in FORBIDDEN:
            with self.subTest(file=file, text=text):
                problems = check(SURROUNDINGS | {file: text + "\n"})
                self.assertTrue(problems)
                for problem in problems:
                    self.assertTrue(problem.startswith(f"{file}:1: "), problem)

    def test_what_the_special_rules_allow_passes(self):
        for file, text in ALLOWED:
            with self.subTest(file=file, text=text):
                self.assertEqual(check(SURROUNDINGS | {file: text + "\n"}), [])

    def test_an_oracle_is_followed_through_what_it_includes(self):
        tree = SURROUNDINGS | {
            "fuzz/ring/a_oracle.cpp": '#include "fuzz/kit/ring.h"\n',
            "fuzz/kit/ring.h": '\n#include "src/runtime/planted.h"\n',
        }
        problems = check(tree)
        self.assertEqual(len(problems), 1)
        self.assertTrue(problems[0].startswith("fuzz/kit/ring.h:2: fuzz/ring/a_oracle.cpp "))

    def test_a_target_has_one_subject(self):
        both = '#include "fuzz/ring/planted.h"\n#include "fuzz/queue/planted.h"\n'
        problems = check(SURROUNDINGS | {"fuzz/a.cpp": both})
        self.assertEqual(problems, [
            "fuzz/a.cpp:2: a target has one subject, not fuzz/queue, fuzz/ring"])

    def test_a_tree_without_src_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run([sys.executable, CHECKER, folder], capture_output=True, text=True,
                                 check=False)
        self.assertEqual(run.returncode, 2)

    def test_a_problem_is_printed_and_fails_the_check(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "src/runtime/a.h")
            file.parent.mkdir(parents=True)
            file.write_text('#include "missing.h"\n', encoding="utf-8")
            run = subprocess.run([sys.executable, CHECKER, folder], capture_output=True, text=True,
                                 check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("src/runtime/a.h:1: missing.h: no such file in the tree", run.stderr)


class RealTreeTest(unittest.TestCase):
    def test_every_rule_has_a_folder(self):
        folders = {path.parent.relative_to(ROOT).as_posix() for path in layers.Tree(ROOT).files()}
        for rule in layers.RULES:
            with self.subTest(rule=rule.folder):
                self.assertTrue(any(layers.rule_of(folder) is rule for folder in folders))

    def test_the_table_in_the_documentation_is_the_rules(self):
        self.assertIn(layers.table(), (ROOT / "docs/architecture.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
