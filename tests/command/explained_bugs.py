"""Explanations of planted bugs: the target mailbox_weave is built with bugs of bugs/mailbox, an
input that fails is looked for, and what weave explains of it has to name the line that the bug
changes, the guarantee that it breaks, and fit on a screen."""

import functools
import os
import re
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from support import ROOT
from commands import minimize
from commands.kit import child, explained, explained_page, project
from commands.kit.cause import Cause
from commands.triage import judge

sys.path.insert(0, str(ROOT / "tests" / "bugs"))
from bug_file import Bug  # noqa: E402

TARGET = "mailbox_weave"
PROGRAMS = Path(os.environ["EXPLAINED_PROGRAMS"])
COPIES = Path(os.environ["EXPLAINED_COPIES"])
INPUTS = Path(os.environ["EXPLAINED_INPUTS"])
SOURCE = "src/runtime/mailbox.h"
# Not publish_relaxed: the optimiser merges its store with another one, which leaves no line.
BUGS = ["consume_relaxed", "tail_load_relaxed", "tail_store_relaxed",
        "cached_tail_load_relaxed", "cached_tail_store_relaxed"]
# Its failure needs a schedule, which other code does not have.
MINIMIZED = "cached_tail_load_relaxed"
SECONDS_MAX = 60
LINES_MAX = 96
# Bytes of a small input: operations, switches and stale reads together.
NOT_PLAIN_MAX = 24
# Ends a run that hangs; it takes some seconds.
MINIMIZE_SECONDS = 600


def program_of(bug: str) -> Path:
    """The target with the bug in it."""
    return PROGRAMS / f"explained_{bug}"


def failing_input(bug: str) -> Path:
    """The first seed that shows the bug."""
    for path in sorted(INPUTS.iterdir()):
        if child.run([program_of(bug), path], SECONDS_MAX).status != 0:
            return path
    raise AssertionError(f"no seed shows {bug}")


def changed_line(bug: str) -> int:
    """Where the bug is in its copy."""
    right, wrong = ((folder / SOURCE).read_text().splitlines() for folder in (ROOT, COPIES / bug))
    [number] = [number for number, lines in enumerate(zip(right, wrong, strict=True), start=1)
                if lines[0] != lines[1]]
    return number


@functools.cache
def explanation_of(bug: str) -> explained.Explained:
    """What weave explains of the bug's first failing input."""
    return explained.explain(TARGET, failing_input(bug), program=program_of(bug))


@functools.cache
def minimized(bug: str) -> tuple[Cause, Cause, bytes]:
    """The causes of a failing input and of the small one that is made of it, and the latter."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(
            project, "binary", lambda preset, target: program_of(bug)):
        small = Path(folder) / "small"
        before = judge.judge(TARGET, failing_input(bug))
        after, _ = minimize.minimize(before, failing_input(bug), small, MINIMIZE_SECONDS)
        return before.cause, judge.judge(TARGET, small).cause, after


def texts_of(known: explained.Explained) -> list[str]:
    """What is missing, without the numbers of objects and lines, which move."""
    return [re.sub(r"\d+", "N", text) for text in known.facts["missing"]]


class PlantedBugs(unittest.TestCase):
    def test_each_names_the_changed_line_and_the_guarantee(self):
        for bug in BUGS:
            with self.subTest(bug=bug):
                known = explanation_of(bug)
                place = f"mailbox.h:{changed_line(bug)}"
                said = known.facts["missing"] + [fact["text"] for fact in known.facts["facts"]]
                self.assertTrue(any(place in line for line in said), (place, said))
                self.assertTrue(known.facts["is_sure"])
                page = known.page()
                self.assertIn(f"breaks: {Bug(ROOT / f'bugs/mailbox/{bug}.bug').guarantee}", page)
                self.assertIn("scenario:\n  loads may return", page)

    def test_all_events_are_shown_if_asked_for(self):
        bug = BUGS[0]
        whole = explained.explain(TARGET, explanation_of(bug).input, shows_all=True,
                                  program=program_of(bug))
        self.assertLess(len(explanation_of(bug).page().splitlines()),
                        len(whole.page().splitlines()))

    def test_the_page_shows_the_same(self):
        bug = "cached_tail_load_relaxed"
        known = explanation_of(bug)
        html = explained_page.render(known)
        self.assertEqual(html.count('<ol class="facts">'), 1)
        self.assertIn("does not acquire what thread", html)
        self.assertIn('<line class="cause"', html)
        self.assertIn(f"mailbox.h:{changed_line(bug)}", html)

    def test_minimizing_keeps_the_cause_and_takes_the_rest_away(self):
        bug = MINIMIZED
        before, after, small = minimized(bug)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "small"
            path.write_bytes(small)
            page = explained.explain(TARGET, path, program=program_of(bug)).page()
        self.assertEqual(after, before)
        self.assertLessEqual(sum(map(bool, small)), NOT_PLAIN_MAX, small)
        self.assertIn(f"mailbox.h:{changed_line(bug)} is relaxed", page)
        self.assertLessEqual(len(page.splitlines()), LINES_MAX, page)

    def test_a_failure_is_found_again_after_other_changes_of_the_code(self):
        for bug in BUGS:
            with self.subTest(bug=bug), tempfile.TemporaryDirectory() as folder:
                small = Path(folder) / "input"
                known = explanation_of(bug)
                small.write_bytes(known.input.read_bytes()[: judge.format_of(TARGET).header]
                                  + bytes(known.facts["choices"]))
                again = self.recall(bug, small, known.operations)
                self.assertEqual(again.facts["verdict"], known.facts["verdict"])
                self.assertTrue(set(texts_of(known)) & set(texts_of(again)),
                                (texts_of(known), texts_of(again)))

    def test_it_is_found_again_where_the_bytes_lead_elsewhere(self):
        with tempfile.TemporaryDirectory() as folder:
            small = Path(folder) / "input"
            small.write_bytes(minimized(MINIMIZED)[2])
            known = explained.explain(TARGET, small, program=program_of(MINIMIZED))
            # Without its choices the input is an execution that passes.
            small.write_bytes(small.read_bytes()[: judge.format_of(TARGET).header])
            moved = child.run([PROGRAMS / f"moved_{MINIMIZED}", small], SECONDS_MAX)
            again = self.recall(MINIMIZED, small, known.operations)
        self.assertEqual(moved.status, 0, "the bytes alone still fail")
        self.assertEqual(again.facts["verdict"], known.facts["verdict"])
        self.assertTrue(set(texts_of(known)) & set(texts_of(again)))

    @staticmethod
    def recall(bug: str, path: Path, operations: str) -> explained.Explained:
        """What the changed program finds with the operations that were kept."""
        kept = path.with_name("operations")
        kept.write_text(operations)
        return explained.explain(TARGET, path, program=PROGRAMS / f"moved_{bug}", recalled=kept)

    def test_the_right_code_has_no_failure_to_find_again(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "operations"
            kept.write_text(explanation_of(MINIMIZED).operations)
            known = explained.explain(TARGET, explanation_of(MINIMIZED).input,
                                      program=PROGRAMS / TARGET, recalled=kept)
        self.assertEqual(known.facts, {})

    def test_the_right_code_has_nothing_to_explain(self):
        known = explained.explain(TARGET, explanation_of(BUGS[0]).input,
                                  program=PROGRAMS / TARGET)
        self.assertEqual(known.facts, {})
        self.assertEqual(known.guarantees, [])


if __name__ == "__main__":
    unittest.main()
