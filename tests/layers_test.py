#!/usr/bin/env python3
"""Plants includes in scratch trees: the allowed ones pass, each forbidden one is named."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECKER = pathlib.Path(__file__).with_name("layers.py")

# A tree in which every include is allowed.
CLEAN_TREE = {
    "src/runtime/ring.h": "#include <atomic>\n",
    "src/a2a3/platform.h": '#include "../runtime/ring.h"\n',
    "src/a5/platform.h": '#include "../runtime/ring.h"\n',
    "sanitizers/thread/options.cpp": "#include <cstdio>\n",
    "fuzz/support/bytes.h": "#include <vector>\n",
    "fuzz/scenario/scenario.h": '#include "fuzz/support/bytes.h"\n#include "src/a2a3/platform.h"\n',
    "fuzz/history/history.h": '#include "fuzz/scenario/scenario.h"\n#include "src/a2a3/platform.h"\n',
    "fuzz/engine/engine.h": '#include "fuzz/history/history.h"\n#include "src/runtime/ring.h"\n',
    "fuzz/oracle/oracle.h": '#include "fuzz/history/history.h"\n'
                            '#include "fuzz/scenario/scenario.h"\n',
    "fuzz/target.cpp": '#include "fuzz/oracle/oracle.h"\n#include "src/runtime/ring.h"\n',
    "stress/support/job.h": '#include "src/runtime/ring.h"\n',
    "stress/flood.cpp": '#include "stress/support/job.h"\n#include "src/a2a3/platform.h"\n',
    "tests/test.cpp": '#include <gtest/gtest.h>\n#include "src/runtime/ring.h"\n',
}

# File -> an include that it must not have.
FORBIDDEN = [
    ("src/runtime/ring.h", '#include "fuzz/support/bytes.h"'),
    ("src/runtime/ring.h", '#include "../../tests/test.cpp"'),
    ("src/a2a3/platform.h", "#include <fuzz/support/bytes.h>"),
    ("src/a2a3/platform.h", '  #  include "../../fuzz/support/bytes.h"'),
    ("src/runtime/ring.h", '#include "../a2a3/platform.h"'),
    ("src/a5/platform.h", '#include "../a2a3/platform.h"'),
    ("sanitizers/thread/options.cpp", '#include "src/runtime/ring.h"'),
    ("stress/support/job.h", '#include "stress/flood.cpp"'),
    ("stress/flood.cpp", '#include "fuzz/engine/engine.h"'),
    ("fuzz/support/bytes.h", '#include "src/runtime/ring.h"'),
    ("fuzz/support/bytes.h", '#include "fuzz/scenario/scenario.h"'),
    ("fuzz/scenario/scenario.h", '#include "fuzz/history/history.h"'),
    ("fuzz/scenario/scenario.h", '#include "fuzz/target.cpp"'),
    ("fuzz/history/history.h", '#include "fuzz/oracle/oracle.h"'),
    ("fuzz/engine/engine.h", '#include "fuzz/oracle/oracle.h"'),
    ("fuzz/oracle/oracle.h", '#include "src/runtime/ring.h"'),
    ("fuzz/oracle/oracle.h", '#include "fuzz/engine/engine.h"'),
    ("fuzz/oracle/oracle.h", '#include "../../src/runtime/ring.h"'),
    ("fuzz/oracle/oracle.h", '#include "no/such/file.h"'),
]


def check(tree):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in tree.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, CHECKER, folder], capture_output=True, text=True,
                              check=False)


class LayersTest(unittest.TestCase):
    def test_a_clean_tree_passes(self):
        run = check(CLEAN_TREE)
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_each_planted_include_is_refused_by_file_and_line(self):
        for name, include in FORBIDDEN:
            with self.subTest(file=name, include=include):
                run = check({**CLEAN_TREE, name: "#pragma once\n" + include + "\n"})
                self.assertEqual(run.returncode, 1)
                self.assertTrue(run.stderr.startswith(name + ":2: "), run.stderr)

    def test_a_tree_without_src_is_not_taken_for_a_clean_one(self):
        self.assertEqual(check({"fuzz/target.cpp": ""}).returncode, 2)


if __name__ == "__main__":
    unittest.main()
