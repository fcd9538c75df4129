"""Real programs that crash, race and hang on purpose, in a night: all three must be reported.

Needs the builds and takes about half a minute; must not run beside other users of the canary.
"""

import random
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import ROOT, SECONDS_MAX
from commands.kit import project
from commands.kit.child import Outcome
from commands.nightly import command, repeat
from commands.nightly.fuzz_jobs import FuzzJob, MergeJob
from commands.nightly.job import Finding, Harvest, Job, Work, died
from commands.nightly.night import Night
from commands.nightly.weave_jobs import ExploreJob

PRESET = "tsan"
PROGRAM = "stress_canary"
KEPT_INPUTS = ROOT / "build" / "fuzz-corpus" / "canary"
HOURS = 0.02


class CanaryJob(Job):
    """One job of the stress canary, under ThreadSanitizer."""

    seconds_min = seconds_max = 2
    late_seconds = 1
    overtime_seconds = 3

    def __init__(self, name: str, options: list[str]) -> None:
        super().__init__("stress tsan", name, name)
        self.options = options

    def builds(self) -> dict[str, list[str]]:
        return {PRESET: [PROGRAM]}

    def command(self, work: Work) -> list:
        return [project.binary(PRESET, PROGRAM), self.target, "--seconds", work.seconds,
                *self.options]

    def reproduce(self, work: Work) -> str:
        return f"build/{PRESET}/bin/{PROGRAM} {self.target}"

    def harvest(self, work: Work, outcome: Outcome, seconds: float) -> Harvest:
        return Harvest([Finding(**{**vars(finding), "again": list(map(str, self.command(work)))})
                        for finding in died(self, work, outcome)])


class Planted(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.night = Night.create(Path(folder.name), HOURS, "", "", random.randrange(1 << 32))

    def the_finding(self, *jobs: Job) -> dict:
        command.work_through(self.night, list(jobs))
        [stored] = self.night.findings()
        self.assertEqual(self.night.jobs[jobs[0].name]["status"], "finding")
        return stored

    def test_a_race_is_found_and_repeated(self):
        stored = self.the_finding(CanaryJob("races", []))
        self.assertEqual(stored["verdict"], "data-race")
        self.assertEqual(stored["repeated"]["runs"], repeat.RUNS)
        self.assertGreater(stored["repeated"]["failed"], 0)
        self.assertIn("tests/stress/canary.cpp", stored["same_as"])

    def test_a_hang_is_ended_with_the_stacks_of_its_threads(self):
        endless = ["--standstill-seconds", "1000", "--overtime-seconds", "1000"]
        stored = self.the_finding(CanaryJob("stands_still", endless))
        self.assertEqual(stored["verdict"], "hang")
        report = self.night.report_of(stored)
        if "no stacks" in report:
            self.skipTest(next(line for line in report.splitlines() if "no stacks" in line))
        self.assertRegex(report, r"Thread \d+ [^\n]*\n#0 ")
        self.assertIn("canary.cpp", report)

    def test_a_memory_order_that_is_too_weak_is_found_under_weave_and_its_schedule_repeats_it(self):
        stored = self.the_finding(ExploreJob("mailbox_mailbox_0", "random"))
        self.assertEqual((stored["target"], stored["verdict"]), ("mailbox_mailbox_0", "data-race"))
        again = subprocess.run(stored["reproduce"], shell=True, cwd=ROOT, capture_output=True,
                               text=True, timeout=SECONDS_MAX)
        self.assertEqual(again.returncode, 66, again.stderr)
        self.assertIn("weave: data-race executions=1 ", again.stderr)

    def test_a_crash_of_a_fuzz_target_is_found_with_its_input(self):
        shutil.rmtree(KEPT_INPUTS, ignore_errors=True)
        KEPT_INPUTS.mkdir(parents=True)
        (KEPT_INPUTS / "planted").write_bytes(b"BUGa")
        self.addCleanup(shutil.rmtree, KEPT_INPUTS)
        self.addCleanup(self.remove)
        command.work_through(self.night, [FuzzJob("canary"), MergeJob("canary")])
        # The fuzzer continues, and may find the canary's other faults too.
        [stored] = [stored for stored in self.night.findings()
                    if stored["verdict"] == "heap-buffer-overflow"]
        self.assertEqual((ROOT / stored["input"]).read_bytes(), b"BUGa")
        self.assertEqual(stored["reproduce"], f"./mailproof replay {stored['input']}")
        self.assertIn("fuzz/canary.cpp", stored["same_as"])

    def remove(self) -> None:
        for folder in ("", "reports", "causes"):
            shutil.rmtree(ROOT / "findings" / folder / "canary", ignore_errors=True)


if __name__ == "__main__":
    unittest.main()
