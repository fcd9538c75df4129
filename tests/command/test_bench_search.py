"""bench weave --only search: figures from what the program prints, and what fails a run."""

import json
import unittest
from pathlib import Path

import support
from commands.bench import search
from commands.bench.search import Run
from commands.kit.console import CommandError


class Figures(unittest.TestCase):
    def test_the_median_of_the_rounds(self):
        summary = search.summarize({"ring 2 1": [Run(30, 1.0), Run(30, 3.0), Run(30, 2.0)]})
        self.assertEqual(summary, {"searches": {"ring 2 1": {
            "executions": 30, "seconds": [1.5, 2.0, 2.5],
            "executions_per_second": [12.5, 15.0, 22.5]}}})
        self.assertEqual(search.table(summary),
                         [["ring 2 1", "30", "2.00 (1.50 to 2.50)", "15 (12 to 22)"]])

    def test_a_search_has_the_same_size_each_time(self):
        with self.assertRaisesRegex(CommandError, "ring 2 1"):
            search.summarize({"ring 2 1": [Run(30, 1.0), Run(31, 1.0)]})


class WholeCommand(support.StandInCase):
    def bench(self, line: str):
        self.checkout.program("build/dev/bin/bench_search",
                              f"import sys; print('{line}', file=sys.stderr)")
        return self.checkout.run("bench", "weave", "--only", "search", "--rounds", "2", "--json",
                                 "out.json")

    def test_each_case_is_in_the_table(self):
        run = self.bench("weave: ok executions=1200 complete=yes seconds=0.1 optimised=yes")
        self.assertEqual(run.returncode, 0, run)
        for case in search.CASES:
            self.assertRegex(run.stdout, rf"(?m)^{case} +1,200 +\d")
        written = json.loads((Path(self.checkout.root) / "out.json").read_text())
        self.assertEqual(set(written["searches"]), set(search.CASES))

    def test_a_search_that_is_not_complete_fails(self):
        self.assert_one_line(
            self.bench("weave: ok executions=1200 complete=no seconds=0.1 optimised=yes"),
            "bench_search ring 2 1 ended with status 0")


if __name__ == "__main__":
    unittest.main()
