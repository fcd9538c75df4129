#!/usr/bin/env python3
"""Plants a violation of each rule of english.py, and text beside it that the rule must leave."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import english

CHECKER = pathlib.Path(__file__).with_name("english.py")

# Rule -> (file, text that breaks it), and (file, text that does not).
PLANTED = {
    "of": [("src/a.h", "/// Of the last task.\n"), ("a.cpp", "int x;  ///< Of a slot\n"),
           ("a.py", '"""Of a target."""\n')],
    "so_many": [("a.md", "waits for so many rounds\n")],
    "whoever": [("a.cpp", "// whoever comes first\n"), ("a.cpp", 'fail("nobody has it");\n'),
                ("a.cpp", "TEST(Ring, a_push_waits_for_nobody) {}\n"),
                ("a.py", "def test_somebody_waits():\n    pass\n"), ("nobody_waits.cpp", "\n"),
                ("bugs/ring/a.bug", "why: as somebody might\n--- old\na\n--- new\nb\n")],
    "go_on": [("CMakeLists.txt", "# The build goes on.\n"), ("a.py", 'say("it went on")\n')],
    "in_front_of": [("a.c", "/* waits in front of\n   a ticket */\n")],
    "behind_the_end": [("a.h", "// reads behind the end\n")],
    "is_no": [("a.py", 'say(f"{name} is no number")\n'), ("a.md", "These are no races.\n")],
    "can_not": [("a.md", "It can not wait.\n")],
    "whatever": [("a.md", "whatever is pushed\n")],
    "engine": [("commands/a.py", "# The engine saves it.\n"), ("weave/a.h", "// Engines choose.\n")],
    "fuzzing_engine": [("README.md", "for each fuzzing engine\n")],
    "pto2": [("src/a.h", "struct PTO2Watchdog;\n"), ("src/a.h", "int PTO2_TASK_LOST;\n")],
    "machine_path": [("a.md", "see /home/alice/tree\n"), ("a.py", 'ROOT = "/root/tree"\n')],
    "trailing_space": [("a.md", "a line \n"), ("a.h", "int x;\t\n")],
    "long_line": [("a.md", "word-" * 21 + "\n")],
}
LEFT_ALONE = {
    "of": [("a.h", "// The size\n// of a slot. Of course.\n"), ("a.py", 'say("Of these")\n')],
    "so_many": [("a.md", "so that many wait\n")],
    "whoever": [("a.cpp", "int nobody = 0;\n"), ("a.bug", "why: a\n--- old\n// nobody\n--- new\n\n")],
    "go_on": [("a.cpp", "go_on();\n"), ("a.md", "Let it go one step.\n")],
    "in_front_of": [("a.md", "at the front of the ring\n")],
    "behind_the_end": [("a.md", "the Python behind the command\n")],
    "is_no": [("a.md", "There is no lock. It is no longer full. There are no races.\n")],
    "can_not": [("a.md", "It cannot.\n")],
    "whatever": [("a.cpp", "int whatever;\n")],
    "engine": [("commands/a.py", 'options = {"engine": "afl"}\nsay("--engine afl")\n'),
               ("sim/a.h", "// The engine copies it.\n"),
               ("commands/oss_fuzz/a.py", "# The engine of the service.\n")],
    "fuzzing_engine": [("a.md", "a fuzzer, an engine\n"),
                       ("docs/oss-fuzz.md", "the fuzzing engine of the service\n")],
    "pto2": [("a.h", "PTO2TaskId id; PTO2_ERROR_NONE; PTO2_TASK_PENDING;\n")],
    "machine_path": [("a.md", "src/work/home/x, /opt/pto, https://a.example/home/x\n")],
    "trailing_space": [("a.md", "a line\n\nanother\n")],
    "long_line": [("a.md", "| " + "cell " * 30 + "|\n    " + "code-" * 21 + "\nsee [" + "word " * 21 + "](a.md)\n"),
                  ("a.h", "// " + "word " * 21 + "\n")],
}


class EnglishTest(unittest.TestCase):
    def test_every_rule_has_both_kinds_of_example(self):
        names = [rule.name for rule in english.RULES]
        self.assertEqual(sorted(names), sorted(PLANTED))
        self.assertEqual(sorted(names), sorted(LEFT_ALONE))

    def test_each_planted_violation_is_found_by_its_rule(self):
        for name, examples in PLANTED.items():
            for path, text in examples:
                with self.subTest(rule=name, path=path, text=text):
                    found = english.check(path, text)
                    self.assertEqual([(line, rule.name) for line, rule, _ in found], [(1, name)])

    def test_text_beside_each_rule_is_left_alone(self):
        for name, examples in LEFT_ALONE.items():
            for path, text in examples:
                with self.subTest(rule=name, path=path, text=text):
                    found = [rule.name for _, rule, _ in english.check(path, text)]
                    self.assertNotIn(name, found)

    def test_the_line_is_that_of_the_word(self):
        text = 'int a;\n/* one\n   nobody */\nauto s = R"(\nwhoever)";\n'
        self.assertEqual([line for line, _, _ in english.check("a.cpp", text)], [3, 5])

    def test_a_violation_in_a_tracked_file_fails_the_check(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a.md").write_text("nobody\n", encoding="utf-8")
            pathlib.Path(folder, "untracked.md").write_text("whoever\n", encoding="utf-8")
            subprocess.run(["git", "-C", folder, "init", "-q"], check=True)
            subprocess.run(["git", "-C", folder, "add", "a.md"], check=True)
            run = subprocess.run([sys.executable, CHECKER, folder], capture_output=True, text=True,
                                 check=False)
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stderr, "a.md:1: 'nobody': say which thread, caller or reader "
                                     "(whoever)\n")

    def test_a_folder_without_tracked_text_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "-C", folder, "init", "-q"], check=True)
            run = subprocess.run([sys.executable, CHECKER, folder], capture_output=True, text=True,
                                 check=False)
        self.assertEqual(run.returncode, 2)


if __name__ == "__main__":
    unittest.main()
