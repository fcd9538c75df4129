"""bench scheduler: ratios of pairs, what fails a run, comparison, files."""

import json
import unittest
from pathlib import Path

import support
from commands.bench import scheduler
from commands.bench.scheduler import Results

BENCH_PROGRAM = """
    import pathlib
    print(pathlib.Path("figures.json").read_text())
"""


def case(name: str, product: list, baseline: list, figure: str = "ns_per_task",
         problem: str = "") -> dict:
    return {"name": name, "figures": {figure: {"product": product, "baseline": baseline}},
            "problem": problem}


def results(*rounds: list[dict]) -> Results:
    gathered = Results()
    for cases in rounds:
        gathered.add_round({"cases": cases})
    return gathered


class Ratios(unittest.TestCase):
    def test_a_ratio_is_taken_within_a_pair(self):
        seen = results([case("deep_chain", [10, 100, 30], [20, 200, 30])])
        self.assertEqual(seen.ratio("deep_chain").median, 0.5)

    def test_json_has_stable_keys(self):
        seen = results([case("deep_chain", [10], [20])], [case("deep_chain", [12], [20])])
        entry = scheduler.summarize(seen)["cases"][0]
        self.assertEqual({"name": "deep_chain", "product": 11, "baseline": 20, "ratio": 0.55,
                          "ratio_low": 0.525, "ratio_high": 0.575, "problem": None},
                         {key: entry[key] for key in ("name", "product", "baseline", "ratio",
                                                      "ratio_low", "ratio_high", "problem")})

    def test_a_graph_without_deferred_tasks_may_cost_more_by_noise_only(self):
        self.assertEqual(scheduler.findings(
            results([case("deep_chain", [101.5], [100])])), [])
        lines = scheduler.findings(results([case("deep_chain", [102], [100])]))
        self.assertIn("deep_chain: 1.02", lines[0])
        self.assertEqual(scheduler.findings(
            results([case("deferred_heavy", [102], [100])])), [])

    def test_a_further_condition_costs_what_lies_between_the_ends_of_the_curve(self):
        seen = results([case("conditions_1", [100], [100]), case("conditions_4", [1], [1]),
                        case("conditions_16", [250], [400])])
        figure = seen.main_figure(scheduler.SLOPE)
        self.assertEqual((figure.product, figure.baseline, figure.ratio), ([10], [20], [0.5]))
        self.assertNotIn(scheduler.SLOPE, results([case("conditions_1", [1], [1])]).figures)
        flat = results([case("conditions_1", [1], [1]), case("conditions_16", [2], [1])])
        self.assertNotIn(scheduler.SLOPE, flat.figures)

    def test_a_problem_of_any_round_is_kept(self):
        seen = results([case("deep_chain", [1], [1])],
                       [case("deep_chain", [1], [1], problem="product: wrong")],
                       [case("deep_chain", [1], [1])])
        self.assertEqual(scheduler.findings(seen), ["deep_chain: product: wrong"])


class WholeCommand(support.StandInCase):
    def setUp(self) -> None:
        super().setUp()
        self.checkout.program("build/release/bin/bench_scheduler", BENCH_PROGRAM)
        self.checkout.write("docs/benchmarks.md", f"before\n{scheduler.TABLE_BEGIN}\nold\n"
                            f"{scheduler.TABLE_END}\nafter\n".encode())

    def bench(self, product_ns: float, *options, problem: str = ""):
        cases = [case("deferred_free", [product_ns], [100.0], problem=problem)]
        cases += [case(f"{curve}_{x}", [product_ns], [100.0])
                  for curve in scheduler.CURVES for x in (1, 10)]
        for name in scheduler.LATENCIES:
            cases.append({"name": name, "problem": "", "figures": {
                percentile: {"product": [30], "baseline": [300]}
                for percentile in scheduler.PERCENTILES}})
        self.checkout.write("figures.json", json.dumps({"cases": cases}).encode())
        return self.checkout.run("bench", "scheduler", "--rounds", "2", *options)

    def test_writes_ratios_table_and_plots(self):
        result = self.bench(50.0, "--json", "out.json")
        self.assertEqual(result.returncode, 0, result)
        root = Path(self.checkout.root)
        written = {entry["name"]: entry for entry in
                   json.loads((root / "out.json").read_text())["cases"]}
        self.assertEqual(written["deferred_free"]["ratio"], 0.5)
        self.assertEqual(written["fin_latency_free"]["percentiles"]["p999_ns"]["ratio"], 0.1)
        page = (root / "docs/benchmarks.md").read_text()
        self.assertIn("| deferred_free | 50 | 100 | 0.5 (0.5 to 0.5) |", page)
        self.assertNotIn("tasks_10", page)
        self.assertTrue(page.startswith("before\n") and page.endswith("\nafter\n"))
        self.assertEqual({path.stem for path in (root / "docs/bench").glob("*.svg")},
                         {"scheduler_shapes", "scheduler_fin_latency",
                          *(f"scheduler_{curve}" for curve in scheduler.CURVES)})

    def test_a_violated_check_fails_the_run_by_name(self):
        result = self.bench(50.0, problem="product: mpsc_skipped_count is not 0")
        self.assertEqual(result.returncode, 1, result)
        self.assertIn("deferred_free: product: mpsc_skipped_count is not 0", result.stderr)

    def test_compare_flags_what_worsened(self):
        self.bench(50.0, "--json", "old.json")
        self.assertEqual(self.bench(50.0, "--compare", "old.json").returncode, 0)
        result = self.bench(60.0, "--compare", "old.json")
        self.assertEqual(result.returncode, 1, result)
        self.assertIn("WORSE deferred_free: 0.50 (0.50 to 0.50) before, 0.60", result.stdout)

    def test_compare_with_something_else_is_wrong_usage(self):
        self.checkout.write("old.json", b"[]")
        self.assert_one_line(self.bench(50.0, "--compare", "old.json"),
                             "old.json is not what bench scheduler --json writes")

    def test_an_unknown_suite_is_wrong_usage(self):
        self.assert_one_line(self.checkout.run("bench", "nothing"), "'nothing'")

    def test_without_a_name_it_is_the_mailbox(self):
        self.assertIn("default: mailbox", self.checkout.run("bench", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
