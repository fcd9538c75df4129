"""bench weave: ratios of rounds, what fails a run, comparison, files."""

import json
import unittest
from pathlib import Path

import support
from commands.bench import weave
from commands.bench.weave import Results, Run

# Uses processor time for each execution, and prints what the real runners print.
RUNNER_PROGRAM = """
    import time
    while time.process_time() < {seconds}:
        pass
    print("200000 executions, 400000 steps")
"""


def results(*rounds: dict[str, float]) -> Results:
    """Each round gives the runners' executions per second."""
    gathered = Results()
    for speeds in rounds:
        for runner, speed in speeds.items():
            gathered.runs[runner].append(Run(1000, 2000, 1000 / speed))
    return gathered


def speeds(relacy: float, random: float, libfuzzer: float) -> dict[str, float]:
    return {"relacy": relacy, "weave_random": random, "weave_libfuzzer": libfuzzer}


class Ratios(unittest.TestCase):
    def test_a_ratio_is_taken_within_a_round(self):
        seen = results(speeds(10, 20, 10), speeds(100, 200, 50), speeds(1, 3, 2))
        self.assertEqual(weave.summarize(seen)["ratios"],
                         {"weave_random_over_relacy": 2, "weave_libfuzzer_over_relacy": 1})

    def test_steps_are_given_per_execution(self):
        self.assertEqual(results(speeds(1, 1, 1)).steps("relacy").median, 2)

    def test_a_ratio_below_its_minimum_is_a_finding(self):
        summary = weave.summarize(results(speeds(100, 200, 100)))
        self.assertEqual(weave.findings(summary), [])
        summary = weave.summarize(results(speeds(100, 199, 99)))
        self.assertEqual([line.split(",")[0] for line in weave.findings(summary)],
                         ["weave_random_over_relacy: 1.99", "weave_libfuzzer_over_relacy: 0.99"])

    def test_a_ratio_worsens_by_falling(self):
        before = weave.summarize(results(speeds(100, 300, 200)))
        after = weave.summarize(results(speeds(100, 250, 220)))
        self.assertEqual(weave.worsened(before, after), ["weave_random_over_relacy"])
        self.assertEqual(weave.worsened(before, before), [])


class WholeCommand(support.StandInCase):
    def bench(self, random_seconds: float, *options):
        seconds = {"bench_relacy": 0.5, "bench_weave_random": random_seconds,
                   "bench_weave_libfuzzer": 0.2}
        for name, each in seconds.items():
            self.checkout.program(f"build/release/bin/{name}", RUNNER_PROGRAM.format(seconds=each))
        return self.checkout.run("bench", "weave", "--rounds", "1", *options)

    def test_writes_ratios(self):
        result = self.bench(0.1, "--json", "out.json")
        self.assertEqual(result.returncode, 0, result)
        self.assertRegex(result.stdout, r"weave_random +[\d,]+ +2\.0 +\d")
        written = json.loads((Path(self.checkout.root) / "out.json").read_text())
        self.assertEqual(set(written["ratios"]),
                         {"weave_random_over_relacy", "weave_libfuzzer_over_relacy"})
        self.assertGreater(written["ratios"]["weave_random_over_relacy"], 2)

    def test_too_slow_is_status_1(self):
        result = self.bench(0.5)
        self.assertEqual(result.returncode, 1, result)
        self.assertIn("weave_random_over_relacy: ", result.stderr)

    def test_a_failing_runner_is_an_error(self):
        self.bench(0.1)
        self.checkout.program("build/release/bin/bench_relacy", "print('DATA RACE')")
        self.assert_one_line(self.checkout.run("bench", "weave", "--rounds", "1"), "DATA RACE")

    def test_compare_with_something_else_is_wrong_usage(self):
        self.checkout.write("old.json", b"[]")
        self.assert_one_line(self.bench(0.1, "--compare", "old.json"),
                             "old.json is not what bench weave --json writes")


if __name__ == "__main__":
    unittest.main()
