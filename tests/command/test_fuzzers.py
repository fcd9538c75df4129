"""Numbers read from the logs of libFuzzer and AFL++."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from support import ROOT
from commands.fuzz import afl, libfuzzer
from commands.fuzz.fuzzer import Numbers

LIBFUZZER = """\
INFO: seed corpus: files: 1 min: 4b max: 4b total: 4b rss: 31Mb
#2\tINITED cov: 2 ft: 2 corp: 1/4b exec/s: 0 rss: 32Mb
#536\tREDUCE cov: 4 ft: 4 corp: 3/12b lim: 8 exec/s: 0 rss: 32Mb L: 7/7 MS: 4 EraseBytes-
#4194304\tpulse  cov: 312 ft: 900 corp: 120/9Kb lim: 4096 exec/s: 21000 rss: 80Mb
"""
LIBFUZZER_END = """\
stat::number_of_executed_units: 4200000
stat::average_exec_per_sec:     21000
stat::new_units_added:          12
"""
FUZZER_STATS = """\
start_time        : 1795368509
execs_done        : 62932
execs_per_sec     : 10434.75
corpus_count      : 6
edges_found       : 10
command_line      : afl-fuzz -i seeds -o out : with a colon
"""
PLOT_DATA = """\
# relative_time, cycles_done, cur_item, corpus_count, pending_total, pending_favs, map_size, \
saved_crashes, saved_hangs, max_depth, execs_per_sec, total_execs, edges_found
5, 2, 5, 5, 0, 0, 30.00%, 3, 0, 4, 6000.10, 31000, 9
6, 3, 5, 6, 0, 0, 34.48%, 3, 0, 4, 6608.78, 62932, 10
"""
FORK = """\
INFO: -fork=2: 69 seed inputs, starting to fuzz in /tmp/libFuzzerTemp.FuzzWithFork10437.dir
#1387: cov: 1043 ft: 3085 corp: 69 exec/s: 693 oom/timeout/crash: 0/0/0 time: 2s job: 1 dft_time: 0
#4001: cov: 1060 ft: 4449 corp: 281 exec/s: 871 oom/timeout/crash: 0/0/0 time: 3s job: 2 dft_time: 0
INFO: log from the inner process:
"""
ABORT = """\
\x1b[1;94m[*] \x1b[0mSpinning up the fork server...
\x1b[1;91m[-] PROGRAM ABORT : \x1b[1;97mUnable to map the target\x1b[0m
         Location : \x1b[0mmain(), src/afl-fuzz.c:2000

"""


class LibFuzzer(unittest.TestCase):
    def test_while_it_runs_the_last_status_line_counts(self):
        self.assertEqual(libfuzzer.numbers_in(LIBFUZZER), Numbers(4194304, 312, 120))

    def test_the_final_statistics_count_every_execution(self):
        found = libfuzzer.numbers_in(LIBFUZZER + LIBFUZZER_END)
        self.assertEqual(found, Numbers(4200000, 312, 120))

    def test_in_fork_mode_the_last_line_of_the_parent_counts(self):
        found = libfuzzer.numbers_in(FORK + LIBFUZZER + LIBFUZZER_END)
        self.assertEqual(found, Numbers(4001, 1060, 281))

    def test_a_run_that_died_at_its_first_input_has_no_coverage(self):
        self.assertEqual(libfuzzer.numbers_in("INFO: Seed: 1\n"), Numbers())


class Afl(unittest.TestCase):
    def test_statistics(self):
        found = afl.statistics_in(FUZZER_STATS)
        self.assertEqual((found["execs_done"], found["edges_found"]), ("62932", "10"))
        self.assertEqual(afl.numbers_in(found), Numbers(62932, 10, 6, 0))

    def test_progress_is_the_last_line(self):
        self.assertEqual(afl.progress_in(PLOT_DATA), Numbers(62932, 10, 6, 3))

    def test_no_progress_yet(self):
        self.assertEqual(afl.progress_in(""), Numbers())
        self.assertEqual(afl.progress_in(PLOT_DATA.splitlines()[0]), Numbers())

    def test_the_reason_of_an_abort_has_no_colours(self):
        self.assertEqual(afl.abort_reason(ABORT), "[-] PROGRAM ABORT : Unable to map the target")


class Program(unittest.TestCase):
    def test_that_of_afl_path_comes_before_that_of_path(self):
        with tempfile.TemporaryDirectory() as folder:
            newer = Path(folder) / "afl-fuzz"
            with mock.patch.dict(os.environ, AFL_PATH=folder):
                self.assertEqual(afl.program(), "afl-fuzz")
                newer.write_text("")
                newer.chmod(0o755)
                self.assertEqual(afl.program(), str(newer))
        with mock.patch.dict(os.environ):
            os.environ.pop("AFL_PATH", None)
            self.assertEqual(afl.program(), "afl-fuzz")

    def test_the_build_links_the_runtime_of_the_afl_fuzz_that_runs(self):
        script = ROOT / "sanitizers" / "afl" / "runtime.cmake"
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            for file in ("a/afl-fuzz", "a/afl-compiler-rt.o", "b/bin/afl-fuzz",
                         "b/lib/afl/afl-compiler-rt.o"):
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_text("")
                (folder / file).chmod(0o755)
            (folder / "CMakeLists.txt").write_text(
                f'cmake_minimum_required(VERSION 3.25)\nproject(p NONE)\ninclude("{script}")\n'
                'message(STATUS "runtime in ${AFL_RUNTIME_DIR}.")\n')
            cases = (({"AFL_PATH": f"{folder}/a"}, f"{folder}/a"),
                     ({"PATH": f"{folder}/b/bin{os.pathsep}{os.environ['PATH']}"},
                      f"{folder}/b/lib/afl"))
            for environment, runtime in cases:
                result = subprocess.run(["cmake", "-S", folder, "-B", folder / "build"], text=True,
                                        check=True, capture_output=True,
                                        env={**os.environ, **environment})
                found = re.search(r"runtime in (.*)\.", result.stdout)[1]
                self.assertEqual(Path(found).resolve(), Path(runtime))


class Strategies(unittest.TestCase):
    def test_one_instance_has_the_sanitizers(self):
        (alone,) = afl.strategies(1)
        self.assertEqual((alone.preset, alone.ours, alone.theirs), (afl.ADDRESS, True, True))
        self.assertEqual(afl.presets(1), [afl.ADDRESS])

    def test_of_several_the_second_has_them_and_each_is_different(self):
        chosen = afl.strategies(1 + len(afl.SECONDARIES))
        self.assertEqual(afl.presets(2), [afl.PLAIN, afl.ADDRESS])
        self.assertEqual([one.name for one in chosen if one.preset == afl.ADDRESS], ["asan"])
        ways = {(one.preset, one.options, one.ours, one.theirs) for one in chosen}
        self.assertEqual(len(ways), len(chosen))
        self.assertEqual(chosen[:4], afl.strategies(4))

    def test_names_are_never_repeated(self):
        names = [strategy.name for strategy in afl.strategies(64)]
        self.assertEqual(len(set(names)), 64)
        self.assertNotIn(afl.KEPT, names)

    def test_each_mutates_somehow(self):
        self.assertTrue(all(one.ours or one.theirs for one in afl.strategies(64)))


if __name__ == "__main__":
    unittest.main()
