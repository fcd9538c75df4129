"""`verify`: what counts as proved, what a deep run remembers, and how scenarios are chosen."""

import tempfile
import textwrap
import unittest
from pathlib import Path
from unittest import mock

from support import INTERPRETER
from commands.kit import project
from commands.kit.console import CommandError
from commands.orders.scenario import Outcome
from commands.verify import command, scenarios
from commands.verify.scenarios import Search

OK = Outcome("ok", True, 314, 0.5)


def search(name: str = "mailbox/2x1", pinned: int = 0, program: Path = Path("/none")) -> Search:
    return Search(program, name, "nothing is lost", "2 producers", pinned, False)


class Problems(unittest.TestCase):
    def problem(self, outcome: Outcome, pinned: int = 0) -> str:
        return command.problem_of(search(pinned=pinned), outcome)

    def test_complete_and_as_pinned_is_proved(self):
        self.assertEqual(self.problem(OK), "")
        self.assertEqual(self.problem(OK, pinned=314), "")

    def test_all_else_is_not(self):
        self.assertIn("not complete after 9 executions", self.problem(Outcome("ok", False, 9, 1)))
        self.assertIn("314 executions, but 315 are pinned", self.problem(OK, pinned=315))
        self.assertIn("lost", self.problem(Outcome("assertion", False, 3, 1, "lost")))
        self.assertIn("no answer: limit", self.problem(Outcome("limit", False, 3, 1)))


class Choice(unittest.TestCase):
    def test_by_name_or_subject(self):
        every = [search(name) for name in ("mailbox/2x1", "mailbox/bulk", "wait_list/a")]
        self.assertEqual(scenarios.select(every, []), every)
        self.assertEqual(scenarios.select(every, ["mailbox"]), every[:2])
        self.assertEqual(scenarios.select(every, ["wait_list/a"]), every[2:])
        with self.assertRaisesRegex(CommandError, "no scenario 'x'; there are: mailbox/2x1, "):
            scenarios.select(every, ["x"])


class Program(unittest.TestCase):
    """A program that stands in for one of tests/verify."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def program(self, body: str) -> Path:
        path = self.folder / "verify_demo"
        path.write_text(f"#!{INTERPRETER}\n" + textwrap.dedent(body))
        path.chmod(0o755)
        return path

    def test_a_finding_has_the_command_that_repeats_it(self):
        program = self.program("""
            import os, sys
            open(sys.argv[sys.argv.index("--keep") + 1], "w").write("schedule")
            print("weave: FINDING", os.environ["WEAVE_WEAKEN"], file=sys.stderr)
            print('{"verdict": "data-race", "complete": false, "executions": 4, "seconds": 0.1, '
                  '"what": "two accesses"}')
            sys.exit(1)
        """)
        outcome = search(program=program).run(["1a.load=relaxed"], None, 1, self.folder / "kept")
        self.assertTrue(outcome.is_finding)
        self.assertEqual(outcome.report, "weave: FINDING 1a.load=relaxed\n")
        self.assertEqual(outcome.reproduce, f"WEAVE_WEAKEN=1a.load=relaxed {program} mailbox/2x1 "
                                            f"--replay {self.folder}/kept")

    def test_a_program_that_dies_gives_none(self):
        outcome = search(program=self.program("import sys; sys.exit('broken')")).run([], None, 1)
        self.assertEqual((outcome.verdict, outcome.what), ("none", "exit status 1: broken"))

    def test_what_is_complete_is_not_searched_again(self):
        program = self.program("""
            open("%s", "a").write("x")
            print('{"verdict": "ok", "complete": true, "executions": 4, "seconds": 0.1, "what": ""}')
        """ % (self.folder / "runs"))
        with mock.patch.object(project, "BUILD", self.folder / "build"), \
                mock.patch.object(project, "FINDINGS", self.folder / "findings"):
            for _ in range(2):
                [(_, outcome)] = command.search_all([search(program=program)], 1, command.Done())
                self.assertEqual((outcome.is_complete, outcome.executions), (True, 4))
            self.assertEqual((self.folder / "runs").read_text(), "x")
            program.write_text(program.read_text() + "\n# another program\n")
            command.search_all([search(program=program)], 1, command.Done())
            self.assertEqual((self.folder / "runs").read_text(), "xx")


    def test_a_deep_search_is_kept_in_a_file_of_its_program(self):
        program = self.program("""
            import sys
            open("%s", "a").write(" ".join(sys.argv[1:]) + "\\n")
            print('{"verdict": "ok", "complete": false, "executions": 4, "seconds": 0.1, "what": ""}')
        """ % (self.folder / "runs"))
        with mock.patch.object(project, "BUILD", self.folder / "build"), \
                mock.patch.object(project, "FINDINGS", self.folder / "findings"):
            for _ in range(2):
                command.search_all([search(program=program)], 0, command.Done())
            program.write_text(program.read_text() + "\n# another program\n")
            command.search_all([search(program=program)], 0, command.Done())
            command.search_all([search(program=program)], 120)
        runs = (self.folder / "runs").read_text().splitlines()
        states = [words.split("--state ")[1] for words in runs if "--state" in words]
        self.assertEqual((len(runs), len(states)), (4, 3))
        self.assertEqual(states[0], states[1])
        self.assertNotEqual(states[0], states[2])


class Documents(unittest.TestCase):
    def test_only_what_is_proved_is_in_it(self):
        text = command.document([(search(), OK), (search("a/b"), Outcome("ok", False, 9, 1))])
        self.assertIn("| `mailbox/2x1` | nothing is lost | 2 producers | 314 |", text)
        self.assertNotIn("a/b", text)


if __name__ == "__main__":
    unittest.main()
