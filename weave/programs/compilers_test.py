"""weave-cc and weave-c++: compile, link, run; options; exit statuses; replay on any run and in any folder.

    WEAVE_BIN=<folder of the two> python3 compilers_test.py
"""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

BIN = Path(os.environ["WEAVE_BIN"])
RACE = """
    #include <thread>
    int shared = 0;
    int main() {
        std::thread other([] { shared = 1; });
        shared = 2;
        other.join();
    }
"""
SPIN = """
    #include <atomic>
    #include <cassert>
    #include <thread>
    std::atomic<int> flag{0};
    std::atomic<int> data{0};
    int main() {
        std::thread other([] {
            data.store(1, std::memory_order_relaxed);
            flag.store(1, std::memory_order_relaxed);
        });
        while (flag.load(std::memory_order_acquire) == 0) {
        }
        assert(data.load(std::memory_order_relaxed) == 1);
        other.join();
    }
"""
# The compiler merges the counting of two branches into one access by address, as count() does.
COVERED = """
    #include <atomic>
    #include <thread>
    extern "C" unsigned long __start___llvm_prf_cnts[];
    std::atomic<int> total{0};
    __attribute__((noinline)) void count(unsigned long* counter) { ++*counter; }
    __attribute__((noinline)) void add() {
        count(__start___llvm_prf_cnts);
        total.fetch_add(1, std::memory_order_relaxed);
    }
    int main() {
        std::thread other(add);
        add();
        other.join();
        return total.load() == 2 ? 0 : 1;
    }
"""
RUNS_UNDER_ASLR = 50


class Compiled(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def compile(self, text: str, name: str = "program.cpp", folder: Path | None = None,
                options=()) -> Path:
        folder = folder or self.folder
        source = folder / name
        source.write_text(text)
        compiler = BIN / ("weave-cc" if source.suffix == ".c" else "weave-c++")
        program = folder / source.stem
        subprocess.run([compiler, "-O1", *options, source.name, "-o", program.name], cwd=folder,
                       check=True)
        return program

    def explore(self, program: Path, options: str = "", arguments=(), given: bytes = b""):
        environment = {**os.environ, "WEAVE_OPTIONS": options}
        return subprocess.run([program, *arguments], env=environment, cwd=self.folder, input=given,
                              capture_output=True, check=False)

    def last_line(self, run) -> str:
        return run.stderr.decode().splitlines()[-1]

    def test_compiles_in_two_steps(self):
        (self.folder / "a.cpp").write_text("int f(); int main() { return f(); }")
        (self.folder / "b.cpp").write_text("int f() { return 7; }")
        for name in ("a", "b"):
            subprocess.run([BIN / "weave-c++", "-c", f"{name}.cpp"], cwd=self.folder, check=True)
        subprocess.run([BIN / "weave-c++", "a.o", "b.o", "-o", "both"], cwd=self.folder, check=True)
        run = self.explore(self.folder / "both", "executions=3")
        self.assertEqual(run.returncode, 7, "the program's own status")
        self.assertRegex(self.last_line(run),
                         r"^weave: ok executions=3 complete=no seconds=[\d.]+ optimised=(?:yes|no)$")

    def test_counters_of_coverage_are_for_all_executions_and_not_racy(self):
        for optimisation in ("-O0", "-O1"):
            with self.subTest(optimisation):
                program = self.compile(COVERED, options=[
                    optimisation, "-fprofile-instr-generate", "-fcoverage-mapping"])
                run = self.explore(program, "executions=1000:seed=1")
                self.assertEqual(run.returncode, 0, run.stderr.decode())
                subprocess.run(["llvm-profdata-19", "merge", "-o", "profile", "default.profraw"],
                               cwd=self.folder, check=True)
                shown = subprocess.run(
                    ["llvm-cov-19", "report", program, "-instr-profile=profile",
                     "-show-functions", self.folder / "program.cpp"],
                    cwd=self.folder, check=True, capture_output=True, text=True).stdout
                self.assertRegex(shown, r"_Z3addv +1 +0 +100")
                counted = subprocess.run(
                    ["llvm-profdata-19", "show", "--function=add", "--counts", "profile"],
                    cwd=self.folder, check=True, capture_output=True, text=True).stdout
                count = int(re.search(r"Function count: (\d+)", counted)[1])
                # Two in an execution, and some are run again, to see whether they can be repeated.
                self.assertGreaterEqual(count, 2000)
                self.assertLess(count, 3000)

    def test_either_library(self):
        for options in ((), ("-stdlib=libc++",)):
            for text, verdict in ((RACE, b"data-race"), (SPIN, b"assertion")):
                program = self.compile(text, options=options)
                run = self.explore(program, "mode=random:executions=1000")
                self.assertIn(b"weave: " + verdict, run.stderr, options)
                with open(program, "rb") as file:
                    self.assertEqual(b"_ZNSt3__1" in file.read(), bool(options))

    def test_an_atomic_wait_of_either_library_sleeps(self):
        text = Path(__file__).with_name("atomic_notified_too_early.cpp").read_text()
        for options in ((), ("-stdlib=libc++",)):
            program = self.compile(text, options=("-std=c++20", *options))
            run = self.explore(program, "executions=200")
            self.assertIn("weave: deadlock ", self.last_line(run), options)

    def test_answers_what_a_compiler_answers(self):
        for compiler in ("weave-cc", "weave-c++"):
            run = subprocess.run([BIN / compiler, "--version"], capture_output=True, check=True)
            self.assertIn(b"clang version 19", run.stdout)

    def test_takes_c(self):
        program = self.compile("""
            #include <pthread.h>
            #include <stdlib.h>
            int shared;
            static void* work(void* argument) { shared = 1; return argument; }
            int main(void) {
                pthread_t other;
                pthread_create(&other, NULL, work, NULL);
                shared = 2;
                pthread_join(other, NULL);
                return EXIT_SUCCESS;
            }
        """, "program.c")
        run = self.explore(program)
        self.assertEqual(run.returncode, 66)
        self.assertTrue(self.last_line(run).startswith("weave: data-race "))
        self.assertIn(b"object: global or static shared", run.stderr)

    def test_refuses_options_that_do_not_exist(self):
        program = self.compile("int main() {}")
        for options, error in (
                ("mode=all", "mode=all: expected mix, random, pct, pos, surw, delay, starve, pctwm, "
                         "exhaustive, dfs or bytes"),
                ("executions=-1", "executions=-1: expected a whole number from 0 to "
                                  "18446744073709551615"),
                ("executions=many", "executions=many: expected a whole number from 0 to "),
                ("depth=4294967296", "depth=4294967296: expected a whole number from 0 to "
                                     "4294967295"),
                ("preemptions=-1", "preemptions=-1: expected a whole number from 0 to 2147483647"),
                ("steps=", "steps=: expected a whole number from 0 to 4294967295"),
                ("speed=2", "there is no option 'speed'; expected mode, "),
                ("memory=tso", "memory=tso: expected c20 or sc"),
                ("continue=2", "continue=2: expected 0 or 1"),
                ("seconds", "'seconds' is not NAME=VALUE"),
                ("replay=no-such-file", "replay=no-such-file: expected a file that can be read")):
            run = self.explore(program, options)
            self.assertEqual(run.returncode, 2, options)
            self.assertIn(f"weave: WEAVE_OPTIONS: {error}", run.stderr.decode())

    def test_refuses_a_damaged_schedule(self):
        program = self.compile("int main() {}")
        (self.folder / "damaged").write_text("weave-schedule 2\nmemory=c20\n1 x 2\n")
        self.assertEqual(self.explore(program, "replay=damaged").returncode, 2)
        (self.folder / "other").write_text("something else")
        self.assertEqual(self.explore(program, "replay=other").returncode, 2)

    def test_passes_arguments_and_gives_each_execution_its_own(self):
        program = self.compile("""
            #include <cassert>
            int main(int count, char** values) {
                assert(count == 3 && values[1][0] == 'a' && values[2][0] == 'b');
                values[1] = values[2] = nullptr;
            }
        """)
        self.assertEqual(self.explore(program, "executions=5", ["a", "b"]).returncode, 0)

    def test_shows_the_output_of_the_first_execution_and_of_the_finding(self):
        program = self.compile("""
            #include <atomic>
            #include <cassert>
            #include <cstdio>
            #include <thread>
            std::atomic<int> x{0};
            int main() {
                std::printf("begins\\n");
                std::thread other([] { x = 1; });
                const bool is_late = x == 0;
                other.join();
                assert(is_late);
            }
        """)
        run = self.explore(program, "seed=1:executions=1000")
        found = int(re.search(r"executions=(\d+)", self.last_line(run)).group(1))
        self.assertEqual(run.stdout.decode().count("begins"), 1 if found == 1 else 2)

    def test_bytes_decide(self):
        program = self.compile(RACE.replace("int shared = 0", "volatile int shared = 0"))
        run = self.explore(program, "mode=bytes", given=b"\x01\x00\x01")
        self.assertEqual(run.returncode, 66)
        self.assertIn("executions=1 ", self.last_line(run))
        (self.folder / "bytes").write_bytes(b"\x01\x00\x01")
        again = self.explore(program, "mode=bytes:replay=bytes")
        self.assertEqual(again.stderr.splitlines()[:3], run.stderr.splitlines()[:3])

    def test_json_and_trace_hold_the_finding(self):
        program = self.compile(RACE)
        run = self.explore(program, "json=result.json:trace=trace.txt")
        result = json.loads((self.folder / "result.json").read_text())
        self.assertEqual(result["verdict"], "data-race")
        self.assertFalse(result["complete"])
        self.assertIn("weave-schedule 2", result["schedule"])
        self.assertIn(result["reproduce"], run.stderr.decode())
        self.assertEqual((self.folder / "trace.txt").read_text(), result["report"])

    def test_there_is_a_trace_without_a_finding(self):
        program = self.compile(SPIN.replace("relaxed);\n        });", "release);\n        });"))
        self.assertEqual(self.explore(program, "executions=5:trace=trace.txt").returncode, 0)
        self.assertIn("thread 1", (self.folder / "trace.txt").read_text())

    def test_exhaustive_search_says_when_it_has_seen_everything(self):
        program = self.compile(SPIN.replace("relaxed);\n        });", "release);\n        });"))
        whole = self.explore(program, "mode=exhaustive:executions=0")
        self.assertRegex(self.last_line(whole), "^weave: ok .* complete=yes ")
        cut = self.explore(program, "mode=exhaustive:executions=0:preemptions=0")
        self.assertRegex(self.last_line(cut), "^weave: ok .* complete=no ")

    def test_a_bound_inside_an_execution_is_not_a_finding(self):
        program = self.compile("""
            #include <atomic>
            std::atomic<unsigned> x{0};
            int main() { for (;;) { ++x; } }
        """)
        run = self.explore(program)
        self.assertEqual(run.returncode, 65)
        self.assertTrue(self.last_line(run).startswith("weave: limit "))

    def test_replays_bit_for_bit_on_any_run_and_in_any_folder(self):
        reports = set()
        schedule = None
        for name in ("here", "somewhere/else"):
            folder = self.folder / name
            folder.mkdir(parents=True)
            program = self.compile(SPIN, folder=folder)
            if schedule is None:
                self.assertEqual(self.explore(program, "mode=pct").returncode, 66)
                schedule = next(self.folder.glob("*.schedule")).name
            for _ in range(RUNS_UNDER_ASLR // 2):
                run = self.explore(program, f"replay={schedule}")
                self.assertEqual(run.returncode, 66)
                report = run.stderr.decode().rsplit("weave: ", 1)[0]
                reports.add(report.replace(str(folder) + "/", ""))
        self.assertEqual(len(reports), 1, reports)


if __name__ == "__main__":
    unittest.main()
