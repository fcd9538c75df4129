"""bench mailbox: ratios of one run, which queues count as peers, comparison, files."""

import json
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import support
from commands.bench import mailbox, plot, records, scheduler
from commands.bench.mailbox import Results
from commands.bench.spread import Spread

BENCH_PROGRAM = """
    import json, pathlib, sys
    output = next(word for word in sys.argv if word.startswith("--benchmark_out=")).split("=", 1)[1]
    figures = json.loads(pathlib.Path("figures.json").read_text())
    runs = [{"name": f"{name}/iterations:1", "items_per_second": 1e9 / ns, "overtaken": 0}
            for name, ns in figures.items()]
    pathlib.Path(output).write_text(json.dumps({"benchmarks": runs}))
"""
SVG = "{http://www.w3.org/2000/svg}"


def cell(name: str, ns: float = 10.0, **more) -> dict:
    return {"name": f"{name}/iterations:1", "items_per_second": 1e9 / ns, **more}


def results(*rounds: list[dict]) -> Results:
    gathered = Results()
    for benchmarks in rounds:
        gathered.add_round({"benchmarks": benchmarks})
    return gathered


class Ratios(unittest.TestCase):
    def test_a_ratio_is_taken_within_a_round(self):
        seen = results([cell("round_trip/mailbox", 10), cell("round_trip/peer", 20)],
                       [cell("round_trip/mailbox", 100), cell("round_trip/peer", 200)],
                       [cell("round_trip/mailbox", 6), cell("round_trip/peer", 10)])
        self.assertAlmostEqual(seen.ratio("round_trip", "peer").median, 0.5)
        self.assertAlmostEqual(seen.ratio("round_trip", "peer").high, 0.55)

    def test_the_best_peer_is_the_fastest_that_keeps_order(self):
        seen = results([cell("round_trip/mailbox", 10), cell("round_trip/slow", 40),
                        cell("round_trip/good", 20),
                        cell("round_trip/overtaker", 5, overtaken=1)])
        self.assertEqual(seen.best_peer("round_trip"), "good")
        self.assertIn("overtaker does not count", mailbox.summarize(seen)["reasons"]["round_trip"])

    def test_one_overtaking_in_any_round_counts(self):
        seen = results([cell("round_trip/mailbox"), cell("round_trip/peer", 5)],
                       [cell("round_trip/mailbox"), cell("round_trip/peer", 5, overtaken=1)])
        self.assertIsNone(seen.best_peer("round_trip"))

    def test_a_floor_is_not_a_peer(self):
        seen = results([cell("burst_bulk/mailbox"), cell("burst_bulk/one_flag", 5)])
        self.assertIsNone(seen.best_peer("burst_bulk"))

    def test_a_queue_that_fails_is_null_with_its_reason(self):
        seen = results([cell("round_trip/mailbox"), cell("round_trip/good", 20),
                        {"name": "round_trip/bad/iterations:1", "error_occurred": True,
                         "error_message": "a message was lost or arrived twice"}])
        summary = mailbox.summarize(seen)
        self.assertEqual(summary["ratios"]["round_trip"], 0.5)
        self.assertEqual(summary["queues"]["round_trip"]["bad"],
                         {"ratio": None, "reason": "a message was lost or arrived twice"})
        self.assertIn("bad: a message was lost", summary["reasons"]["round_trip"])

    def test_a_peer_that_was_not_built_is_null_with_its_reason(self):
        summary = mailbox.summarize(results([cell("round_trip/mailbox"), cell("round_trip/x", 20)]))
        self.assertIsNone(summary["queues"]["round_trip"]["rte_ring"]["ratio"])
        self.assertIn("rte_ring: not built", summary["reasons"]["round_trip"])

    def test_a_case_without_a_peer_is_null(self):
        summary = mailbox.summarize(results([cell("round_trip/mailbox")]))
        self.assertIsNone(summary["ratios"]["round_trip"])
        self.assertEqual(set(summary["ratios"]), set(mailbox.CASES))

    def test_a_failure_of_the_mailbox_is_reported(self):
        seen = results([cell(f"{case}/mailbox", overtaken=int(case == "spsc_batch"))
                        for case in mailbox.CASES])
        self.assertEqual(len(mailbox._lost_by_the_mailbox(seen)), 1)
        self.assertIsNone(mailbox.summarize(seen)["ratios"]["spsc_batch"])


class Compare(unittest.TestCase):
    def summary(self, low: float, median: float, high: float) -> dict:
        return {"ratios": {"round_trip": median}, "quartiles": {"round_trip": [low, median, high]}}

    def test_higher_beyond_both_spreads_is_worse(self):
        worse = records.worsened(self.summary(0.4, 0.5, 0.6), self.summary(0.61, 0.7, 0.8))
        self.assertEqual([case for case, *_ in worse], ["round_trip"])

    def test_within_both_spreads_is_not_worse(self):
        self.assertEqual(
            records.worsened(self.summary(0.4, 0.5, 0.6), self.summary(0.59, 0.7, 0.8)), [])

    def test_better_is_not_worse(self):
        self.assertEqual(
            records.worsened(self.summary(0.61, 0.7, 0.8), self.summary(0.4, 0.5, 0.6)), [])

    def test_a_case_that_the_old_run_lacks_is_skipped(self):
        self.assertEqual(records.worsened({"ratios": {}, "quartiles": {}},
                                          self.summary(0.4, 0.5, 0.6)), [])


class SpreadTest(unittest.TestCase):
    def test_the_spread_of_one_value_is_that_value(self):
        self.assertEqual(Spread.of([3.0]), Spread(3.0, 3.0, 3.0))


class Plots(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "plot.svg"

    def drawn(self) -> ElementTree.Element:
        root = ElementTree.parse(self.path).getroot()
        self.assertEqual(root.tag, f"{SVG}svg")
        height = float(root.get("viewBox").split()[3])
        for inner in root.findall(f"{SVG}svg"):
            self.assertLessEqual(float(inner.get("y")) + float(inner.get("height")), height)
        return root

    def test_panels_have_a_row_for_each_queue_the_fastest_on_top(self):
        rows = [plot.Row("slow", Spread(90, 100, 110)), plot.Row("<fast>", Spread(9, 10, 12))]
        plot.write(self.path, "two queues", [plot.Panel("ns", rows), plot.Panel("more", rows[:1])])
        first, second = self.drawn().findall(f"{SVG}svg")
        labels = [text.text for text in first.iter(f"{SVG}text")]
        self.assertLess(labels.index("<fast>"), labels.index("slow"))
        self.assertEqual(len(first.findall(f"{SVG}circle")), 6)
        self.assertEqual(len(first.findall(f"{SVG}circle[@class='s1']")), 2, "the medians")
        self.assertEqual(len(second.findall(f"{SVG}circle")), 3)

    def test_curves_have_a_point_and_a_bar_for_each_median_and_begin_at_zero(self):
        curves = [plot.Curve(label, [(x, Spread(x + 1, x + 2, x + 3)) for x in (1, 10, 100)])
                  for label in ("scheduler", "baseline")]
        plot.write_curves(self.path, "two curves", "tasks", "ns", curves)
        [drawn] = self.drawn().findall(f"{SVG}svg")
        for style in ("s1", "s2"):
            [line] = drawn.findall(f".//{SVG}polyline[@class='{style}']")
            xs = [float(place.split(",")[0]) for place in line.get("points").split()]
            self.assertAlmostEqual(xs[1] - xs[0], xs[2] - xs[1], delta=0.2, msg="logarithmic")
            self.assertEqual(len(drawn.findall(f".//{SVG}line[@class='{style}']")), 3)
        self.assertEqual(drawn.find(f"{SVG}text").text, "0")


class Document(unittest.TestCase):
    def test_the_real_one_has_the_marks_and_a_link_to_each_plot_that_exists(self):
        text = records.PAGE.read_text()
        for subject in (mailbox, scheduler):
            self.assertEqual(text.count(subject.TABLE_BEGIN), 1)
            self.assertEqual(text.count(subject.TABLE_END), 1)
        for case in mailbox.CASES:
            self.assertIn(f"[{case}](bench/{case}.svg)", text)
            self.assertTrue((records.PLOTS / f"{case}.svg").is_file())


class WholeCommand(support.StandInCase):
    def setUp(self) -> None:
        super().setUp()
        self.checkout.program("build/release/bin/bench_mailbox", BENCH_PROGRAM)
        self.checkout.write("docs/benchmarks.md", f"before\n{mailbox.TABLE_BEGIN}\nold\n"
                            f"{mailbox.TABLE_END}\nafter\n".encode())

    def bench(self, mailbox_ns: float, *options):
        figures = {f"{case}/{queue}": ns for case in mailbox.CASES
                   for queue, ns in (("mailbox", mailbox_ns), ("peer", 20.0))}
        self.checkout.write("figures.json", json.dumps(figures).encode())
        return self.checkout.run("bench", "mailbox", "--rounds", "3", *options)

    def test_writes_ratios_table_and_plots(self):
        result = self.bench(10.0, "--json", "out.json")
        self.assertEqual(result.returncode, 0, result)
        root = Path(self.checkout.root)
        ratios = json.loads((root / "out.json").read_text())["ratios"]
        self.assertEqual(ratios, dict.fromkeys(mailbox.CASES, 0.5))
        page = (root / "docs/benchmarks.md").read_text()
        self.assertIn("| 0.50 (0.50 to 0.50) |", page)
        self.assertNotIn("old", page)
        self.assertTrue(page.startswith("before\n") and page.endswith("\nafter\n"))
        plots = sorted((root / "docs/bench").iterdir())
        self.assertEqual({path.name for path in plots}, {f"{case}.svg" for case in mailbox.CASES})
        for path in plots:
            self.assertIn("peer", "".join(ElementTree.parse(path).getroot().itertext()))

    def test_compare_flags_what_worsened(self):
        self.bench(10.0, "--json", "old.json")
        self.assertEqual(self.bench(10.0, "--compare", "old.json").returncode, 0)
        result = self.bench(12.0, "--compare", "old.json")
        self.assertEqual(result.returncode, 1, result)
        self.assertIn("WORSE round_trip: 0.50 (0.50 to 0.50) before, 0.60", result.stdout)

    def test_compare_with_something_else_is_wrong_usage(self):
        self.checkout.write("old.json", b"[]")
        self.assert_one_line(self.bench(10.0, "--compare", "old.json"),
                             "old.json is not what bench --json writes")
        self.assert_one_line(self.bench(10.0, "--compare", "none.json"), "none.json")

    def test_a_page_without_its_marks_is_an_error(self):
        self.checkout.write("docs/benchmarks.md", b"nothing here\n")
        self.assert_one_line(self.bench(10.0), "lost its marks")


if __name__ == "__main__":
    unittest.main()
