"""`check`: which lines count as changed, which are not executed, and the one answer."""

import contextlib
import io
import json
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from support import commit_all, git
from commands.check import changes, command, exercised, stages
from commands.check.changes import Change
from commands.check.stages import Answer, Stage
from commands.kit.child import Outcome

CODE = """\
// A comment.
int f(int x) {
    return x + 1;  // one more
}
"""


class Changes(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        self.path = self.root / "src" / "f.h"
        self.path.parent.mkdir()
        self.path.write_text(CODE)
        git(self.root, "init", "-q")
        commit_all(self.root, "Begin")
        self.repository = changes.Repository([self.root / "src"])

    def changed(self, text: str) -> list[Change]:
        self.path.write_text(text)
        return self.repository.since("HEAD")

    def test_comments_and_spaces_do_not_count(self):
        self.assertEqual(self.changed(CODE), [])
        self.assertEqual(self.changed(CODE.replace("one more", "two more")), [])
        self.assertEqual(self.changed(CODE.replace("    return", "  return")), [])
        self.assertEqual(self.changed("/* long\n */\n" + CODE), [])

    def test_code_in_a_string_is_code(self):
        self.assertEqual(self.changed(CODE.replace("x + 1", 'x + "//"[0]')),
                         [Change("src/f.h", (3,))])

    def test_lines_are_those_of_now(self):
        added = CODE.replace("    return", "    // why\n    x += 2;\n    return")
        self.assertEqual(self.changed(added), [Change("src/f.h", (4,))])

    def test_a_removed_line_is_that_before_it(self):
        self.assertEqual(self.changed(CODE.replace("    return x + 1;  // one more\n", "")),
                         [Change("src/f.h", (2,))])

    def test_code_that_was_removed_below_a_comment_is_the_code_before_it(self):
        commented = CODE.replace("    return", "    // why\n    return")
        self.changed(commented)
        commit_all(self.root, "Comment")
        removed = "".join(line for line in commented.splitlines(True) if "return" not in line)
        for text in (removed, commented.replace("    return", "    // return")):
            with self.subTest(text=text):
                self.assertEqual(self.changed(text), [Change("src/f.h", (2,))])

    def test_a_comment_beside_a_change_is_none(self):
        self.assertEqual(self.changed(CODE.replace("A comment", "Another").replace("x + 1", "x")),
                         [Change("src/f.h", (3,))])

    def test_lines_that_only_break_elsewhere_have_not_changed(self):
        self.assertEqual(self.changed(CODE.replace("x) {", "x)\n{")), [])

    def test_a_file_without_code_any_more_has_no_lines(self):
        self.assertEqual(self.changed("// Nothing.\n"), [Change("src/f.h", ())])

    def test_a_file_that_is_not_utf_8(self):
        self.path.write_bytes(CODE.replace("A comment", "J\xfcrgen").encode("latin-1"))
        self.assertEqual(self.repository.since("HEAD"), [])

    def test_code_that_was_removed_from_the_top_is_the_first_that_is_left(self):
        self.changed("int g();\n" + CODE)
        commit_all(self.root, "Add g")
        self.assertEqual(self.changed(CODE), [Change("src/f.h", (2,))])

    def test_a_new_file_and_one_that_is_gone(self):
        self.path.rename(self.root / "src" / "g.h")
        self.assertEqual(self.repository.since("HEAD"),
                         [Change("src/f.h", ()), Change("src/g.h", (2, 3, 4))])

    def test_what_is_compared_with(self):
        self.assertEqual(self.repository.default_base(), "HEAD~1")
        self.path.write_text("int g();\n")
        self.assertEqual(self.repository.default_base(), "HEAD")


class Exercised(unittest.TestCase):
    def test_a_line_that_is_never_executed(self):
        text = "int f() {\n    int x = 1;\n    return x;\n}\n"
        self.assertEqual(exercised.missed_lines(text, (2, 3), {2: 5, 3: 0}), [3])
        self.assertEqual(exercised.missed_lines(text, (2, 3), {2: 5, 3: 1}), [])

    def test_a_function_that_no_program_uses_has_no_counts(self):
        text = "template <class T>\nT f(T x) {\n    x += 1;\n    return x;\n}\n"
        self.assertEqual(exercised.missed_lines(text, (1, 2, 3, 4, 5), {}), [2, 3, 4])

    def test_declarations_need_no_execution(self):
        text = "inline constexpr int size = 4;\n#include <x>\nusing A = int;\nstruct B;\n"
        self.assertEqual(exercised.missed_lines(text, (1, 2, 3, 4), {}), [])

    def missed(self, *counts: dict) -> tuple[dict, list[list[str]]]:
        """What is missed of line 2 of a file, and the targets that were asked, when these are the
        counts one after the other."""
        change = mock.Mock(file="src/f.h", path=Path("src/f.h"), lines=(2,))
        with mock.patch.object(exercised, "read_source", return_value="int f() {\n    g();\n}\n"), \
                mock.patch.object(exercised.build, "build"), \
                mock.patch.object(exercised.coverage, "line_counts",
                                  side_effect=[{change.path: each} for each in counts]) as asked, \
                mock.patch.object(Path, "exists", return_value=True):
            return exercised.missed([change]), [call.args[1] for call in asked.call_args_list]

    def test_what_only_threads_reach_that_meet_is_asked_of_weaves_targets(self):
        found, asked = self.missed({2: 0}, {2: 7})
        self.assertEqual(found, {})
        self.assertNotIn("mailbox_weave", asked[0])
        self.assertIn("mailbox_weave", asked[1])
        self.assertEqual(len(self.missed({2: 7})[1]), 1, "one look is enough")
        self.assertEqual(self.missed({2: 0}, {2: 0})[0], {"src/f.h": [2]})


class Dependents(unittest.TestCase):
    DEPS = ("a/CMakeFiles/one.dir/x.cpp.o: #deps 2, deps mtime 1 (VALID)\n"
            "    ../../a/x.cpp\n    /tree/src/runtime/f.h\n\n"
            "a/CMakeFiles/two.dir/y.cpp.o: #deps 1, deps mtime 1 (VALID)\n"
            "    ../../a/y.cpp\n")

    def test_a_target_uses_what_its_objects_are_compiled_from(self):
        for file, users in (("src/runtime/f.h", {"one"}), ("src/runtime/g.h", set()),
                            ("a/y.cpp", {"two"})):
            self.assertEqual(stages.users_of({file}, self.DEPS), users)


class Answers(unittest.TestCase):
    def conclude(self, *found: Answer, missed=(), left: float = 60) -> tuple[int, str, dict]:
        tried = []

        def stage(number: int, answer: Answer) -> Stage:
            def run(_changes, _seconds):
                tried.append(number)
                return answer
            return Stage(f"stage {number}", run)

        printed = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
            answers = command.ask([stage(*one) for one in enumerate(found)], [],
                                  time.monotonic() + left)
            file = Path(folder) / "out.json"
            status = command.conclude(answers, list(missed), str(file))
            self.tried = tried
            return status, printed.getvalue(), json.loads(file.read_text())

    def test_safe_says_within_which_bounds(self):
        status, printed, written = self.conclude(Answer("3 scenarios"), Answer("5 tests"))
        self.assertEqual((status, written["answer"]), (0, "safe"))
        self.assertIn("SAFE within these bounds\n  stage 0: 3 scenarios\n  stage 1: 5 tests",
                      printed)

    def test_the_first_broken_stage_ends_it(self):
        status, printed, written = self.conclude(
            Answer("", ["mailbox/2x1: lost\nreproduce: this"]), Answer("5 tests"))
        self.assertEqual((status, written["answer"], self.tried), (1, "broken", [0]))
        self.assertIn("BROKEN\nmailbox/2x1: lost\nreproduce: this\n", printed)

    def test_lines_that_nothing_executes(self):
        status, printed, written = self.conclude(Answer("5 tests"), missed=["src/f.h: lines 3-4"])
        self.assertEqual((status, written["answer"]), (3, "not exercised"))
        self.assertIn("NOT EXERCISED\n  src/f.h: lines 3-4\n", printed)

    def test_without_time_it_is_not_called_safe(self):
        status, printed, written = self.conclude(Answer("5 tests"), left=0)
        self.assertEqual((status, written["answer"], self.tried), (3, "not exercised", []))
        self.assertIn("NOT EXERCISED\n  stage 0: not run: the time is up; use more --minutes\n",
                      printed)

    def test_a_check_that_did_not_end_is_not_called_safe(self):
        status, printed, _ = self.conclude(Answer("still running", is_done=False),
                                           Answer("5 tests"))
        self.assertEqual(status, 3)
        self.assertIn("stage 0: not done", printed)
        self.assertIn("  stage 0: still running; use more --minutes\n", printed)
        self.assertIn("safe within these bounds\n  stage 1: 5 tests\n", printed)

    def test_fuzzing_has_what_time_is_left(self):
        self.assertTrue(stages.FUZZING.without_time().is_done)
        for stage in (*stages.STAGES, *stages.SUBJECT_STAGES):
            self.assertFalse(stage.without_time().is_done)


class Shown(unittest.TestCase):
    FAILED = ["[  FAILED  ] Lists/a5/0.ends, where TypeParam = pto::a5::Platform (14 ms)",
              "[  FAILED  ] Rings.wraps (2 ms)", "==1==ERROR: AddressSanitizer: x"]

    def test_only_the_failed_unit_tests_are_repeated(self):
        with mock.patch.object(stages.build, "build"), \
                mock.patch.object(stages, "dependents", lambda *_: ["unit_tests"]), \
                mock.patch.object(stages, "run_child",
                                  lambda *_: Outcome(1, "\n".join(self.FAILED))):
            [broken] = stages.units([], 60).broken
        self.assertTrue(broken.endswith("unit_tests --gtest_filter=Lists/a5/0.ends:Rings.wraps"))

    def test_the_events_of_a_scenario_are_left_out(self):
        search = mock.Mock(is_deep=False, guarantee="nothing is lost")
        search.name = "mailbox/2x1"
        outcome = mock.Mock(is_finding=True, is_ok=False, is_complete=False, reproduce="this",
                            report="weave: FINDING data-race\n  stack:\n    f\nobjects:\n  a1: x\n")
        with mock.patch.object(stages.scenarios, "prepare", lambda: [search]), \
                mock.patch.object(stages, "dependents", lambda _, names, __: names), \
                mock.patch.object(stages, "search_all", lambda *_: [(search, outcome)]):
            search.program.name = "verify_mailbox"
            [broken] = stages.verify([], 60).broken
        self.assertEqual(broken, "mailbox/2x1: nothing is lost\nweave: FINDING data-race\n"
                                 "  stack:\n    f\nreproduce: this")


if __name__ == "__main__":
    unittest.main()
