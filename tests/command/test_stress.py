"""`mailproof stress`: wrong usage, its JSON, and its verdicts for reports."""

import json
import re
import unittest

from support import ROOT, StandInCase, run_command
from commands import stress
from commands.kit.child import Outcome

# Does what the name of its job says.
PROGRAM = """
    import json, os, sys
    options = dict(zip(sys.argv[2::2], sys.argv[3::2]))
    job = sys.argv[1]
    figures = {name: 1 for name in ("operations", "seconds", "operations_per_second",
        "latency_ns_p50", "latency_ns_p99", "latency_ns_p999", "backlog_max", "full_pushes",
        "memory_bytes_start", "memory_bytes_end")}
    verdict = "lost" if job == "loses" else "ok"
    if job == "breaks":
        print("no such thing")
        sys.exit(3)
    if job == "races":
        print("SUMMARY: ThreadSanitizer: data race stress/races.cpp:3 in f")
        sys.exit(66)
    with open(options["--json"], "w") as file:
        json.dump({"verdict": verdict, **figures}, file)
    if job == "loses":
        print("FINDING loses: lost: message 7 never arrived", file=sys.stderr)
        sys.exit(1)
"""

KEYS = ["name", "build", "verdict", "operations", "seconds", "operations_per_second",
        "latency_ns_p50", "latency_ns_p99", "latency_ns_p999", "backlog_max", "full_pushes",
        "memory_bytes_start", "memory_bytes_end", "seed"]


class Usage(unittest.TestCase):
    def assert_refused(self, *arguments: str, because: str) -> None:
        result = run_command("stress", *arguments)
        self.assertEqual(result.returncode, 2, result)
        self.assertRegex(result.stderr, r"\Amailproof: [^\n]*\n\Z")
        self.assertIn(because, result.stderr)

    def test_wrong_usage_is_one_line(self):
        self.assert_refused("no_such_job", because="unknown job 'no_such_job'")
        self.assert_refused("--seconds", "0", because="--seconds")
        self.assert_refused("--build", "other", because="--build")
        self.assert_refused("--seed", "-1", because="--seed")
        self.assert_refused("--seed", str(1 << 64), because="--seed")
        self.assert_refused("--json", "no/such/folder/x", because="cannot write")

    def test_list_names_the_files(self):
        result = run_command("stress", "--list")
        self.assertEqual(result.returncode, 0)
        stems = sorted(path.stem for path in (ROOT / "stress").glob("*.cpp"))
        self.assertEqual(result.stdout.split(), stems)


class Runs(StandInCase):
    def setUp(self) -> None:
        super().setUp()
        for job in ("calm", "loses", "races", "breaks"):
            self.checkout.write(f"stress/{job}.cpp", b"")
        for preset in stress.PRESETS.values():
            self.checkout.program(f"build/{preset}/bin/stress", PROGRAM)

    def run_stress(self, *arguments: str):
        return self.checkout.run("stress", *arguments, "--json", str(self.checkout.root / "x"))

    def results(self) -> list[dict]:
        return json.loads((self.checkout.root / "x").read_text())["jobs"]

    def test_the_json_has_every_figure(self):
        result = self.run_stress("calm", "--seed", "18446744073709551615", "--build", "asan")
        self.assertEqual(result.returncode, 0, result)
        [job] = self.results()
        self.assertEqual(list(job), KEYS)
        self.assertEqual((job["name"], job["build"], job["verdict"], job["seed"]),
                         ("calm", "asan", "ok", (1 << 64) - 1))
        self.assertIn("no finding", result.stdout)

    def test_a_finding_is_shown_with_the_command_that_repeats_it(self):
        result = self.run_stress("loses", "calm", "--seed", "5", "--seconds", "4")
        self.assertEqual(result.returncode, 1)
        self.assertIn("FINDING loses: lost\n", result.stdout)
        self.assertIn("message 7 never arrived", result.stdout)
        self.assertIn("./mailproof stress loses --build plain --seconds 4 --seed 5\n",
                      result.stdout)
        self.assertEqual([job["verdict"] for job in self.results()], ["lost", "ok"])

    def test_a_report_of_a_sanitizer_is_a_verdict_without_figures(self):
        self.assertEqual(self.run_stress("races", "--build", "tsan").returncode, 1)
        [job] = self.results()
        self.assertEqual((job["verdict"], job["operations"]), ("data-race", None))

    def test_a_program_that_fails_without_a_report_is_an_error(self):
        self.assert_one_line(self.run_stress("breaks"), "breaks ended with status 3: no such thing")

    def test_without_names_every_job_runs_and_each_once(self):
        self.run_stress("calm", "calm")
        self.assertEqual(len(self.results()), 1)
        (self.checkout.root / "stress" / "breaks.cpp").unlink()
        self.assertEqual(self.run_stress().returncode, 1)
        self.assertEqual([job["name"] for job in self.results()], ["calm", "loses", "races"])


class Verdicts(unittest.TestCase):
    def test_the_verdicts_are_those_of_the_jobs(self):
        header = (ROOT / "stress" / "support" / "verdict.h").read_text()
        self.assertEqual(set(re.findall(r'return "([a-z-]+)";', header)), stress.JOB_VERDICTS)

    def test_other_words_become_a_verdict_of_the_list(self):
        self.assertEqual(stress.verdict_of("data-race"), "data-race")
        self.assertEqual(stress.verdict_of("undefined-behaviour: division by zero"),
                         "undefined-behaviour")
        self.assertEqual(stress.verdict_of("something-new"), "crash")

    def test_a_signal_is_a_crash_and_a_hang_is_a_timeout(self):
        for outcome, verdict in ((Outcome(-11, ""), "crash"),
                                 (Outcome(-9, "", timed_out=True), "timeout")):
            result = stress.result_of("job", "plain", 1, 2, outcome, {})
            self.assertEqual(result.verdict, verdict)


if __name__ == "__main__":
    unittest.main()
