#!/usr/bin/env python3
"""Wrong usage, and files that are not valid graphs, give one line and status 2.

    usage_test.py FOLDER     the programs are in it
"""
import pathlib
import sys
import tempfile
import unittest

import support

FOLDER = pathlib.Path()


class UsageTest(unittest.TestCase):
    def assert_refused(self, expected, program, *arguments, text_in=""):
        ended = support.run(FOLDER / program, *arguments, text_in=text_in)
        self.assertEqual(ended.status, 2, ended)
        self.assertEqual(ended.out, "")
        self.assertRegex(ended.err, rf"\A{program}: [^\n]*\n\Z")
        self.assertIn(expected, ended.err)

    def test_every_program_refuses_what_it_does_not_know(self):
        for program in ("dummy_task", "deferred_notify", "run_graph"):
            self.assert_refused("not expected: --colour", program, "--colour")
            self.assert_refused("--platform: 'a4' is not one of a2a3sim, a5sim", program,
                                "--platform", "a4")
            self.assert_refused("--time: 'slow' is not one of real, virtual", program, "--time",
                                "slow")
            for threads in ("0", "65", "-1", "two", "2x", "99999999999999999999"):
                self.assert_refused(f"--threads: '{threads}' is not a number from 1 to 64", program,
                                    f"--threads={threads}")
            self.assert_refused("--threads: 1 required N missing", program, "--threads")

    def test_the_last_of_several_counts(self):
        ended = support.run(FOLDER / "dummy_task", "--time", "slow", "--time", "virtual")
        self.assertEqual(ended.status, 0, ended)

    def test_every_program_helps(self):
        for program in ("dummy_task", "deferred_notify", "run_graph"):
            ended = support.run(FOLDER / program, "--help")
            self.assertEqual(ended.status, 0)
            self.assertIn(f"Usage: {program}", ended.out)
            self.assertRegex(ended.out, r"--platform a2a3sim, a5sim")
            self.assertRegex(ended.out, r"--threads N .*, 1 to 64\n")

    def test_run_graph_needs_one_graph(self):
        self.assert_refused("needs a FILE or --random SEED", "run_graph")
        self.assert_refused("needs a FILE or --random SEED", "run_graph", "-", "--random", "1")
        self.assert_refused("not expected: b", "run_graph", "a", "b")
        self.assert_refused("--random: '-1' is not a number from 0 to", "run_graph", "--random",
                            "-1")
        self.assert_refused("cannot read 'no/such/file'", "run_graph", "no/such/file")
        self.assert_refused("cannot read '/'", "run_graph", "/")
        self.assert_refused("cannot write '/'", "run_graph", "--random", "1", "--trace", "/")

    def test_a_text_that_is_not_a_valid_graph_is_named_with_its_line(self):
        self.assert_refused("<stdin>:2: 'tusk' is none of task", "run_graph", "-",
                            text_in="task a\ntusk b\n")
        with tempfile.NamedTemporaryFile("w", suffix=".graph") as file:
            file.write("task a\n\ntask b after=a time=5\n")
            file.flush()
            self.assert_refused(f"{file.name}:3: 'time' takes", "run_graph", file.name)

    def test_a_graph_is_read_from_the_standard_input(self):
        ended = support.run(FOLDER / "run_graph", "-", text_in="task a\ntask b after=a\n")
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(ended.pairs["completed"], "2")

    def test_a_printed_graph_is_the_same_graph(self):
        program = FOLDER / "run_graph"
        for seed in range(10):
            printed = support.run(program, "--random", seed, "--print")
            self.assertEqual(support.run(program, "-", "--print", text_in=printed.out), printed)
            self.assertEqual(support.run(program, "-", text_in=printed.out),
                             support.run(program, "--random", seed))

    def test_quiet_says_nothing_of_a_good_run(self):
        program = FOLDER / "run_graph"
        self.assertEqual(support.run(program, "--random", 1, "--quiet"), support.Run(0, "", ""))
        bad = support.run(program, "-", "--quiet", text_in="task a blocks=0\n")
        self.assertEqual(bad.status, 1)
        self.assertIn("status=-5", bad.out)

    def test_a_name_with_quotes_is_said_in_quotes(self):
        bad = support.run(FOLDER / "run_graph", "-", text_in='task a"b blocks=0\n')
        self.assertIn(r'problem="<stdin>:1: task a\"b: 0 blocks', bad.out)


if __name__ == "__main__":
    FOLDER = pathlib.Path(sys.argv.pop(1))
    unittest.main()
