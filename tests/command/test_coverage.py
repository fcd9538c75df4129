"""What `coverage` says of lines and branches, and when it is too little."""

import json
import tempfile
import unittest
from pathlib import Path

import support  # noqa: F401, puts the checkout on the module path
from commands import coverage
from commands.kit import project, reached
from commands.kit.reached import Reached

SOURCE = """\
int f(int x) {
    if (x > 3) {
        return 1;
    }
    // A comment of two lines; unreached: only a broken
    // machine comes here.
    return 2;
    abort();  // unreached: the same
    // unreached: needs luck
    if (x == 2) {
        x = 1;
    }
    return x;
}
"""


def lcov(path: Path, **counts: int) -> str:
    lines = "".join(f"DA:{name[1:]},{count}\n" for name, count in counts.items())
    return f"SF:{path}\n{lines}end_of_record\n"


def export(path: Path, *branches: tuple) -> str:
    """Each branch: line, column, true count, false count."""
    rows = [[line, column, line, column + 5, true, false, 0, 0, 4]
            for line, column, true, false in branches]
    return "warning: 3 functions have mismatched data\n" + json.dumps(
        {"data": [{"files": [{"filename": str(path), "branches": rows}]}]})


class Measures(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "f.h"
        self.path.write_text(SOURCE)

    def measure(self, counts: dict, *branches: tuple) -> Reached:
        return reached.of_exports(lcov(self.path, **counts), export(self.path, *branches))[self.path]

    def test_all_is_reached(self):
        one = self.measure({"l1": 2, "l2": 2, "l3": 1}, (2, 9, 1, 1))
        self.assertEqual((one.line_percent, one.branch_percent), (100, 100))

    def test_a_line_and_a_direction_that_are_missed(self):
        one = self.measure({"l1": 2, "l2": 2, "l3": 0, "l4": 2}, (2, 9, 0, 2))
        self.assertEqual((one.lines_missed, one.branches_missed), ([3], [2]))
        self.assertEqual((one.line_percent, one.branch_percent), (75, 50))

    def test_instantiations_count_together_and_constants_do_not(self):
        one = self.measure({"l2": 1}, (2, 9, 1, 0), (2, 9, 0, 4), (2, 20, 0, 0))
        self.assertEqual((one.directions, one.branches_missed), (2, []))

    def test_an_exception_counts_for_the_line_that_it_justifies_only(self):
        one = self.measure({"l2": 0, "l7": 0, "l8": 0}, (7, 3, 1, 0))
        self.assertEqual((one.lines, one.lines_missed, one.directions), (1, [2], 0))

    def test_an_exception_counts_for_the_whole_block_and_for_nothing_after_it(self):
        one = self.measure({"l10": 1, "l11": 0, "l12": 0, "l13": 0}, (10, 9, 0, 1))
        self.assertEqual((one.lines_missed, one.directions), ([13], 0))

    def test_ranges(self):
        self.assertEqual(reached.ranges([7, 3, 8, 9, 9, 12]), "3, 7-9, 12")


class Targets(unittest.TestCase):
    def test_those_under_weave_are_measured_too(self):
        self.assertLessEqual({"mailbox_step", "mailbox_weave", "scheduler_weave"},
                             set(coverage.replayed_targets()))


class Check(unittest.TestCase):
    def found(self, **missed: tuple[list[int], list[int]]) -> dict[Path, Reached]:
        names = [name for part in coverage.EXACT_PARTS for name in part.files]
        files = {name: Reached(200, [], 200, []) for name in [*names, "src/runtime/scheduler.h"]}
        for stem, (lines, branches) in missed.items():
            files[f"src/runtime/{stem}.h"] = Reached(200, lines, 200, branches)
        return {project.ROOT / name: one for name, one in files.items()}

    def test_enough(self):
        self.assertEqual(coverage.too_low(self.found()), [])
        self.assertEqual(coverage.too_low(self.found(scheduler=([1, 2], [3]))), [])

    def test_one_line_or_one_direction_of_the_mailbox_or_the_wait_list(self):
        for stem, name in (("mailbox", "mailbox"), ("wait_list", "wait list")):
            for missed, word in ((([5], []), "lines"), (([], [5]), "branches")):
                [problem] = coverage.too_low(self.found(**{stem: missed}))
                self.assertRegex(problem, rf"^{name}: 99\.\d+ % of the {word}, 100 % needed$")

    def test_the_scheduler(self):
        [problem] = coverage.too_low(self.found(scheduler=(list(range(9)), [])))
        self.assertEqual(problem, "scheduler: 95.50 % of the lines, 97 % needed")

    def test_a_part_that_was_not_measured(self):
        self.assertEqual(len(coverage.too_low({})), 6)

    def test_what_is_not_reached_is_named(self):
        found = self.found(mailbox=([5, 6], [9]))
        self.assertEqual(coverage.missed(found), [
            "not reached: src/runtime/mailbox.h: lines 5-6; one way at 9"])


if __name__ == "__main__":
    unittest.main()
