"""Explanations of planted bugs: targets under weave are built with bugs of bugs/, an input that
fails is looked for, and what is explained of it has to name the line that the bug changes or the
calls that went wrong, the guarantee that it breaks, and fit on a screen."""

import functools
import itertools
import os
import re
import sys
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from support import ROOT
from commands import minimize
from commands.kit import child, explained, explained_page, project
from commands.kit.cause import Cause
from commands.triage import judge

sys.path.insert(0, str(ROOT / "tests" / "bugs"))
from bug_file import Bug  # noqa: E402

PROGRAMS = Path(os.environ["EXPLAINED_PROGRAMS"])
COPIES = Path(os.environ["EXPLAINED_COPIES"])
SEEDS = Path(os.environ["EXPLAINED_SEEDS"])
SOURCE = "src/runtime/mailbox.h"
# Not publish_relaxed: the optimiser merges its store with another one, which leaves no line.
BUGS = ["consume_relaxed", "tail_load_relaxed", "tail_store_relaxed",
        "cached_tail_load_relaxed", "cached_tail_store_relaxed"]
OTHER_TARGETS = {"ready_take_relaxed": "ready_queue_weave", "ready_size_wraps": "ready_queue_weave",
                 "unlock_relaxed": "wait_list_weave", "completes_early": "wait_list_weave",
                 "error_not_sticky": "wait_list_weave", "subtask_count_relaxed": "scheduler_weave",
                 "producer_hold_not_returned": "scheduler_weave"}


@dataclass(frozen=True)
class Judged:
    """What the page of a bug has to say that an oracle finds: the verdict, and words of the
    explanation. `why` is a regular expression for its text from "why:" on."""

    verdict: str
    details: str
    why: str


# A fact of an order says so; a fault of the logic fails in any order, and the page says that.
ANY_ORDER = r"the order of operations does not matter: [\d,]+ of [\d,]+ sampled executions fail"
JUDGED = {
    "last_free_slot_refused": Judged(
        "false-full", r"producer \d, operation \d+: .*push .* -> 0 of 1",
        r"fact 1: thread \d: ends: .*push .* -> 0 comes before thread \d: begins: .*push"
        rf"|{ANY_ORDER}"),
    "batch_ends_at_wrap": Judged(
        "false-empty", r"producer \d, operation \d+: .*push(.|\n)*consumer \d, operation \d+: ",
        r"ends: .*push .* comes before thread \d: begins: "),
    "ready_size_wraps": Judged(
        "false-size", r"popper \d, operation \d+: .*size",
        r"fact 1: thread \d: load of a\d+ at ready_queue\.h:\d+"),
    "completes_early": Judged(
        "early", "error 0, status 0", rf"{ANY_ORDER}(.|\n)*\| a task of the beginning completes"),
    "error_not_sticky": Judged(
        "wrong-error", r"error 0, status -103",
        rf"{ANY_ORDER}(.|\n)*wait_list\.h:(.|\n)*\| a poll says error 103"),
    "producer_hold_not_returned": Judged("not-clean", "2 tasks, 2 scheduler threads", ANY_ORDER),
}
# Its failure needs a schedule, which other code does not have.
MINIMIZED = "cached_tail_load_relaxed"
SECONDS_MAX = 60
# Bugs whose failures outlive a change of the code.
RECALLED_MIN = 12
LINES_MAX = 60
# Bytes of a small input: operations, switches and stale reads together.
NOT_PLAIN_MAX = 24
# Ends a run that hangs; it takes some seconds.
MINIMIZE_SECONDS = 600


def program_of(bug: str) -> Path:
    """The target with the bug in it."""
    return PROGRAMS / f"explained_{bug}"


def target_of(bug: str) -> str:
    return OTHER_TARGETS.get(bug, "mailbox_weave")


@functools.cache
def failing_input(bug: str) -> Path:
    """The first seed, or else the first input of the corpora, that shows the bug; of one of JUDGED,
    with its verdict."""
    target = target_of(bug)
    sign = f"FINDING {target}: {JUDGED[bug].verdict if bug in JUDGED else ''}"
    for folder in (SEEDS / target, project.CORPUS / "regress" / target, project.CORPUS / target):
        for path in sorted(folder.glob("*")):
            if sign in child.run([program_of(bug), path], SECONDS_MAX).output:
                return path
    raise AssertionError(f"no input shows {bug}")


def changed_line(bug: str) -> int:
    """Where the bug is in its copy."""
    right, wrong = ((folder / SOURCE).read_text().splitlines() for folder in (ROOT, COPIES / bug))
    [number] = [number for number, lines in enumerate(zip(right, wrong, strict=True), start=1)
                if lines[0] != lines[1]]
    return number


@functools.cache
def explanation_of(bug: str) -> explained.Explained:
    """What weave explains of the bug's first failing input."""
    return explained.explain(target_of(bug), failing_input(bug), program=program_of(bug))


@functools.cache
def minimized(bug: str) -> tuple[Cause, Cause, bytes]:
    """The causes of a failing input and of the small one that is made of it, and the latter."""
    return minimized_from(bug, failing_input(bug))


def minimized_from(bug: str, path: Path) -> tuple[Cause, Cause, bytes]:
    """The same for a certain input."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(
            project, "binary", lambda preset, target: program_of(bug)):
        small = Path(folder) / "small"
        before = judge.judge(target_of(bug), path)
        after, _ = minimize.minimize(before, path, small, MINIMIZE_SECONDS)
        return before.cause, judge.judge(target_of(bug), small).cause, after


def wish_that_fails(bug: str, header: bytes, path: Path) -> bytes:
    """The bytes of a wish with which a scenario fails that passes without; writes the input to `path`."""
    for thread, read, writer in itertools.product(range(3), range(20), range(3)):
        wish = bytes([thread + 1, read, 0, writer, 1])
        path.write_bytes(header + wish)
        if "FINDING" in child.run([program_of(bug), path], SECONDS_MAX).output:
            return wish
    raise AssertionError(f"no wish shows {bug}")


def texts_of(known: explained.Explained) -> list[str]:
    """What is missing, without the numbers of objects and lines, which move."""
    return [re.sub(r"\d+", "N", text) for text in known.facts["missing"]]


def accesses_of(known: explained.Explained) -> set[str]:
    """The two accesses of a race, without lines, which move."""
    return {re.sub(r":\d+", "", f"{access['text']} {Path(access['place']).name}")
            for access in known.facts["accesses"]}


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

    def test_what_an_oracle_finds_is_explained(self):
        for bug, judged in JUDGED.items():
            with self.subTest(bug=bug):
                known = explanation_of(bug)
                page = known.page()
                self.assertEqual(known.facts["verdict"], judged.verdict)
                self.assertTrue(known.facts["is_sure"], page)
                self.assertTrue(page.startswith("scenario:\n  "), page)
                [file] = ROOT.glob(f"bugs/*/{bug}.bug")
                self.assertIn(f"breaks: {Bug(file).guarantee}", page)
                finding, found, why = page.partition("\nwhy:\n")
                self.assertTrue(found, page)
                self.assertIn(f"\nFINDING {target_of(bug)}: {judged.verdict}: ", finding)
                self.assertRegex(finding, judged.details)
                self.assertRegex(re.sub(r"\n      +", " ", why), judged.why)
                self.assertLessEqual(max(map(len, page.splitlines())), explained.WIDTH_MAX, page)

    def test_the_page_of_a_judged_finding_shows_the_calls(self):
        html = explained_page.render(explanation_of("last_free_slot_refused"))
        self.assertIn("mailbox_weave: false-full", html)
        self.assertRegex(html, "begins: .*push")
        self.assertRegex(html, "ends: .*push .* -&gt; 0")

    def test_all_events_are_shown_if_asked_for(self):
        bug = BUGS[0]
        whole = explained.explain(target_of(bug), explanation_of(bug).input, shows_all=True,
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
            page = explained.explain(target_of(bug), path, program=program_of(bug)).page()
        self.assertEqual(after, before)
        self.assertLessEqual(sum(map(bool, small)), NOT_PLAIN_MAX, small)
        self.assertIn(f"mailbox.h:{changed_line(bug)} is relaxed", page)
        self.assertLessEqual(len(page.splitlines()), LINES_MAX, page)

    def test_minimizing_keeps_the_wish_that_the_failure_needs(self):
        bug = MINIMIZED
        with tempfile.TemporaryDirectory() as folder:
            form = judge.format_of(target_of(bug))
            header = bytes([form.version]) + minimized(bug)[2][1 : form.header]
            path = Path(folder) / "wished"
            wish = wish_that_fails(bug, header, path)
            # A wish of a thread that does not exist, and choices after the end of the execution.
            others = bytes([9, 1, 0, 1, 1])
            path.write_bytes(header + others + wish + bytes(form.wishes - 10) + bytes(300) + b"\3")
            before, after, small = minimized_from(bug, path)
        self.assertEqual(after, before)
        self.assertTrue(form.has_wishes(small), small)
        kept = small[form.header : form.header + form.wishes]
        self.assertEqual(sum(map(bool, kept[::5])), 1, kept)
        self.assertEqual(small[form.header + form.wishes :].strip(b"\0"), b"")

    def test_a_failure_is_found_again_after_other_changes_of_the_code(self):
        bugs = [*BUGS, *OTHER_TARGETS]
        self.assertGreaterEqual(len(bugs), RECALLED_MIN)
        for bug in bugs:
            with self.subTest(bug=bug), tempfile.TemporaryDirectory() as folder:
                small = Path(folder) / "input"
                known = explanation_of(bug)
                small.write_bytes(known.input.read_bytes()[: judge.format_of(target_of(bug)).header]
                                  + bytes(known.facts["choices"]))
                again = self.recall(bug, small, known.operations)
                self.assertEqual(again.facts.get("verdict"), known.facts["verdict"])
                self.assertEqual(accesses_of(again), accesses_of(known))

    def test_it_is_found_again_where_the_bytes_lead_elsewhere(self):
        with tempfile.TemporaryDirectory() as folder:
            small = Path(folder) / "input"
            small.write_bytes(minimized(MINIMIZED)[2])
            known = explained.explain(target_of(MINIMIZED), small, program=program_of(MINIMIZED))
            # Without its choices the input is an execution that passes.
            small.write_bytes(small.read_bytes()[: judge.format_of(target_of(MINIMIZED)).header])
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
        return explained.explain(target_of(bug), path, program=PROGRAMS / f"moved_{bug}",
                                 recalled=kept)

    def test_the_right_code_has_no_failure_to_find_again(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "operations"
            kept.write_text(explanation_of(MINIMIZED).operations)
            target = target_of(MINIMIZED)
            known = explained.explain(target, explanation_of(MINIMIZED).input,
                                      program=PROGRAMS / target, recalled=kept)
        self.assertEqual(known.facts, {})

    def test_the_right_code_has_nothing_to_explain(self):
        target = target_of(BUGS[0])
        known = explained.explain(target, explanation_of(BUGS[0]).input,
                                  program=PROGRAMS / target)
        self.assertEqual(known.facts, {})
        self.assertEqual(known.guarantees, [])


if __name__ == "__main__":
    unittest.main()
