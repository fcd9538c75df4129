"""`mailproof bench scheduler`: the scheduler next to the one that it replaced, as ratios.

A round is one process that runs every case, the two schedulers in turn, several pairs of runs for
each. The ratio of a round is the median of its pairs; the figure is the median of these over all
rounds, with its quartiles. Times are processor time, so other programs on the machine do not count.
"""

import json
import statistics
from dataclasses import dataclass

from commands.bench import plot, records
from commands.bench.spread import Spread
from commands.kit import build, child, jsonfile, packages, project
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, complain, count,
                                  format_table, say)

PROGRAM = "bench_scheduler"
ROUNDS_DEFAULT = 30
ROUND_SECONDS = 4
ROUND_SECONDS_MAX = 120

# If no task leaves conditions, nothing may be lost; a ratio up to this is noise.
FREE_CASES = ["deferred_free", "wide_fan_out", "deep_chain", "alternating"]
FREE_RATIO_MAX = 1.015

CURVES = {"tasks": ("tasks of the graph", "Cost per task, one thread, one task in eight deferred"),
          "conditions": ("conditions per task", "Cost per task, one thread, every task deferred"),
          "threads": ("scheduler threads",
                      "Cost per task over all threads, one task in eight deferred")}
LATENCIES = ["fin_latency_free", "fin_latency_deferred"]
# What the conditions of a task cost beyond the first, each; from the ends of that curve.
SLOPE = "further_condition"
PERCENTILES = {"p50_ns": "p50", "p99_ns": "p99", "p999_ns": "p99.9"}

TABLE_BEGIN = "<!-- written by ./mailproof bench scheduler -->"
TABLE_END = "<!-- end of what bench scheduler writes -->"
TABLE_HEADER = ["case", "scheduler ns", "baseline ns", "ratio (quartiles)"]


@dataclass(frozen=True)
class Figure:
    """One figure of a case: for each round the values of both schedulers, and their ratio."""

    product: list[float]
    baseline: list[float]
    ratio: list[float]

    def spreads(self) -> tuple[Spread, Spread, Spread]:
        """The spreads of product, baseline and ratio."""
        return Spread.of(self.product), Spread.of(self.baseline), Spread.of(self.ratio)


class Results:
    """All rounds: for each case its figures by name, and the first problem."""

    def __init__(self) -> None:
        self.figures: dict[str, dict[str, Figure]] = {}
        self.problems: dict[str, str] = {}

    def add_round(self, report: dict) -> None:
        """Adds the benchmark program's JSON of one round."""
        for case in report["cases"]:
            if case["problem"]:
                self.problems.setdefault(case["name"], case["problem"])
            figures = self.figures.setdefault(case["name"], {})
            for name, pairs in case["figures"].items():
                figure = figures.setdefault(name, Figure([], [], []))
                figure.product.append(statistics.median(pairs["product"]))
                figure.baseline.append(statistics.median(pairs["baseline"]))
                figure.ratio.append(statistics.median(
                    mine / theirs for mine, theirs in zip(pairs["product"], pairs["baseline"])))
        self._add_slope()

    def _add_slope(self) -> None:
        points = sorted((int(case.split("_")[1]), case) for case in self.figures
                        if case.split("_")[0] == "conditions")
        if len(points) < 2:
            return
        (fewest, first), (most, last) = points[0], points[-1]
        low, high = self.main_figure(first), self.main_figure(last)
        product = (high.product[-1] - low.product[-1]) / (most - fewest)
        baseline = (high.baseline[-1] - low.baseline[-1]) / (most - fewest)
        if baseline <= 0:
            return
        figure = self.figures.setdefault(SLOPE, {}).setdefault("ns_per_condition",
                                                               Figure([], [], []))
        figure.product.append(product)
        figure.baseline.append(baseline)
        figure.ratio.append(product / baseline)

    def main_figure(self, case: str) -> Figure:
        """The figure by which the case is judged: its only one, or the median latency."""
        return next(iter(self.figures[case].values()))

    def ratio(self, case: str) -> Spread:
        """The ratio by which the case is judged."""
        return Spread.of(self.main_figure(case).ratio)


def run(options) -> int:
    jsonfile.check(options.json)
    old = jsonfile.read_old(options.compare, "bench scheduler", _as_ratios)
    packages.ensure({**packages.PACKAGES, **packages.BENCH_PACKAGES})
    build.build(records.PRESET, [PROGRAM])
    rounds = options.rounds or ROUNDS_DEFAULT
    results = _measure(rounds)
    summary = summarize(results)
    say(format_table(TABLE_HEADER, _rows(results, list(results.figures))))
    jsonfile.write(options.json, summary)
    if not options.keep_docs:
        _write_page(results, rounds)
        _write_plots(results)
    wrong = findings(results)
    for line in wrong:
        complain(line)
    worse = records.report_worse(old, _as_ratios(summary))
    return EXIT_FINDING if wrong or worse else EXIT_OK


def _as_ratios(summary: dict) -> dict:
    """The ratios in the form that records.worsened() compares."""
    cases = summary["cases"]
    return {"ratios": {case["name"]: case["ratio"] for case in cases},
            "quartiles": {case["name"]: [case["ratio_low"], case["ratio"], case["ratio_high"]]
                          for case in cases}}


def _measure(rounds: int) -> Results:
    results = Results()
    progress = Progress()
    program = project.BUILD / records.PRESET / "bin" / PROGRAM
    for number in range(rounds):
        progress.show(f"round {number + 1} of {rounds}")
        outcome = child.run([program, f"--round={number}"], ROUND_SECONDS_MAX)
        if outcome.timed_out or outcome.status != 0:
            raise CommandError(f"{PROGRAM} ended with status {outcome.status} in round "
                               f"{number + 1}: {outcome.output.strip()[-500:]}")
        results.add_round(json.loads(outcome.output))
    progress.clear()
    return results


def summarize(results: Results) -> dict:
    """What --json writes."""
    return {"cases": [_as_json(results, case) for case in results.figures]}


def _as_json(results: Results, case: str) -> dict:
    entry = {"name": case, **_figure_as_json(results.main_figure(case)),
             "problem": results.problems.get(case)}
    if case in LATENCIES:
        entry["percentiles"] = {name: _figure_as_json(figure)
                                for name, figure in results.figures[case].items()}
    return entry


def _figure_as_json(figure: Figure) -> dict:
    product, baseline, ratio = figure.spreads()
    low, median, high = ratio.as_list()
    return {"product": round(product.median, 2), "baseline": round(baseline.median, 2),
            "ratio": median, "ratio_low": low, "ratio_high": high,
            "product_quartiles": product.as_list(), "baseline_quartiles": baseline.as_list()}


def findings(results: Results) -> list[str]:
    """Wrong results, and graphs without deferred tasks that cost more than noise explains."""
    lines = [f"{case}: {problem}" for case, problem in results.problems.items()]
    for case in FREE_CASES:
        if case in results.figures and results.ratio(case).low > FREE_RATIO_MAX:
            lines.append(f"{case}: {results.ratio(case)} times the baseline's cost, "
                         f"{FREE_RATIO_MAX} is allowed")
    return lines


def _is_point(case: str) -> bool:
    """Whether the case is a point of a curve."""
    return case.split("_")[0] in CURVES


def _rows(results: Results, cases: list[str]) -> list[list[str]]:
    rows = []
    for case in cases:
        for name, figure in results.figures[case].items():
            product, baseline, ratio = figure.spreads()
            label = f"{case} {PERCENTILES[name]}" if name in PERCENTILES else case
            rows.append([label, f"{product.median:,.0f}", f"{baseline.median:,.0f}",
                         _ratio(ratio)])
    return rows


def _ratio(ratio: Spread) -> str:
    """Three digits, since a hundredth matters."""
    return f"{ratio.median:.3g} ({ratio.low:.3g} to {ratio.high:.3g})"


def _write_page(results: Results, rounds: int) -> None:
    cases = [case for case in results.figures if not _is_point(case)]
    lines = ["| " + " | ".join(TABLE_HEADER) + " |", "|---" * len(TABLE_HEADER) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in _rows(results, cases)]
    lines += ["", f"{count(rounds, 'round')} on {project.machine()}."]
    records.write_table(TABLE_BEGIN, TABLE_END, lines)


def _write_plots(results: Results) -> None:
    records.PLOTS.mkdir(parents=True, exist_ok=True)
    for curve, (x_label, title) in CURVES.items():
        points = [case for case in results.figures if case.split("_")[0] == curve]
        plot.write_curves(records.PLOTS / f"scheduler_{curve}.svg", title, x_label, "ns per task",
                          [_curve(results, points, "scheduler", 0),
                           _curve(results, points, "baseline", 1)])
    panels = [plot.Panel(f"{case}, {short}, ns", _panel_rows(results.figures[case][name]))
              for case in LATENCIES for name, short in PERCENTILES.items()]
    plot.write(records.PLOTS / "scheduler_fin_latency.svg",
               "A FIN while another thread polls 63 tasks of 64 conditions", panels)
    panels = [plot.Panel(f"{case}, ns per task", _panel_rows(results.main_figure(case)))
              for case in results.figures
              if not _is_point(case) and case not in LATENCIES and case != SLOPE]
    plot.write(records.PLOTS / "scheduler_shapes.svg", "Cost per task by shape of the graph",
               panels)


def _curve(results: Results, points: list[str], label: str, scheduler: int) -> plot.Curve:
    return plot.Curve(label, [(int(case.split("_")[1]),
                               results.main_figure(case).spreads()[scheduler])
                              for case in points])


def _panel_rows(figure: Figure) -> list[plot.Row]:
    product, baseline, _ = figure.spreads()
    return [plot.Row("scheduler", product), plot.Row("baseline", baseline)]
