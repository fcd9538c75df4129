"""Fuzz and replay from end to end, in a stand-in checkout that needs no build."""

import contextlib
import io
import json
import signal
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from support import SECONDS_MAX, StandInCase
from commands.fuzz import command
from commands.fuzz.command import TARGET_SECONDS_MIN, split_seconds
from commands.fuzz.findings import Finding
from commands.fuzz.libfuzzer import KEPT_PER_CAUSE
from commands.kit import replay
from commands.kit.child import Outcome
from commands.kit.project import ADDRESS, THREAD
from commands.kit.report import Report

CAUSE = "findings/causes/demo/demo-planted-595b9f1a"


class SplitSeconds(unittest.TestCase):
    def test_the_shares_add_up_to_the_total(self):
        self.assertEqual(split_seconds(60, 3), [20, 20, 20])
        self.assertEqual(split_seconds(61, 3), [21, 20, 20])

    def test_no_target_gets_less_than_the_least(self):
        self.assertEqual(split_seconds(1, 3), [TARGET_SECONDS_MIN] * 3)


class Causes(unittest.TestCase):
    def test_an_input_that_was_not_judged_has_the_cause_of_its_report(self):
        with tempfile.TemporaryDirectory() as folder:
            found = []
            for name, verdict in (("a", "race"), ("b", "race"), ("c", "torn")):
                path = Path(folder) / name
                path.write_text(name)
                found.append(Finding("demo", THREAD, path, Report(verdict, "why", verdict)))
            group = mock.Mock(folder=Path(folder) / "cause", input=Path(folder) / "small")
            judged = mock.Mock(group=group, inputs=[found[0].input])
            with mock.patch.object(command.triage, "triage", return_value=[judged]) as triage:
                with_causes = command._with_causes([*found, found[0]])
        [(inputs, *_)] = [call.args for call in triage.call_args_list]
        self.assertEqual([path.name for path in inputs["demo"]], ["a", "c", "b"])
        self.assertEqual([finding.cause for finding in with_causes],
                         [group.folder, group.folder, None, group.folder])


class Fuzz(StandInCase):
    def wish(self, name: str) -> None:
        self.checkout.write(f"build/fuzz-corpus/demo/{name}", b"")

    def results(self) -> dict:
        return json.loads((self.checkout.root / "out.json").read_text())["targets"][0]

    def test_success(self):
        result = self.checkout.run("fuzz", "--json", "out.json")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("replayed 1 input of 1 target: no finding", result.stdout)
        self.assertRegex(result.stdout, r"(?m)^demo +1,234 +[\d,]+ +[\d.]+ +[\d,]+ +\d+% +7 +3 +1 +0$")
        found = self.results()
        for figure in ("executions_per_second", "cpu_seconds", "executions_per_cpu_second",
                       "share_of_empty_target"):
            self.assertGreater(found.pop(figure), 0, figure)
        self.assertEqual(found, {"name": "demo", "executions": 1234, "edges": 7,
                                 "corpus_inputs": 3, "new_inputs": 1, "taken_inputs": 0,
                                 "instances": [], "findings": []})

    def test_output_that_is_not_on_a_terminal_has_no_control_codes(self):
        self.wish("find")
        result = self.checkout.run("fuzz")
        self.assertNotRegex(result.stdout + result.stderr, r"[\x00-\x09\x0b-\x1f]")

    def test_a_finding(self):
        self.wish("find")
        result = self.checkout.run("fuzz", "demo", "--json", "out.json")
        self.assertEqual(result.returncode, 1, result.stderr)
        reproduce = "./mailproof replay findings/demo/crash-1234"
        self.assertIn("FINDING demo: planted\n", result.stdout)
        self.assertIn(reproduce, result.stdout)
        self.assertEqual(self.results()["findings"], [{
            "id": "crash-1234", "verdict": "planted", "input": "findings/demo/crash-1234",
            "reproduce": reproduce, "times": 1, "cause": CAUSE,
            "minimised": f"{CAUSE}/minimised"}])
        self.assertIn(f"  cause:     {CAUSE}/\n", result.stdout)
        again = self.checkout.run(*reproduce.split()[1:])
        self.assertEqual(again.returncode, 1)
        self.assertIn("FINDING demo: planted: the input asked for it", again.stdout)

    def test_a_finding_of_the_user_s_is_not_overwritten(self):
        mine = self.checkout.write("findings/demo/crash-1234", b"mine")
        self.wish("find")
        result = self.checkout.run("fuzz")
        self.assertEqual(mine.read_bytes(), b"mine")
        self.assertIn("replay findings/demo/crash-1234-2", result.stdout)

    def test_what_a_killed_run_had_found_is_rescued(self):
        self.checkout.write("build/fuzz-work/demo/artifacts/crash-old", b"BUG old")
        self.assertEqual(self.checkout.run("fuzz").returncode, 0)
        kept = self.checkout.root / "findings/demo/crash-old"
        self.assertEqual(kept.read_bytes(), b"BUG old")

    def test_a_finding_that_the_user_removed_does_not_come_back(self):
        self.wish("find")
        self.checkout.run("fuzz")
        kept = self.checkout.root / "findings/demo/crash-1234"
        kept.unlink()
        self.assertEqual(self.checkout.run("fuzz").returncode, 0)
        self.assertFalse(kept.exists())

    def test_a_failing_corpus_file_is_a_finding(self):
        self.checkout.write("corpus/regress/demo/old", b"BUG")
        result = self.checkout.run("fuzz", "--json", "out.json")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(self.results()["findings"][0]["input"], "corpus/regress/demo/old")
        self.assertEqual(self.results()["executions"], 1234)

    def test_it_continues_after_a_finding_until_the_time_is_up_and_counts_repeats(self):
        self.wish("find-again")
        result = self.checkout.run("fuzz", "demo", "--seconds", "5", "--json", "out.json")
        self.assertEqual(result.returncode, 1, result.stderr)
        [finding] = self.results()["findings"]
        starts = len((self.checkout.root / "starts").read_text())
        self.assertGreater(starts, KEPT_PER_CAUSE)
        self.assertEqual(finding["times"], starts)
        self.assertEqual(self.results()["executions"], 1234 * starts)
        kept = list((self.checkout.root / "findings/demo").iterdir())
        self.assertEqual(len(kept), KEPT_PER_CAUSE)
        limits = (self.checkout.root / "limits").read_text().split()
        self.assertEqual(limits[0], "5")
        self.assertEqual(limits[-1], "2")

    def test_an_input_of_the_corpus_that_fails_is_left_out_after_that(self):
        self.wish("find-in-corpus")
        self.checkout.write("build/fuzz-corpus/demo/failing", b"BUG in corpus")
        self.checkout.write("corpus/demo/failing", b"BUG in corpus")
        result = self.checkout.run("fuzz", "demo", "--seconds", "5", "--json", "out.json")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual((self.checkout.root / "starts").read_text(), "xx")
        self.assertFalse((self.checkout.root / "build/fuzz-corpus/demo/failing").exists())
        self.assertTrue((self.checkout.root / "corpus/demo/failing").exists())

    def test_a_broken_fuzzer_is_not_a_pass(self):
        self.wish("fail")
        self.assert_one_line(self.checkout.run("fuzz"), "this fuzzer is broken")

    def test_an_interrupt_keeps_what_was_found_and_leaves_no_child(self):
        self.wish("find-and-stay")
        command = self.checkout.start("fuzz")
        self.checkout.wait_for("build/fuzz-work/demo/artifacts/crash-1234")
        fuzzers = self.checkout.processes_of("build/fuzz/bin/demo")
        command.send_signal(signal.SIGINT)
        output, errors = command.communicate(timeout=SECONDS_MAX)
        self.assertEqual(command.returncode, 130)
        self.assertEqual(errors, "mailproof: interrupted; what was found is kept\n")
        self.assertIn("kept a failing input of demo: findings/demo/crash-1234", output)
        self.assertEqual(len(fuzzers), 1)
        self.assertEqual(self.checkout.processes_of("build/fuzz/bin/demo"), [])


class Replay(StandInCase):
    def test_the_whole_corpus(self):
        result = self.checkout.run("replay")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, "replayed 1 input of 1 target: no finding\n")

    def test_every_failing_input_is_shown(self):
        for name, content in {"a": b"BUG", "b": b"fine", "c": b"BUG"}.items():
            self.checkout.write(f"corpus/demo/{name}", content)
        result = self.checkout.run("replay")
        self.assertEqual(result.returncode, 1)
        self.assertIn("demo: planted: corpus/demo/a (under AddressSanitizer)", result.stdout)
        self.assertIn("demo: planted: corpus/demo/c (under AddressSanitizer)", result.stdout)
        self.assertIn("replayed 4 inputs of 1 target: 2 findings", result.stdout)

    def test_a_file_is_relative_to_the_folder_one_is_in(self):
        folder = self.checkout.root / "corpus" / "demo"
        self.assertEqual(self.checkout.run("replay", "seed", cwd=folder).returncode, 0)

    def test_a_file_that_no_target_s_folder_holds_needs_a_target(self):
        self.checkout.write("elsewhere/x", b"BUG")
        self.assert_one_line(self.checkout.run("replay", "elsewhere/x"), "use --target")
        result = self.checkout.run("replay", "--target", "demo", "elsewhere/x")
        self.assertEqual(result.returncode, 1)


class HangingInputs(unittest.TestCase):
    """Runs that the clock ends; they name no input."""

    def replayed(self, hanging: set[str]) -> tuple[list[str], str]:
        files = [Path(f"corpus/demo/{name}") for name in "abcdefg"]

        def run(target, sanitizer, some):
            hangs = any(file.name in hanging for file in some)
            return Outcome(0, "", timed_out=hangs)

        with mock.patch.object(replay, "run_files", run), \
                contextlib.redirect_stderr(io.StringIO()) as said:
            failures = replay.replay("demo", ADDRESS, files)
        return [failure.input.name for failure in failures], said.getvalue()

    def test_only_the_first_are_waited_for(self):
        names, said = self.replayed(set("abcdefg"))
        self.assertEqual(names, ["a", "b", "c"])
        self.assertIn("demo: 3 inputs hang; 4 others were not run", said)

    def test_all_run_if_few_hang(self):
        self.assertEqual(self.replayed({"b", "g"}), (["b", "g"], ""))
        self.assertEqual(self.replayed({"b", "c", "g"}), (["b", "c", "g"], ""))


class BadInput(StandInCase):
    def test_a_missing_or_empty_corpus(self):
        (self.checkout.root / "corpus/demo/seed").unlink()
        for command in ("fuzz", "replay"):
            self.assert_one_line(self.checkout.run(command), "corpus/demo is missing or empty")

    def test_an_unreadable_corpus_file(self):
        (self.checkout.root / "corpus/demo/broken").symlink_to("nowhere")
        self.assert_one_line(self.checkout.run("fuzz"), "corpus/demo/broken")

    def test_a_failed_build_shows_its_first_error(self):
        self.checkout.program("bin/cmake", "import sys\nsys.exit('a.cpp:1:1: error: no')")
        result = self.checkout.run("replay")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stderr.splitlines(), [
            "a.cpp:1:1: error: no",
            "mailproof: building asan-ubsan failed; all of it: build/asan-ubsan/build.log"])

    def test_no_compiler(self):
        (self.checkout.root / "bin/clang++-19").unlink()
        self.assert_one_line(self.checkout.run("replay"), "no clang++-19 on PATH")


if __name__ == "__main__":
    unittest.main()
