"""bench fuzzing: medians, what a run's output says, the whole command with pretended fuzzers."""

import json
import math
import pathlib
import signal
import tempfile
import unittest

import support
from commands.bench import afl_run, fuzzing
from commands.bench.fuzzing import Figure, Run
from commands.kit.child import Outcome
from commands.kit.console import CommandError

FINDING = "FINDING demo_step: lost: a message\nstat::number_of_executed_units: 40\n"
BUG = b"why: w\nguarantee: g\ncheck: demo_step asan-ubsan lost\n--- old\na\n--- new\nb\n"

# An input "BUG" shows the bug; without one the bug is found at the 7th execution, unless a file
# "never" stands beside the program.
PROGRAM = """
    import os, pathlib, sys
    words = [pathlib.Path(word) for word in sys.argv[1:] if word[0] != "-"]
    if "--generate" in sys.argv:
        words[0].mkdir()
        (words[0] / "shows").write_bytes(b"BUG")
        sys.exit()
    def finding(executions):
        print("FINDING demo_step: lost: a message")
        print(f"stat::number_of_executed_units: {executions}", flush=True)
        sys.exit(77)
    files = [path for path in words if path.is_file()]
    inputs = files or [path for folder in words for path in folder.iterdir()]
    for number, path in enumerate(inputs, 1):
        print(f"Running: {path}")
        if path.read_bytes() == b"BUG":
            finding(number)
    if files:
        sys.exit()
    print("#2\\tINITED cov: 7 ft: 9 corp: 3/12b exec/s: 0 rss: 31Mb", flush=True)
    if pathlib.Path(sys.argv[0]).with_name("never").exists():
        while True:
            pass
    finding(7)
"""

# Writes what AFL++ leaves. Saves an input after 5 executions, unless a file "never" stands beside
# the program that it is to run.
AFL = """
    import os, pathlib, sys
    out = pathlib.Path(sys.argv[sys.argv.index("-o") + 1]) / "default"
    seeds = pathlib.Path(sys.argv[sys.argv.index("-i") + 1])
    if not all(path.stat().st_size for path in seeds.iterdir()) or not os.listdir(seeds):
        sys.exit("PROGRAM ABORT : no usable seed")
    for folder in ("crashes", "hangs"):
        (out / folder).mkdir(parents=True)
    (out / "crashes" / "README.txt").touch()
    if not pathlib.Path(sys.argv[-1]).with_name("never").exists():
        (out / "crashes" / "id:000001,sig:06,src:000000,time:9,execs:8,op:havoc").write_bytes(b"x")
        (out / "hangs" / "id:000000,src:000000,time:5,execs:5,op:havoc").write_bytes(b"BUG")
    (out / "fuzzer_stats").write_text("execs_done        : 600\\n")
"""


class Figures(unittest.TestCase):
    def test_a_run_without_a_finding_is_longer_than_all_others(self):
        runs = [Run(10, 1.0, "lost"), Run(5, 60.0), Run(30, 3.0, "lost")]
        figure = Figure(runs)
        self.assertEqual((figure.median("executions"), figure.median("cpu_seconds")), (30, 3.0))
        self.assertEqual(figure.text(60), "2/3: 30 in 3.00 s")

    def test_half_without_a_finding_has_no_median(self):
        figure = Figure([Run(10, 1.0, "lost"), Run(5, 60.0)])
        self.assertEqual(figure.median("executions"), math.inf)
        self.assertEqual(figure.text(60), "1/2: > 60 s")
        self.assertIsNone(figure.as_json()["cpu_seconds"])

    def test_replay_is_said_if_every_finding_was_one(self):
        replay = Run(2, 0.5, "lost", True)
        self.assertEqual(Figure([replay, replay]).text(60), "2/2: 2 in 0.50 s, replay")
        self.assertNotIn("replay", Figure([replay, Run(9, 1.0, "lost")]).text(60))


class Outputs(unittest.TestCase):
    def test_a_finding_before_the_corpus_has_run_is_one_of_replay(self):
        self.assertEqual(fuzzing.run_of(Outcome(77, FINDING), 1.5), Run(40, 1.5, "lost", True))
        log = "#9\tINITED cov: 7 ft: 9 corp: 3/12b\n" + FINDING
        self.assertEqual(fuzzing.run_of(Outcome(77, log), 1.5), Run(40, 1.5, "lost", False))

    def test_a_run_whose_time_is_up_found_nothing(self):
        log = "#16\tpulse  cov: 7 ft: 9 corp: 3/12b lim: 4 exec/s: 0 rss: 31Mb\n"
        for outcome in (Outcome(-signal.SIGXCPU, log), Outcome(-signal.SIGKILL, log),
                        Outcome(0, log, timed_out=True)):
            self.assertEqual(fuzzing.run_of(outcome, 5.0), Run(16, 5.0))

    def test_a_broken_fuzzer_is_an_error(self):
        for outcome in (Outcome(1, "no such option"), Outcome(0, "done")):
            with self.assertRaises(CommandError):
                fuzzing.run_of(outcome, 1.0)


class AflOutputs(unittest.TestCase):
    def test_the_first_input_that_fails_is_taken_a_hang_as_well(self):
        self.assertEqual(self.first_failing(["id:000000,sig:06,src:000000,time:9,execs:80,op:havoc"],
                                            ["id:000000,src:000000,time:5,execs:9,op:havoc"]),
                         ("hangs", 9))

    def test_without_one_all_executions_count(self):
        self.assertEqual(self.first_failing(["README.txt"], []), (None, 600))

    def first_failing(self, crashes: list[str], hangs: list[str]):
        with tempfile.TemporaryDirectory() as name:
            instance = pathlib.Path(name)
            for folder, names in (("crashes", crashes), ("hangs", hangs)):
                (instance / folder).mkdir()
                for one in names:
                    (instance / folder / one).touch()
            (instance / "fuzzer_stats").write_text("execs_done        : 600\n")
            failing = afl_run.first_failing(instance)
            return failing.input and failing.input.parent.name, failing.executions


class DefaultBugs(unittest.TestCase):
    def test_each_exists_and_has_a_target(self):
        self.assertEqual(len(set(fuzzing.BUGS)), 20)
        for name in fuzzing.BUGS:
            self.assertRegex(fuzzing.seeded(name).target, "_(step|threads)$")


class WholeCommand(support.StandInCase):
    def setUp(self):
        super().setUp()
        self.checkout.write("bugs/demo/skips.bug", BUG)
        self.checkout.write("corpus/demo_step/passes", b"fine")
        self.checkout.write("docs/fuzzing.md", f"before\n{fuzzing.TABLE_BEGIN}\nold\n"
                                               f"{fuzzing.TABLE_END}\nbetween\n"
                                               f"{fuzzing.BEFORE_BEGIN}\nold\n"
                                               f"{fuzzing.TABLE_END}\nafter\n".encode())
        figure = {"executions": 90, "cpu_seconds": 1.25}
        self.checkout.write("bench/fuzzing/before.json", json.dumps({
            "commit": "0123456", "seeds": 3, "seconds_max": 60,
            "bugs": {"skips": {"empty": figure, "rest": {"executions": None}},
                     "gone": {}}}).encode())
        self.checkout.program("build/fuzz/bin/fuzz_bug_skips", PROGRAM)
        self.checkout.program("build/afl-asan/bin/fuzz_bug_skips", "")
        # Only pretended programs are on PATH.
        self.checkout.program("bin/afl-fuzz", AFL)
        self.checkout.program("bin/prlimit", """
            import os, resource, sys
            seconds = int(sys.argv[1].partition("=")[2])
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            os.execv(sys.argv[3], sys.argv[3:])
        """)

    def bench(self, *options):
        return self.checkout.run("bench", "fuzzing", "--seeds", "2", "--seconds-max", "1",
                                 *options)

    def test_writes_a_row_and_json(self):
        result = self.bench("--bugs", "skips", "--json", "out.json")
        self.assertEqual(result.returncode, 0, result)
        page = (self.checkout.root / "docs/fuzzing.md").read_text()
        self.assertRegex(page, r"(?s)^before\n.*\n\| skips \| demo_step \| 2/2: 7 in .*\nbetween\n"
                               r".*\n\| skips \| 90 in 1.25 s \| 7 in 0.\d+ s \| not found \| 7 in "
                               r"0.\d+ s \|\n\nBefore: commit 0123456, 3 seeds, at most 60 s. On .*"
                               r"\nafter\n$")
        self.assertIn("\n2 seeds; at most 1 s of processor time a run. On ", page)
        written = json.loads((self.checkout.root / "out.json").read_text())["bugs"]["skips"]
        self.assertEqual([written[start]["executions"] for start in ("empty", "rest")], [7, 7])
        self.assertEqual([written[start]["in_replay"] for start in ("empty", "kept", "rest")],
                         [0, 2, 0])
        self.assertEqual([written[start]["executions"] for start in ("afl_empty", "afl_rest")],
                         [5, 5])
        self.assertEqual(written["afl_rest"]["verdicts"], ["lost"])
        self.assertFalse(written["hole"])

    def test_what_only_an_input_shows_is_a_hole(self):
        self.checkout.write("build/fuzz/bin/never", b"")
        result = self.bench("--bugs", "skips", "--keep-docs")
        self.assertEqual(result.returncode, 0, result)
        self.assertRegex(result.stdout, r"skips +demo_step +0/2: > 1 s +2/2: .*, replay +"
                                        r"0/2: > 1 s +2/2: 5 in .* hole\n")
        self.assertIn("old", (self.checkout.root / "docs/fuzzing.md").read_text())

    def test_an_input_of_afl_that_passes_alone_does_not_count(self):
        self.checkout.program("bin/afl-fuzz", AFL.replace('b"BUG"', 'b"fine"'))
        result = self.bench("--bugs", "skips", "--keep-docs")
        self.assertRegex(result.stdout, r"skips .* 0/2: > 1 s +0/2: > 1 s *\n")

    def test_afl_that_does_not_run_is_an_error(self):
        self.checkout.program("bin/afl-fuzz", "import sys; sys.exit('PROGRAM ABORT : no memory')")
        self.assert_one_line(self.bench("--bugs", "skips"), "afl-fuzz did not run: PROGRAM ABORT : no memory")

    def test_an_unknown_bug_is_wrong_usage(self):
        self.assert_one_line(self.bench("--bugs", "other"), "no bug 'other'")


if __name__ == "__main__":
    unittest.main()
