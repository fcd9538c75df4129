"""A program linked with weave::gtest_main: what it says of each test, and that a replay repeats it.

    python3 weave_gtest_main.py PROGRAM    PROGRAM is built of ../weave/flaky_gtest.cpp
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(sys.argv.pop()).resolve()
FLAKY = "MailboxTest.a_message_has_arrived_when_its_producer_is_about_to_push_it"


class GtestMain(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_tests(self, options: str, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([PROGRAM, *arguments], env={**os.environ, "WEAVE_OPTIONS": options},
                              cwd=self.folder, capture_output=True, text=True, check=False)

    def test_each_test_has_its_line(self):
        run = self.run_tests("executions=2000", "--gtest_filter=*")
        self.assertEqual(run.returncode, 66, run.stdout + run.stderr)
        arrives, flaky, replay, empty = run.stdout.splitlines()
        self.assertRegex(arrives, r"^MailboxTest\.a_message_arrives +ok: 2000 executions$")
        self.assertRegex(flaky, rf"^{FLAKY}  finding: assertion: /.*flaky_gtest.cpp:\d+: .*try_pop")
        self.assertRegex(empty, r"^MailboxTest\.a_new_mailbox_is_empty +not concurrent$")
        self.assertEqual(sorted(os.listdir(self.folder)), [f"weave-{FLAKY}.schedule"])
        command = re.fullmatch(r" *reproduce: WEAVE_OPTIONS=(\S+) (.*)", replay)
        words = shlex.split(command.group(2))
        self.assertEqual(words[1:], [f"--gtest_filter={FLAKY}"])
        again = self.run_tests(command.group(1), *words[1:])
        self.assertEqual(again.returncode, 66)
        self.assertIn("timeline", again.stderr)
        self.assertIn("weave: assertion executions=1", again.stderr)

    def test_a_filter_leaves_tests_out(self):
        run = self.run_tests("executions=10", "--gtest_filter=*is_empty")
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertEqual(run.stdout, "MailboxTest.a_new_mailbox_is_empty  not concurrent\n")

    def test_a_filter_that_no_test_matches(self):
        self.assertEqual(self.run_tests("", "--gtest_filter=nothing").returncode, 2)

    def test_a_limit_is_undecided(self):
        run = self.run_tests("steps=3", "--gtest_filter=*message_arrives")
        self.assertEqual(run.returncode, 65, run.stdout)
        self.assertIn("undecided: limit: ", run.stdout)

    def test_wrong_options_are_named(self):
        run = self.run_tests("mode=wrong", "--gtest_filter=*message_arrives")
        self.assertEqual(run.returncode, 65, run.stdout)
        self.assertIn("undecided: weave: WEAVE_OPTIONS: mode=wrong: expected ", run.stdout)

    def test_the_list_for_ctest(self):
        run = self.run_tests("executions=1", "--gtest_list_tests")
        self.assertEqual(run.returncode, 0)
        self.assertIn("MailboxTest.\n  a_message_arrives\n", run.stdout)


if __name__ == "__main__":
    unittest.main()
