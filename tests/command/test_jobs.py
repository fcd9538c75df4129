"""Several processes on one target, in a stand-in checkout: their roles, an end before the time, and
what the next run gets from a killed one."""

import json
import signal
import subprocess
import unittest
from pathlib import Path

from support import SECONDS_MAX, StandIn, StandInCase
from commands.fuzz.command import TARGET_SECONDS_MIN


def be_brief(checkout: StandIn) -> None:
    """Allows runs of a second, to save the tests' time."""
    path = checkout.root / "commands/fuzz/command.py"
    limit = f"TARGET_SECONDS_MIN = {TARGET_SECONDS_MIN}\n"
    text = path.read_text()
    assert limit in text
    path.write_text(text.replace(limit, "TARGET_SECONDS_MIN = 1\n"))


class Jobs(StandInCase):
    def setUp(self) -> None:
        super().setUp()
        be_brief(self.checkout)

    def corpus(self) -> set[bytes]:
        folder = self.checkout.root / "build/fuzz-corpus/demo"
        return {path.read_bytes() for path in folder.iterdir()}

    def results(self) -> dict:
        return json.loads((self.checkout.root / "out.json").read_text())["targets"][0]

    def end(self, command: subprocess.Popen, number: signal.Signals) -> str:
        command.send_signal(number)
        return command.communicate(timeout=SECONDS_MAX)[0]


class Afl(Jobs):
    JOBS = 4
    INSTANCES = ["main", "asan", "cmplog", "mutator"]

    def command(self, *options: str) -> list[str]:
        return ["fuzz", "--fuzzer", "afl", "--jobs", str(self.JOBS), "--seconds", "1", *options]

    def run_to_its_end(self):
        return self.checkout.run(*self.command("--json", "out.json"))

    def start_and_wait(self) -> subprocess.Popen:
        command = self.checkout.start(*self.command("--seconds", "60"))
        for name in self.INSTANCES:
            self.checkout.wait_for(f"build/afl-out/demo/{name}/fuzzer_stats")
        return command

    def called(self, name: str) -> tuple[list[str], dict[str, str]]:
        path = self.checkout.root / "build/afl-out/demo" / name / "called.json"
        return tuple(json.loads(path.read_text()))

    def processes(self) -> list[str]:
        return self.checkout.processes_of("bin/afl-fuzz")

    def test_each_instance_works_in_its_own_way_and_all_findings_count(self):
        self.checkout.write("corpus/demo/wish", b"find")
        result = self.run_to_its_end()
        self.assertEqual(result.returncode, 1, result.stderr)
        found = self.results()
        self.assertEqual(found["executions"], 4 * 100)
        self.assertEqual(found["new_inputs"], 4)
        self.assertEqual([one["name"] for one in found["instances"]], self.INSTANCES)
        self.assertEqual(
            {path.read_bytes() for path in (self.checkout.root / "findings/demo").iterdir()},
            {b"BUG found by " + name.encode() for name in self.INSTANCES})
        self.assert_ways()

    def assert_ways(self) -> None:
        calls = {name: self.called(name) for name in self.INSTANCES}
        for name, (words, environment) in calls.items():
            program = str(self.checkout.root / "build" / ("afl-asan" if name == "asan" else "afl")
                          / "bin/demo")
            self.assertEqual(words[-1], program)
            self.assertEqual("-M" in words, name == "main")
            self.assertEqual("-c" in words, name == "cmplog")
            self.assertIn("libdemo_mutator.so", environment["AFL_CUSTOM_MUTATOR_LIBRARY"])
            self.assertEqual("AFL_CUSTOM_MUTATOR_ONLY" in environment, name == "mutator")
        self.assertEqual(len({words[words.index("-o") + 1] for words, _ in calls.values()}), 1)

    def test_one_instance_has_the_sanitizers(self):
        self.JOBS, self.INSTANCES = 1, ["main"]
        self.end(self.start_and_wait(), signal.SIGINT)
        words, environment = self.called("main")
        self.assertIn("-S", words)
        self.assertEqual(words[-1], str(self.checkout.root / "build/afl-asan/bin/demo"))
        self.assertNotIn("AFL_CUSTOM_MUTATOR_ONLY", environment)

    def assert_ends_well(self, number: signal.Signals) -> None:
        self.checkout.write("corpus/demo/wish", b"find")
        command = self.start_and_wait()
        self.assertEqual(len(self.processes()), self.JOBS)
        output = self.end(command, number)
        self.assertEqual(command.returncode, 130)
        self.assertEqual(output.count("kept a failing input of demo"), self.JOBS)
        self.assertIn(b"asan found 1", self.corpus())
        self.assertEqual(self.processes(), [])

    def test_an_interrupt_keeps_what_was_found_and_leaves_no_child(self):
        self.assert_ends_well(signal.SIGINT)

    def test_sigterm_does_so_too(self):
        self.assert_ends_well(signal.SIGTERM)

    def test_a_killed_run_loses_nothing_and_the_next_resumes_it(self):
        self.checkout.write("corpus/demo/wish", b"find")
        self.end(self.start_and_wait(), signal.SIGKILL)
        (self.checkout.root / "corpus/demo/wish").unlink()
        result = self.run_to_its_end()
        self.assertEqual(self.processes(), [])
        self.assertEqual(result.returncode, 0, result.stderr)
        kept = self.checkout.root / "findings/demo"
        self.assertEqual(len(list(kept.iterdir())), self.JOBS)
        for name in self.INSTANCES:
            first, second = f"{name} found 1".encode(), f"{name} found 2".encode()
            self.assertLessEqual({first, second}, self.corpus())
        self.assertEqual(self.results()["executions"], 4 * 100, "those of the second run")

    def test_a_finished_run_is_not_resumed(self):
        for _ in range(2):
            self.assertEqual(self.run_to_its_end().returncode, 0)
            self.assertEqual(self.results()["executions"], 4 * 100)

    def test_an_instance_that_does_not_run_is_not_a_pass(self):
        self.checkout.program("bin/afl-fuzz", """
            import sys
            print("[-] PROGRAM ABORT : planted")
            sys.exit(1)
        """)
        self.assert_one_line(self.checkout.run(*self.command()),
                             "afl-fuzz did not run (main): [-] PROGRAM ABORT : planted")


class LibFuzzer(Jobs):
    COMMAND = ("fuzz", "--jobs", "3", "--seconds", "1")
    UNMERGED = "build/fuzz-work/demo/temporary/libFuzzerTemp.FuzzWithFork1.dir/C1/unmerged"

    def stay(self) -> subprocess.Popen:
        self.checkout.write("build/fuzz-corpus/demo/stay", b"")
        command = self.checkout.start(*self.COMMAND, "--seconds", "60")
        self.checkout.wait_for(self.UNMERGED)
        return command

    def test_several_jobs_are_one_parent_in_fork_mode(self):
        result = self.checkout.run(*self.COMMAND, "--json", "out.json")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.results()["executions"], 4321)

    def test_a_finding_ends_the_run(self):
        self.checkout.write("build/fuzz-corpus/demo/find", b"")
        self.assertEqual(self.checkout.run(*self.COMMAND, "--json", "out.json").returncode, 1)
        (finding,) = self.results()["findings"]
        self.assertEqual(finding["input"], "findings/demo/crash-1234")

    def test_an_end_before_the_time_keeps_what_was_not_merged(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            command = self.stay()
            self.end(command, number)
            self.assertEqual(command.returncode, 130)
            self.assertIn(b"not merged", self.corpus())
            self.assertEqual(self.checkout.processes_of("build/fuzz/bin/demo"), [])
            (self.checkout.root / self.UNMERGED).unlink()

    def test_a_killed_run_loses_nothing(self):
        self.end(self.stay(), signal.SIGKILL)
        (self.checkout.root / "build/fuzz-corpus/demo/stay").unlink()
        self.assertEqual(self.checkout.run(*self.COMMAND).returncode, 0)
        self.assertEqual(self.checkout.processes_of("build/fuzz/bin/demo"), [])
        self.assertIn(b"not merged", self.corpus())


class Sync(StandInCase):
    """Two machines, one with each fuzzer."""

    def test_inputs_go_both_ways(self):
        other = StandIn()
        self.addCleanup(other.remove)
        be_brief(self.checkout)
        be_brief(other)
        shared = self.checkout.root / "shared"
        shared.mkdir()
        for checkout, options in ((self.checkout, ["--fuzzer", "afl", "--jobs", "2"]), (other, []),
                                  (self.checkout, ["--fuzzer", "afl", "--jobs", "2"])):
            result = checkout.run("fuzz", "--seconds", "1", "--sync", str(shared),
                                  "--json", "out.json", *options)
            self.assertEqual(result.returncode, 0, result.stderr)
        for content in (b"main found 1", b"asan found 1", b"new"):
            for folder in (shared / "demo", self.checkout.root / "build/fuzz-corpus/demo",
                           other.root / "build/fuzz-corpus/demo"):
                self.assertIn(content, self.contents(folder), folder)
        (target,) = json.loads((self.checkout.root / "out.json").read_text())["targets"]
        self.assertEqual((target["taken_inputs"], target["new_inputs"]), (1, 0))

    def contents(self, folder: Path) -> set[bytes]:
        return {path.read_bytes() for path in folder.iterdir()}

    def test_a_folder_that_is_missing(self):
        self.assert_one_line(self.checkout.run("fuzz", "--sync", "nowhere"), "--sync: no folder")


class MoreJobsThanCores(StandInCase):
    def test_the_command_says_so(self):
        result = self.checkout.run("fuzz", "--jobs", "1000")
        self.assertRegex(result.stdout, r"(?m)^1,000 jobs share \d+ cores?: ")
        self.assertNotIn("share", self.checkout.run("fuzz").stdout)


if __name__ == "__main__":
    unittest.main()
