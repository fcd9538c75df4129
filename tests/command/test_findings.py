"""Findings are never overwritten, and their reproduce command fits the folder one is in."""

import contextlib
import io
import os
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import support  # noqa: F401, puts the checkout on the module path
from commands.fuzz import findings
from commands.fuzz.findings import Finding
from commands.kit import project
from commands.kit.project import ADDRESS, THREAD
from commands.kit.report import Report


class Keep(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        patch = mock.patch.object(project, "FINDINGS", self.root / "findings")
        patch.start()
        self.addCleanup(patch.stop)

    def keep(self, content: bytes) -> Path:
        source = self.root / "crash-1"
        source.write_bytes(content)
        return findings.keep("demo", source, source.name)

    def test_a_new_input_keeps_its_name(self):
        kept = self.keep(b"one")
        self.assertEqual(kept, self.root / "findings/demo/crash-1")
        self.assertEqual(kept.read_bytes(), b"one")

    def test_an_equal_input_is_kept_once(self):
        self.assertEqual(self.keep(b"one"), self.keep(b"one"))

    def test_another_input_of_that_name_steps_aside(self):
        names = [self.keep(content).name for content in (b"one", b"two", b"three", b"two")]
        self.assertEqual(names, ["crash-1", "crash-1-2", "crash-1-3", "crash-1-2"])
        self.assertEqual((self.root / "findings/demo/crash-1").read_bytes(), b"one")


class Show(unittest.TestCase):
    def finding(self, name="crash-1", identity="one", sanitizer=ADDRESS) -> Finding:
        path = project.FINDINGS / "demo" / name
        return Finding("demo", sanitizer, path, Report("lost", "a message", identity))

    def test_reproduce_from_the_checkout_and_from_elsewhere(self):
        here = os.getcwd()
        self.addCleanup(os.chdir, here)
        os.chdir(project.ROOT)
        self.assertEqual(findings.reproduce(self.finding()),
                         "./mailproof replay findings/demo/crash-1")
        os.chdir(project.ROOT / "commands")
        self.assertEqual(findings.reproduce(self.finding()),
                         "../mailproof replay ../findings/demo/crash-1")

    def test_reproduce_names_a_sanitizer_that_replay_would_not_choose(self):
        self.assertIn(" replay --sanitizer thread ",
                      findings.reproduce(self.finding(sanitizer=THREAD)))

    def test_json(self):
        self.assertEqual(sorted(self.finding().as_json()), [
            "cause", "id", "input", "minimised", "reproduce", "times", "verdict"])
        self.assertEqual(self.finding().as_json()["input"], "findings/demo/crash-1")

    def test_each_report_comes_first_once(self):
        found = [self.finding("a"), self.finding("b"), self.finding("c", "other"),
                 self.finding("d")]
        names = [finding.input.name for finding in findings.new_reports_first(found)]
        self.assertEqual(names, ["a", "c", "b", "d"])

    def test_inputs_with_one_fault_are_one_finding(self):
        found = [self.finding("a"), self.finding("b"), self.finding("c", "other")]
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            names = [finding.input.name for finding in findings.distinct(found)]
        self.assertEqual(names, ["a", "c"])
        self.assertIn("1 more input", printed.getvalue())

    def test_inputs_with_one_triaged_cause_are_one_finding(self):
        folder = project.FINDINGS / "causes" / "demo" / "one"
        found = [replace(self.finding(name, name), cause=folder, seen_as=seen, times=times)
                 for name, seen, times in (("a", "x", 7), ("b", "x", 7), ("c", "y", 2),
                                           ("d", "", 1))]
        with contextlib.redirect_stdout(io.StringIO()):
            [finding] = findings.distinct(found)
        self.assertEqual((finding.input.name, finding.times), ("a", 10))
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            findings.show([finding])
        self.assertIn("  seen:      10 times\n", printed.getvalue())
        self.assertIn("findings/causes/demo/one/\n", printed.getvalue())


if __name__ == "__main__":
    unittest.main()
