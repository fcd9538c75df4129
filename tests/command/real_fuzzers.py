"""The real fuzzers with several processes: each kind of AFL++ instance and libFuzzer's fork mode
find what is planted, a killed run is resumed, and inputs move between the fuzzers, also while they
run.

Needs the builds, like canary_fuzz.py, whose rules hold here too. The classes named Slow are in the
full tier.
"""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Iterable
from unittest import mock

from canary_fuzz import KEPT_INPUTS, ORACLE, RACE, Alarm
from support import ROOT, SECONDS_MAX, run_command
from commands.fuzz import afl, fuzzer
from commands.fuzz.afl import Afl
from commands.fuzz.fuzzer import Fuzzer, Result
from commands.fuzz.libfuzzer import LibFuzzer
from commands.kit import build, project
from commands.kit.project import ADDRESS

# Data that persists in a target grows at different inputs, depending on their order, which
# libFuzzer shuffles; a difference of 1 edge in 100 was seen.
SAME_EDGES = 0.95
AFL_OUT = ROOT / "build" / "afl-out" / "canary"


class InstanceKinds(Alarm):
    def assert_each_finds_some(self, jobs: int, *options: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            results = Path(folder) / "results.json"
            outcome = run_command("fuzz", "canary", "--fuzzer", "afl", "--jobs", str(jobs),
                                  "--json", str(results), *options)
            self.assertEqual(outcome.returncode, 1, outcome.stdout + outcome.stderr)
            (target,) = json.loads(results.read_text())["targets"]
        for finding in target["findings"]:
            self.addCleanup(self.remove, finding)
            self.assert_fails_again(finding)
        self.assertIn(ORACLE, {finding["verdict"] for finding in target["findings"]})
        self.assertEqual([one["name"] for one in target["instances"]],
                         [strategy.name for strategy in afl.strategies(jobs)])
        for instance in target["instances"]:
            self.assertGreater(instance["executions"], 0, instance)
            self.assertGreater(instance["failing_inputs"], 0, instance)

    def test_the_first_four(self):
        self.assert_each_finds_some(4, "--seconds", "25")


class SlowInstanceKinds(InstanceKinds):
    test_the_first_four = None

    def test_all(self):
        self.assert_each_finds_some(1 + len(afl.SECONDARIES), "--seconds", "60")


class ForkMode(Alarm):
    def test_it_finds_some_by_itself(self):
        self.assertTrue(self.findings("--sanitizer", "address", "--jobs", "2"))

    def test_a_race(self):
        self.plant("t")
        found = self.findings("--sanitizer", "thread", "--jobs", "2")
        self.assertIn(RACE, {finding["verdict"] for finding in found})


class KilledRun(Alarm):
    """Killed with SIGKILL, once something is found."""

    def setUp(self) -> None:
        super().setUp()
        shutil.rmtree(AFL_OUT, ignore_errors=True)

    def test_nothing_is_lost_and_the_next_run_resumes(self):
        command = [sys.executable, ROOT / "mailproof", "fuzz", "canary", "--fuzzer", "afl",
                   "--jobs", "2", "--seconds", "120"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as killed:
            self.wait_for("*/crashes/id:*")
            self.wait_for("main/fuzzer_stats")
            queue = self.wait_for("main/queue/id:*src*").read_bytes()
            killed.send_signal(signal.SIGKILL)
        found = {path.read_bytes() for path in AFL_OUT.glob("*/crashes/id:*")}
        findings = self.findings("--fuzzer", "afl", "--jobs", "2")
        self.addCleanup(shutil.rmtree, ROOT / "findings" / "canary", ignore_errors=True)
        kept = {path.read_bytes() for path in (ROOT / "findings" / "canary").iterdir()}
        self.assertLessEqual(found, kept)
        self.assertTrue(findings)
        self.assertIn(queue, {path.read_bytes() for path in KEPT_INPUTS.iterdir()})
        log = (ROOT / "build" / "fuzz-work" / "canary" / "fuzzer-0.log").read_text(errors="replace")
        self.assertIn("will attempt session resume", log)
        self.assertEqual(self.left_running(), [])

    def wait_for(self, pattern: str) -> Path:
        deadline = time.monotonic() + SECONDS_MAX
        while not (found := sorted(AFL_OUT.glob(pattern))):
            self.assertLess(time.monotonic(), deadline, f"no {pattern}")
            time.sleep(0.05)
        return found[0]

    def left_running(self) -> list[str]:
        programs = [str(project.binary(preset, "canary")) for preset in (afl.PLAIN, afl.ADDRESS)]
        lines = [path.read_text(errors="replace") for path in Path("/proc").glob("[1-9]*/cmdline")
                 if path.exists()]
        return [line for line in lines if any(program in line for program in programs)]


class TwoMachines(unittest.TestCase):
    """Two machines, each with a folder that links to the builds and holds its own corpus."""

    TARGET = "mailbox_step"
    PRESETS = {afl.PLAIN: True, afl.ADDRESS: True, "fuzz": False}

    @classmethod
    def setUpClass(cls) -> None:
        for preset, has_mutator in cls.PRESETS.items():
            build.build(preset, [cls.TARGET, *([f"{cls.TARGET}_mutator"] if has_mutator else [])])

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.shared = self.root / "shared"
        self.shared.mkdir()

    def run_fuzzer(self, kind: type[Fuzzer], name: str, seconds: int, jobs: int = 1,
                   while_it_runs=lambda machine: False) -> Result:
        """Runs to the time limit, or until `while_it_runs` returns true."""
        machine = self.root / name
        machine.mkdir(exist_ok=True)
        for preset in self.PRESETS:
            if not (machine / preset).exists():
                (machine / preset).symlink_to(ROOT / "build" / preset)
        with mock.patch.object(project, "BUILD", machine):
            running = kind(self.TARGET, ADDRESS, seconds, jobs, self.shared)
            running.start()
            while running.is_running():
                if while_it_runs(machine):
                    running.interrupt()
                time.sleep(0.1)
            return running.result()

    def edges(self, *folders: Path) -> int:
        """The edges that libFuzzer reaches with these inputs only."""
        outcome = subprocess.run(
            [ROOT / "build/fuzz/bin" / self.TARGET, "-runs=0", *folders],
            capture_output=True, text=True, errors="replace", timeout=SECONDS_MAX)
        return max(int(line.split("cov: ")[1].split()[0])
                   for line in outcome.stderr.splitlines() if "cov: " in line)

    def contents(self, folder: Path) -> set[bytes]:
        return self.contents_of(folder.iterdir())

    def contents_of(self, paths: Iterable[Path]) -> set[bytes]:
        return {path.read_bytes() for path in paths}

    @property
    def exchanged(self) -> Path:
        return self.shared / self.TARGET


class CorporaMove(TwoMachines):
    def test_from_afl_to_libfuzzer(self):
        for jobs in (1, 2):
            given = self.run_fuzzer(Afl, f"afl{jobs}", SECONDS_MAX, jobs,
                                    self.afl_has_found_some)
            self.assertGreater(given.new_inputs, 0)
            reached = self.edges(self.exchanged)
            shared = self.contents(self.exchanged)
            took = self.run_fuzzer(LibFuzzer, f"libfuzzer{jobs}", 6, jobs)
            self.assertEqual(took.taken_inputs, len(shared))
            self.assertGreaterEqual(took.numbers.edges, reached * SAME_EDGES)
            self.assertGreaterEqual(self.edges(self.exchanged), reached * SAME_EDGES)

    def afl_has_found_some(self, machine: Path) -> bool:
        """AFL++ tries its seeds first, which takes long on a busy machine."""
        return any((machine / "afl-out" / self.TARGET).glob("*/queue/*src:*"))

    def test_from_libfuzzer_to_afl(self):
        for jobs in (1, 2):
            given = self.run_fuzzer(LibFuzzer, f"libfuzzer{jobs}", 6, jobs)
            self.assertGreater(given.new_inputs, 0)
            shared = self.contents(self.exchanged)
            took = self.run_fuzzer(Afl, f"afl{jobs}", 6, jobs)
            self.assertEqual(took.taken_inputs, len(shared))
            queue = self.root / f"afl{jobs}" / "afl-out" / self.TARGET / "main" / "queue"
            seeds = [path for path in queue.iterdir() if "orig:" in path.name]
            self.assertGreaterEqual(len(seeds), len(shared))
            self.assertGreaterEqual(self.edges(self.exchanged),
                                    self.edges(queue) * SAME_EDGES)


class SlowArrival(TwoMachines):
    """A fuzzer that has very few inputs takes up those that arrive while it runs."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(mock.patch.object(fuzzer, "EXCHANGE_SECONDS", 1))
        self.enterContext(mock.patch.object(project, "CORPUS", self.root / "corpus"))
        seed = self.root / "corpus" / self.TARGET / "seed"
        seed.parent.mkdir(parents=True)
        seed.write_bytes(b"0")
        self.arrival = time.monotonic() + 10

    def arrives(self) -> None:
        """Adds inputs of another machine, some time after the start."""
        if time.monotonic() > self.arrival and not (self.exchanged / "other").exists():
            for path in (ROOT / "corpus" / self.TARGET).iterdir():
                shutil.copy(path, self.exchanged / path.name)
            (self.exchanged / "other").write_bytes(b"other")

    def test_libfuzzer(self):
        reloaded = []

        def seen(machine: Path) -> bool:
            self.arrives()
            log = machine / "fuzz-work" / self.TARGET / "fuzzer-0.log"
            if "RELOAD" in log.read_text(errors="replace"):
                reloaded.append(log)
            return bool(reloaded)

        self.run_fuzzer(LibFuzzer, "libfuzzer", SECONDS_MAX, 1, seen)
        self.assertTrue(reloaded)

    def assert_afl_takes_them(self, jobs: int) -> None:
        """Each instance has read all of them. It keeps what it has not found by itself, if anything."""
        names = [strategy.name for strategy in afl.strategies(jobs)]
        arrived = self.contents(ROOT / "corpus" / self.TARGET)
        seen: set[str] = set()

        def all_saw(machine: Path) -> bool:
            self.arrives()
            out = machine / "afl-out" / self.TARGET
            kept = list((out / afl.KEPT / "queue").glob(f"id:*,{afl.KEPT}"))
            if arrived & self.contents_of(kept):
                seen.update(name for name in names if self.number_read(out / name) >= len(kept))
            return len(seen) == jobs

        self.run_fuzzer(Afl, f"afl{jobs}", SECONDS_MAX, jobs, all_saw)
        self.assertEqual(seen, set(names))

    def number_read(self, instance: Path) -> int:
        """How many of the kept inputs an instance of AFL++ says that it has read."""
        said = instance / ".synced" / afl.KEPT
        return int.from_bytes(said.read_bytes()[:4], "little") if said.exists() else 0

    def test_one_afl_instance(self):
        self.assert_afl_takes_them(1)

    def test_two_afl_instances(self):
        self.assert_afl_takes_them(2)


if __name__ == "__main__":
    unittest.main()
