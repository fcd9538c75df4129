"""What weave says when it cannot say `ok`: each end has its own last line and exit status.

    WEAVE_BIN=<folder of weave-cc and weave-c++> python3 last_line_test.py
"""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

BIN = Path(os.environ["WEAVE_BIN"])
COUNT = """
    #include <atomic>
    #include <thread>
    std::atomic<int> n{0};
    int main() {
        std::thread other([] { ++n; });
        ++n;
        other.join();
    }
"""
# System calls that no function of the C library makes, so weave cannot see them.
EXIT_AT_ONCE = 'asm volatile("syscall" : : "a"(231), "D"(0) : "rcx", "r11", "memory");'
READ = """char c;
        asm volatile("syscall" : : "a"(0), "D"(ends[0]), "S"(&c), "d"(1) : "rcx", "r11", "memory");"""


class LastLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def compile(self, text: str, name: str = "program") -> Path:
        (self.folder / f"{name}.cpp").write_text(text)
        subprocess.run([BIN / "weave-c++", "-std=c++20", "-O1", f"{name}.cpp", "-o", name],
                       cwd=self.folder, check=True)
        return self.folder / name

    def start(self, program: Path, options: str) -> subprocess.Popen:
        return subprocess.Popen([program], env={**os.environ, "WEAVE_OPTIONS": options},
                                cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def expect(self, process: subprocess.Popen, verdict: str, status: int) -> str:
        """Demands the end of a search. Returns all that it printed."""
        text = process.communicate(timeout=60)[1]
        self.assertRegex(text.splitlines()[-1],
                         rf"^weave: {verdict} executions=\d+ complete=no seconds=[\d.]+ optimised=(?:yes|no)"
                         r"(?: found-by=[a-z]+ found-after=\d+)?$")
        self.assertEqual(process.returncode, status, text)
        return text

    def test_a_program_that_ends_the_process(self):
        program = self.compile("int main() { " + EXIT_AT_ONCE + " }")
        self.expect(self.start(program, "mode=exhaustive"), "process-ended", 69)

    def test_a_check_of_weave_that_fails(self):
        # An exploration inside an execution is refused.
        program = self.compile("""
            #include <weave/weave.h>
            int main() { weave::explore({}, [] {}); }
        """)
        text = self.expect(self.start(program, "mode=exhaustive"), "internal-error", 70)
        self.assertIn("weave: internal error: ", text)

    def test_code_that_is_not_instrumented(self):
        (self.folder / "plain.cpp").write_text("int main() {}")
        subprocess.run(["clang++-19", "-c", "plain.cpp"], cwd=self.folder, check=True)
        subprocess.run([BIN / "weave-c++", "plain.o", "-o", "plain"], cwd=self.folder, check=True)
        self.expect(self.start(self.folder / "plain", "mode=exhaustive"), "bypassed", 68)

    def test_a_file_that_outlives_an_execution(self):
        program = self.compile("""
            #include <atomic>
            #include <fstream>
            std::atomic<int> n{0};
            int main() {
                int count = 0;
                std::ifstream("count") >> count;
                std::ofstream("count") << count + 1;
                for (int i = 0; i < count; ++i) {
                    ++n;
                }
            }
        """)
        for options in ("executions=3", "mode=exhaustive"):
            (self.folder / "count").unlink(missing_ok=True)
            self.expect(self.start(program, options), "unrepeatable", 67)

    def test_a_finding_that_its_schedule_does_not_repeat(self):
        program = self.compile("""
            #include <cassert>
            #include <fstream>
            int main() {
                int count = 0;
                std::ifstream("count") >> count;
                std::ofstream("count") << count + 1;
                assert(count != 2);
            }
        """)
        text = self.expect(self.start(program, "executions=10"), "unrepeatable", 67)
        self.assertNotIn("reproduce: ", text)

    def test_a_schedule_of_another_program(self):
        lost = COUNT.replace("++n; });", "n = n + 1; });").replace("++n;\n        other", "n = n + 1;\n        other")
        first = self.compile(lost.replace("other.join();", "other.join(); return n - 2;"), "first")
        second = self.compile(COUNT, "second")
        self.expect(self.start(first, "executions=1000"), "exit-status", 66)
        schedule = next(self.folder.glob("*.schedule")).name
        self.expect(self.start(first, f"replay={schedule}"), "exit-status", 66)
        self.expect(self.start(second, f"replay={schedule}"), "wrong-schedule", 64)

    def test_only_a_finding_of_the_mix_says_who_found_it(self):
        lost = self.compile(COUNT.replace("++n", "n = n + 1").replace(
            "other.join();", "other.join(); return n - 2;"))
        found = r" found-by=(random|pct|pos|surw|delay|starve|pctwm) found-after=(\d+)$"
        text = self.expect(self.start(lost, "executions=1000:json=result"), "exit-status", 66)
        by, after = re.search(found, text.splitlines()[-1]).groups()
        result = json.loads((self.folder / "result").read_text())
        self.assertEqual((by, int(after)), (result["found_by"], result["found_after"]))
        # A part of the mix has had no more executions than all of it.
        self.assertLessEqual(int(after), result["executions"])
        schedule = next(self.folder.glob("*.schedule")).name
        for options in ("mode=random", f"replay={schedule}"):
            text = self.expect(self.start(lost, options), "exit-status", 66)
            self.assertNotIn("found-", text.splitlines()[-1])

    def test_the_time_is_over_while_the_program_waits(self):
        program = self.compile("""
            #include <unistd.h>
            int main() {
                int ends[2];
                if (pipe(ends) != 0) {
                    return 1;
                }
                """ + READ + """
            }
        """)
        begin = time.monotonic()
        self.expect(self.start(program, "seconds=1"), "limit", 65)
        self.assertLess(time.monotonic() - begin, 10)

    def test_seconds_alone_are_the_bound(self):
        process = self.start(self.compile(COUNT), "seconds=2")
        text = self.expect(process, "ok", 0)
        self.assertGreater(int(re.search(r"executions=(\d+)", text).group(1)), 10_000)

    def test_an_interrupt_gives_what_is_known(self):
        program = self.compile(COUNT)
        for name, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = self.start(program, "executions=0")
            time.sleep(1)
            process.send_signal(name)
            self.expect(process, "ok", status)

    def test_its_own_status_is_that_of_every_execution(self):
        program = self.compile("int main() { return 3; }")
        self.expect(self.start(program, "executions=3"), "ok", 3)
        self.expect(self.start(program, "executions=3:status=any"), "exit-status", 66)
        self.expect(self.start(program, "executions=3:status=ignore"), "ok", 3)

    def test_suppressed_findings_are_left_out(self):
        program = self.compile("""
            #include <thread>
            int hits = 0;
            int total = 0;
            int* volatile lost = nullptr;
            __attribute__((noinline)) void count_hit() { ++hits; }
            __attribute__((noinline)) void add_total() { ++total; }
            __attribute__((noinline)) void lose() {
                for (int i = 0; i < 3; ++i) {
                    lost = new int(i);
                }
                lost = nullptr;
            }
            int main() {
                std::thread other([] { count_hit(); add_total(); });
                count_hit();
                add_total();
                other.join();
                lose();
            }
        """)
        rules = self.folder / "rules"
        for options in ("executions=50", "mode=exhaustive"):
            rules.write_text("race:no_such_function\n")
            text = self.expect(self.start(program, f"{options}:suppressions=rules"), "data-race", 66)
            self.assertIn("in count_hit()", text)
            rules.write_text("# known\nrace:^count_hit\n")
            text = self.expect(self.start(program, f"{options}:suppressions=rules"), "data-race", 66)
            self.assertIn("in add_total()", text)
            self.assertIn("reproduce: WEAVE_OPTIONS=suppressions=rules:replay=", text)
            rules.write_text("race:^count_hit\nrace_top:add_*al\n")
            self.expect(self.start(program, f"{options}:suppressions=rules"), "leak", 66)
            rules.write_text("race:^count_hit\nrace_top:add_*al\nleak:lose\n")
            process = self.start(program, f"{options}:suppressions=rules")
            self.assertRegex(process.communicate(timeout=60)[1].splitlines()[-1], "^weave: ok ")
        rules.write_text("races:f\n")
        self.assertEqual(self.start(program, "suppressions=rules").wait(60), 2)

    def report(self, text: str, options: str = "executions=1000") -> str:
        return self.start(self.compile(text), options).communicate(timeout=60)[1]

    def test_a_report_names_the_places_of_the_program(self):
        source = Path(__file__).with_name("last_call_frees.cpp").read_text()
        report = self.report(source)
        self.assertRegex(report, "(?m)^  thread 1: free at step [0-9]+, .*program.cpp:9 in main")
        self.assertRegex(report, r"(?m)^ +[0-9]+ \| plain read +\|.*\| program.cpp:10$")

    def test_a_report_has_a_stack_for_each_thread_of_a_deadlock(self):
        report = self.report("""
            #include <mutex>
            #include <thread>
            std::mutex first, second;
            void take(std::mutex& a, std::mutex& b) { a.lock(); b.lock(); b.unlock(); a.unlock(); }
            __attribute__((noinline)) void forward() { take(first, second); }
            __attribute__((noinline)) void back() { take(second, first); }
            int main() {
                std::thread other(back);
                forward();
                other.join();
            }
        """)
        self.assertRegex(report, r"  thread 0 waits for m2 at .*\n(    .*\n)*    .* in forward\(\)\n")
        self.assertRegex(report, r"  thread 1 waits for m1 at .*\n(    .*\n)*    .* in back\(\)\n")
        self.assertIn("  m1: mutex first\n", report)

    def test_a_report_has_the_place_of_a_throw(self):
        report = self.report("""
            #include <stdexcept>
            #include <thread>
            __attribute__((noinline)) void check(int n) {
                if (n > 0) {
                    throw std::out_of_range("too far");
                }
            }
            int main() { std::jthread other([] { check(1); }); }
        """)
        self.assertRegex(report, r"  thread 1 at step [0-9]+, .*program.cpp:6 in check\(int\)")

    def test_a_report_shows_waits_wake_ups_and_fences(self):
        report = self.report("""
            #include <atomic>
            #include <semaphore>
            #include <thread>
            std::binary_semaphore gate(0);
            std::atomic<int> turn{0};
            int main() {
                std::thread other([] {
                    turn.wait(0);
                    std::atomic_thread_fence(std::memory_order_acquire);
                    gate.acquire();
                });
                turn = 1;
                turn.notify_one();
                other.join();
            }
        """, "executions=1000:seed=3")
        self.assertIn("weave: deadlock ", report)
        self.assertRegex(report, r"\| fence acquire +\| program.cpp:10\n")
        self.assertRegex(report, r"\| wait m1 ")
        self.assertIn("  m1: atomic wait ", report)
        self.assertRegex(report, r"  a[0-9]+: turn\n")

    def test_memory_stays_flat(self):
        program = self.compile("""
            #include <atomic>
            #include <cstdint>
            #include <sys/mman.h>
            #include <thread>
            #include <x86intrin.h>
            std::atomic<int> n{0};
            int main() {
                // Memory at another place in each execution.
                const size_t size = 16 * 4096;
                const uintptr_t place = 0x100000000000 + __rdtsc() % (1 << 20) * (1 << 20);
                void* const pages = mmap(reinterpret_cast<void*>(place), size,
                                         PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                for (size_t at = 0; at < size; at += 4096) {
                    static_cast<char*>(pages)[at] = 1;
                }
                std::thread other([] { ++n; });
                other.join();
                munmap(pages, size);
            }
        """)
        sizes = []
        for executions in (1_000, 20_000):
            process = self.start(program, f"executions={executions}")
            text = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            self.assertEqual(status, 0, text)
            sizes.append(usage.ru_maxrss)
        self.assertLess(sizes[1], sizes[0] * 1.5)


if __name__ == "__main__":
    unittest.main()
