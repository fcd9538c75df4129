"""bench weave --only finding: figures from what the program prints, comparison, usage."""

import copy
import json
import unittest

import support
from commands.bench import finding

LINES = """\
reorder 3 mix 1 2 3 4 5 6 7 8
reorder 3 random 9 9 9 9 0 0 0 0
reorder 100 mix 2 2 2 2 2 2 2 2
safe_stack 3 mix 70000 80000 90000 100000
"""


class Figures(unittest.TestCase):
    def setUp(self):
        self.summary = finding.summarize(LINES)

    def test_figures_are_quartiles_of_the_seeds(self):
        figures = self.summary["finding"]
        self.assertEqual(figures["reorder 3"]["mix"], [3, 5, 7])
        self.assertEqual(figures["reorder 100"]["mix"], [2, 2, 2])

    def test_a_search_without_a_finding_counts_as_longer_than_all_others(self):
        self.assertEqual(self.summary["finding"]["reorder 3"]["random"], [9, None, None])

    def test_the_table_has_a_row_for_each_subject_and_size(self):
        rows = finding.table(self.summary)
        self.assertEqual([row[0] for row in rows[1:]],
                         ["reorder 3", "reorder 100", "safe_stack 3"])
        self.assertEqual(rows[1][1:3], ["5 (3 to 7)", "none"])
        self.assertEqual(rows[3][2], "")


class Comparison(unittest.TestCase):
    def worsened_with(self, spread: list) -> list[str]:
        old = finding.summarize(LINES)
        new = copy.deepcopy(old)
        new["finding"]["reorder 3"]["mix"] = spread
        return finding.worsened(old, new)

    def test_a_figure_worsens_by_rising_beyond_both_spreads(self):
        self.assertEqual(self.worsened_with([8, 9, 10]),
                         ["reorder 3, mix: 5 (3 to 7) executions before, 9 (8 to 10) now"])
        self.assertEqual(self.worsened_with([7, 9, 10]), [])
        self.assertEqual(self.worsened_with([1, 1, 1]), [])

    def test_a_figure_worsens_if_nothing_is_found_any_more(self):
        self.assertEqual(len(self.worsened_with([None, None, None])), 1)

    def test_a_new_subject_is_not_worse(self):
        new = finding.summarize(LINES + "two_stage 20 mix 1000 1000\n")
        self.assertEqual(finding.worsened(finding.summarize(LINES), new), [])


class Kept(unittest.TestCase):
    def test_every_subject_and_mode_has_a_kept_figure(self):
        kept = json.loads(finding.KEPT.read_text())["finding"]
        for subject, modes in kept.items():
            is_mix_only = subject.split()[0] in finding.MIX_ONLY
            self.assertEqual(set(modes), {"mix"} if is_mix_only else set(finding.MODES), subject)

    def test_the_page_shows_the_kept_figures(self):
        kept = json.loads(finding.KEPT.read_text())
        page = finding.PAGE.read_text()
        for row in finding.table(kept):
            self.assertIn("| " + " | ".join(row) + " |", page)


class WholeCommand(support.StandInCase):
    # Prints a figure for each seed: of the mix as asked, of every other mode the same.
    PROGRAM = """
import sys
figure = {mix} if sys.argv[1] == "mix" else 9
print("reorder 3", sys.argv[1], *[figure] * int(sys.argv[2]))
"""

    def bench(self, mix: int, *options):
        self.checkout.program("build/dev/bin/finding", self.PROGRAM.format(mix=mix))
        return self.checkout.run("bench", "weave", "--only", "finding", "--keep-docs", *options)

    def test_a_planted_worse_figure_is_status_1(self):
        first = self.bench(4, "--json", "old.json")
        self.assertEqual(first.returncode, 0, first)
        self.assertRegex(first.stdout, r"reorder 3 +4 \(4 to 4\) +9 ")
        same = self.bench(4, "--compare", "old.json")
        self.assertEqual(same.returncode, 0, same)
        worse = self.bench(5, "--compare", "old.json")
        self.assertEqual(worse.returncode, 1, worse)
        self.assertIn("WORSE reorder 3, mix: 4 (4 to 4) executions before, 5 (5 to 5) now",
                      worse.stdout)

    def test_other_subjects_have_no_such_part(self):
        self.assert_one_line(self.checkout.run("bench", "mailbox", "--only", "finding"),
                             "--only finding: bench mailbox has no such part")


if __name__ == "__main__":
    unittest.main()
