"""CTest's results as JSON, the first lines of a failed build, and coverage's table."""

import json
import unittest

import support  # noqa: F401, puts the checkout on the module path
from commands import coverage
from commands.kit import build, project, suite
from commands.kit.console import CommandError

RESULTS = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="(empty)" tests="5" failures="1" disabled="1" skipped="2" time="1">
  <testcase name="dev/a" time="0.25" status="run"><system-out></system-out></testcase>
  <testcase name="dev/b" time="0.5" status="fail"><failure message=""/></testcase>
  <testcase name="dev/c" time="0" status="notrun">
    <skipped message="Unable to find executable"/></testcase>
  <testcase name="dev/d" time="0" status="notrun">
    <skipped message="SKIP_RETURN_CODE=77"/></testcase>
  <testcase name="dev/e" time="0" status="disabled"><system-out>Disabled</system-out></testcase>
</testsuite>
"""
COMPILER = """\
[1/9] Building CXX object a.o
FAILED: b.o
/usr/bin/ccache /usr/bin/clang++-19 -Wall -Werror -o b.o -c /src/b.cpp
/src/b.cpp:4:12: error: unused variable 'x' [-Werror,-Wunused-variable]
    4 | static int x;
      |            ^
1 error generated.
"""


class Results(unittest.TestCase):
    def test_every_status(self):
        found = suite.read_results(RESULTS)
        self.assertEqual([test["status"] for test in found["tests"]],
                         ["passed", "failed", "failed", "skipped", "skipped"])
        self.assertEqual(found["tests"][0], {"name": "dev/a", "status": "passed", "seconds": 0.25})
        self.assertEqual((found["passed"], found["failed"]), (1, 2))


class Due(unittest.TestCase):
    def test_a_test_that_was_left_out_is_an_error(self):
        found = suite.read_results(RESULTS)
        names = [test["name"] for test in found["tests"]]
        suite.check_that_all_ran(names, found)
        for wrong in (names[1:], [*names, "dev/f"]):
            with self.assertRaisesRegex(CommandError, "the first that differs: dev/[af]$"):
                suite.check_that_all_ran(wrong, found)


class Table(unittest.TestCase):
    def test_a_row_for_each_build_and_group(self):
        found = suite.read_results(RESULTS.replace("dev/a", "dev/corpus/a").replace("dev/b",
                                                                                   "tsan/corpus/b"))
        found |= {"builds": {"dev": 12.4}, "seconds": 99}
        rows = suite.table(found, "quick").splitlines()
        self.assertEqual(rows[2:4], ["| build dev |  | 12 |", "| `corpus` | 2 | 1 |"])
        self.assertIn("the quick tier", rows[-1])
        self.assertIn("**99**", rows[-1])

    def test_the_page_has_the_markers_of_both_tiers(self):
        text = suite.TABLE_FILE.read_text()
        for tier in ("quick", "full"):
            for marker in (suite.TABLE_BEGIN, suite.TABLE_END):
                self.assertEqual(text.count(marker.format(tier=tier)), 1)


class BuildErrors(unittest.TestCase):
    def test_they_begin_with_the_message_of_the_compiler(self):
        self.assertEqual(build.first_errors(COMPILER), COMPILER.splitlines()[3:])

    def test_they_fit_one_screen(self):
        long = COMPILER + "note\n" * 100
        self.assertEqual(len(build.first_errors(long)), build.ERROR_LINES_MAX)

    def test_an_unknown_failure_shows_the_end(self):
        self.assertEqual(build.first_errors("one\ntwo\n"), ["one", "two"])


class Coverage(unittest.TestCase):
    def export(self, *files: tuple[str, float, float]) -> str:
        """llvm-cov's document, after one of its warnings."""
        entries = [{"filename": str(project.ROOT / name), "summary": {
            "lines": {"percent": lines}, "functions": {"percent": functions}}}
            for name, lines, functions in files]
        return f"warning: 1 function\n{json.dumps({'data': [{'files': entries}]})}\n"

    def test_a_row_for_each_file(self):
        export = self.export(("src/b.h", 50, 100), ("fuzz/a.cpp", 99.96, 0))
        self.assertEqual(coverage.rows(coverage.measured(export)),
                         [["fuzz/a.cpp", "100.0", "0.0"], ["src/b.h", "50.0", "100.0"]])

    def test_a_new_folder_is_measured_and_what_only_tests_is_not(self):
        export = self.export(*((name, 0, 0) for name in (
            "new/a.h", "tests/unit/b.cpp", "bench/c.cpp", "build/coverage/d.cpp",
            "/usr/include/gtest/gtest.h")))
        self.assertEqual([entry["filename"] for entry in coverage.measured(export)],
                         [str(project.ROOT / "new/a.h")])


if __name__ == "__main__":
    unittest.main()
