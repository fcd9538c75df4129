"""A night's fuzz, merge and stress jobs, with the real commands and stand-ins for the fuzzer and
the stress program."""

import json
import textwrap
import unittest

from nightly_support import HOURS, OTHER_HOURS, NightCase
from commands.stress import PRESETS

REGISTRY = """
    from commands.nightly.fuzz_jobs import FuzzJob, MergeJob
    from commands.nightly.stress_jobs import StressJob

    def all_jobs():
        return [{jobs}]

    def weights_of(jobs):
        return {{job.name: 1 for job in jobs}}
"""
# Always fails.
STRESS = """
    import json, sys
    options = dict(zip(sys.argv[2::2], sys.argv[3::2]))
    if "--json" in options:
        with open(options["--json"], "w") as file:
            json.dump({"verdict": "lost"}, file)
    print("FINDING loses: lost: message 7 of producer 0 never arrived", file=sys.stderr)
    sys.exit(1)
"""


class CommandCase(NightCase):
    def set_jobs(self, jobs: str) -> None:
        text = textwrap.dedent(REGISTRY).format(jobs=jobs)
        self.checkout.write("commands/nightly/registry.py", text.encode())


class Stress(CommandCase):
    def test_a_finding_has_its_seed_and_is_repeated_with_it(self):
        self.set_jobs('StressJob("loses", "tsan")')
        self.checkout.write("stress/loses.cpp", b"")
        self.checkout.program(f"build/{PRESETS['tsan']}/bin/stress", STRESS)
        self.run_night(1)
        [finding] = self.checkout.results()["findings"]
        self.assertEqual((finding["target"], finding["verdict"], finding["sentence"]),
                         ("loses", "lost", "message 7 of producer 0 never arrived"))
        self.assertRegex(finding["reproduce"],
                         r"^./mailproof stress loses --build tsan --seconds \d+ --seed \d+$")
        again = self.checkout.run(*finding["reproduce"].split()[1:])
        self.assertEqual(again.returncode, 1)
        self.assertEqual((self.checkout.root / finding["input"]).read_text(),
                         f"{finding['reproduce']}\n")
        self.assertEqual(finding["repeated"], {"failed": 20, "runs": 20, "done": True})


class Fuzzing(CommandCase):
    def setUp(self) -> None:
        super().setUp()
        self.set_jobs('FuzzJob("demo"), MergeJob("demo")')
        self.kept = self.checkout.root / "build" / "fuzz-corpus" / "demo"

    def wish(self, name: str) -> None:
        """Tells the fuzzer what to do, by a name in its corpus."""
        self.checkout.write(f"build/fuzz-corpus/demo/{name}", b"")

    def assert_reported(self, name: str, content: bytes) -> None:
        [finding] = self.checkout.results()["findings"]
        self.assertEqual((finding["target"], finding["verdict"]), ("demo", "planted"))
        self.assertEqual(finding["input"], name)
        self.assertEqual(finding["reproduce"], f"./mailproof replay {name}")
        self.assertEqual((self.checkout.root / name).read_bytes(), content)
        self.assertIsNone(finding["repeated"])

    def test_a_finding_is_reported_with_the_minimal_input_of_its_cause(self):
        self.wish("find")
        self.run_night(1)
        folder = f"findings/causes/demo/{self.checkout.results()['findings'][0]['id']}"
        self.assert_reported(f"{folder}/minimised", b"BUG")

    def test_figures_and_the_merged_corpus(self):
        self.wish("boring")
        self.run_night(0)
        fuzz, merge = self.checkout.results()["jobs"]
        self.assertEqual((fuzz["figures"]["executions"], fuzz["figures"]["edges"]), (1234, 7))
        self.assertEqual(merge["figures"], {"inputs_before": 2, "inputs_after": 1})
        self.assertEqual([path.name for path in self.kept.iterdir()], ["fresh"])

    def kill_when_saved(self) -> None:
        """Ends a night after its fuzzer has saved an input, and before it is reported. It will not
        be found again."""
        self.wish("find-and-stay")
        night = self.checkout.start("nightly", "--hours", HOURS)
        self.checkout.wait_for("build/fuzz-work/demo/artifacts/crash-1234")
        night.kill()
        night.communicate()
        (self.kept / "find-and-stay").unlink()

    def test_what_was_saved_before_a_kill_is_reported_after_it(self):
        self.kill_when_saved()
        self.run_night(1)
        self.assertEqual(len(self.checkout.folders()), 1)
        self.assert_reported("findings/demo/crash-1234", b"BUG found")

    def test_it_is_reported_also_if_the_old_night_is_closed(self):
        self.kill_when_saved()
        result = self.checkout.run("nightly", "--hours", OTHER_HOURS)
        old, new = self.checkout.folders()
        found = {finding["id"] for night in (old, new)
                 for finding in json.loads((night / "results.json").read_text())["findings"]}
        self.assertEqual(len(found), 1, result.stdout)
        self.assertIn("closed early", (old / "report.html").read_text())


if __name__ == "__main__":
    unittest.main()
