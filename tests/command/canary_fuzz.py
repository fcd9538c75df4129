"""The alarm itself: a planted finding turns the real `./mailproof fuzz` red under each fuzzer and
each sanitizer, and the input that it saves is the failing one.

The target `canary` fails on "BUG" and a letter. A test that needs one letter puts the input into
the folder where the fuzzers keep their inputs between runs; in the others the fuzzer must find one
from seeds that do not fail. This needs the builds and takes some seconds per test; two of these
must not run at once.
"""

import json
import shlex
import shutil
import tempfile
import unittest
from pathlib import Path

from support import ROOT, run_command

SECONDS = "10"
KEPT_INPUTS = ROOT / "build" / "fuzz-corpus" / "canary"

HEAP_OVERFLOW = "heap-buffer-overflow"
SIGNED_OVERFLOW = "undefined-behaviour: signed integer overflow"
RACE = "data-race"
ORACLE = "canary"


class Alarm(unittest.TestCase):
    def setUp(self) -> None:
        shutil.rmtree(KEPT_INPUTS, ignore_errors=True)

    def plant(self, letter: str) -> None:
        KEPT_INPUTS.mkdir(parents=True)
        (KEPT_INPUTS / "planted").write_bytes(b"BUG" + letter.encode())

    def findings(self, *options: str) -> list[dict]:
        """The findings of a red run; each must fail again, alone."""
        with tempfile.TemporaryDirectory() as folder:
            results = Path(folder) / "results.json"
            command = ["fuzz", "canary", "--seconds", SECONDS, *options, "--json", str(results)]
            outcome = run_command(*command)
            self.assertEqual(outcome.returncode, 1, outcome.stdout + outcome.stderr)
            (target,) = json.loads(results.read_text())["targets"]
        self.assertTrue(target["findings"])
        for finding in target["findings"]:
            self.addCleanup(self.remove, finding)
            self.assertIn(f"FINDING canary: {finding['verdict']}", outcome.stdout)
            self.assert_fails_again(finding)
        return target["findings"]

    def assert_fails_again(self, finding: dict) -> None:
        self.assertTrue((ROOT / finding["input"]).read_bytes().startswith(b"BUG"))
        program, *words = shlex.split(finding["reproduce"])
        self.assertEqual(program, "./mailproof")
        again = run_command(*words)
        self.assertEqual(again.returncode, 1, again.stdout + again.stderr)
        self.assertIn(f"canary: {finding['verdict']}: {finding['input']}", again.stdout)

    def remove(self, finding: dict) -> None:
        shutil.rmtree(ROOT / "findings" / "causes" / "canary", ignore_errors=True)
        (ROOT / finding["input"]).unlink(missing_ok=True)
        report = ROOT / "findings" / "reports" / "canary" / f"{finding['id']}.txt"
        report.unlink(missing_ok=True)

    def assert_planted_is_found(self, letter: str, sanitizer: str, verdict: str) -> None:
        """The fuzzer continues after it, so others may be found too."""
        self.plant(letter)
        (finding,) = [finding for finding in self.findings("--sanitizer", sanitizer)
                      if finding["verdict"] == verdict]
        self.assertEqual((ROOT / finding["input"]).name[:6], "crash-")


class LibFuzzer(Alarm):
    def test_address_sanitizer(self):
        self.assert_planted_is_found("a", "address", HEAP_OVERFLOW)

    def test_undefined_behaviour_sanitizer(self):
        self.assert_planted_is_found("u", "address", SIGNED_OVERFLOW)

    def test_thread_sanitizer(self):
        self.assert_planted_is_found("t", "thread", RACE)

    def test_oracle(self):
        self.assert_planted_is_found("o", "address", ORACLE)

    def test_it_finds_one_without_a_seed(self):
        verdicts = {finding["verdict"] for finding in self.findings("--sanitizer", "address")}
        self.assertLessEqual(verdicts, {HEAP_OVERFLOW, SIGNED_OVERFLOW, ORACLE})


class Afl(Alarm):
    def test_it_finds_some_without_a_seed(self):
        verdicts = {finding["verdict"] for finding in self.findings("--fuzzer", "afl")}
        self.assertLessEqual(verdicts, {HEAP_OVERFLOW, SIGNED_OVERFLOW, ORACLE})


if __name__ == "__main__":
    unittest.main()
