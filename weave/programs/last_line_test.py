"""What weave says when it cannot say `ok`: each end has its own last line and exit status.

    last_line_test.py FOLDER    FOLDER has the programs of last_line/ as last_line_NAME, and those
                                of this folder as program_NAME_cpp
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAMS = Path(sys.argv.pop()).resolve()


def wait_until_exploring(process: subprocess.Popen) -> None:
    """Waits until the supervisor has started the process that explores; it is ready for signals
    by then."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None and not children.read_text():
        time.sleep(0.01)


class LastLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, name: str, options: str) -> subprocess.Popen:
        program = next(path for path in (PROGRAMS / f"last_line_{name}",
                                         PROGRAMS / f"program_{name}_cpp",
                                         PROGRAMS / f"program_{name}_c") if path.exists())
        return subprocess.Popen([program],
                                env={**os.environ, "WEAVE_OPTIONS": options}, cwd=self.folder,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def expect(self, process: subprocess.Popen, verdict: str, status: int) -> str:
        """Demands the end of a search. Returns all that it printed."""
        text = process.communicate(timeout=600)[1]
        self.assertRegex(text.splitlines()[-1],
                         rf"^weave: {verdict} executions=\d+ complete=no seconds=[\d.]+ optimised=(?:yes|no)"
                         r"(?: blocked=\d+)?"
                         r"(?: found-by=[a-z]+ found-after=\d+)?$")
        self.assertEqual(process.returncode, status, text)
        return text

    def test_a_program_that_ends_the_process(self):
        self.expect(self.start("ends_the_process", "mode=exhaustive"), "process-ended", 69)

    def test_a_check_of_weave_that_fails(self):
        text = self.expect(self.start("explores_inside", "mode=exhaustive"), "internal-error", 70)
        self.assertIn("weave: internal error: ", text)

    def test_code_that_is_not_instrumented(self):
        self.expect(self.start("not_instrumented", "mode=exhaustive"), "bypassed", 68)

    def test_one_file_that_is_not_instrumented(self):
        text = self.expect(self.start("calls_past_weave", "mode=random"), "bypassed", 68)
        self.assertIn("add_past_weave(std::atomic<int>&), which has an atomic instruction, "
                      "was not compiled with weave's flags", text)
        text = self.expect(self.start("calls_past_weave", "mode=random:uninstrumented=ignore"), "ok", 0)

    def test_functions_that_reach_memory_by_pointers_only(self):
        process = self.start("calls_by_pointer", "executions=10")
        text = process.communicate(timeout=600)[1]
        self.assertEqual(process.returncode, 0, text)
        named = re.findall(r"^weave: not seen: what (.*) reads and writes, which was not compiled",
                           text, re.MULTILINE)
        self.assertEqual(sorted(named), ["add_by_pointer(int*)", "add_in_assembly()"], text)

    def test_functions_that_weave_does_not_see(self):
        process = self.start("calls_unseen", "executions=10")
        text = process.communicate(timeout=600)[1]
        self.assertEqual(process.returncode, 0, text)
        lines = [line for line in text.splitlines() if line.startswith("weave: not seen: ")]
        self.assertEqual(len(lines), 2, text)
        self.assertRegex(lines[0], r"what wcscpy\(\) .* at .*calls_unseen.cpp:\d+ in main")
        self.assertRegex(lines[1], r"what wcstombs\(\) .* at .*calls_unseen.cpp:18 in main")
        process = self.start("calls_unseen", "executions=10:unseen=ignore")
        self.assertNotIn("not seen", process.communicate(timeout=600)[1])

    def test_a_file_that_outlives_an_execution(self):
        for options in ("executions=3", "mode=exhaustive"):
            (self.folder / "count").unlink(missing_ok=True)
            self.expect(self.start("file_outlives_execution", options), "unrepeatable", 67)

    def test_a_file_that_matters_to_one_execution(self):
        text = self.expect(self.start("file_matters_once", "mode=random:executions=100"), "unrepeatable", 67)
        self.assertIn("the choices of execution 3 do not give it again", text)

    def test_the_place_of_inline_assembly(self):
        text = self.expect(self.start("inline_assembly_atomic", "mode=random"), "unsupported", 65)
        self.assertRegex(text, r"unsupported: an atomic operation in inline assembly.*\n"
                               r" *thread 0 at step 0, .*inline_assembly_atomic.c:7 in add")

    def test_a_finding_that_its_schedule_does_not_repeat(self):
        text = self.expect(self.start("fails_the_third_time", "executions=10"), "unrepeatable", 67)
        self.assertNotIn("reproduce: ", text)

    def test_a_schedule_of_another_program(self):
        self.expect(self.start("loses_a_count", "executions=1000"), "exit-status", 66)
        schedule = next(self.folder.glob("*.schedule")).name
        self.expect(self.start("loses_a_count", f"replay={schedule}"), "exit-status", 66)
        self.expect(self.start("counts_with_two_threads", f"replay={schedule}"), "wrong-schedule", 64)

    def test_only_a_finding_of_the_mix_says_who_found_it(self):
        found = r" found-by=(random|pct|pos|surw|delay|starve|pctwm) found-after=(\d+)$"
        text = self.expect(self.start("loses_a_count", "executions=1000:json=result"), "exit-status", 66)
        by, after = re.search(found, text.splitlines()[-1]).groups()
        result = json.loads((self.folder / "result").read_text())
        self.assertEqual((by, int(after)), (result["found_by"], result["found_after"]))
        # A part of the mix has had no more executions than all of it.
        self.assertLessEqual(int(after), result["executions"])
        schedule = next(self.folder.glob("*.schedule")).name
        for options in ("mode=random", f"replay={schedule}"):
            text = self.expect(self.start("loses_a_count", options), "exit-status", 66)
            self.assertNotIn("found-", text.splitlines()[-1])

    def test_the_time_is_over_while_the_program_waits(self):
        self.expect(self.start("waits_in_the_system", "seconds=1"), "limit", 65)

    def test_a_search_continues_after_a_loop_that_lets_no_thread_run(self):
        text = self.expect(self.start("awaits_a_plain_flag", "executions=50"), "data-race", 66)
        self.assertIn("FINDING data-race", text)

    def test_seconds_alone_are_the_bound(self):
        executions, seconds = 0, 1
        while executions <= 10_000:
            seconds *= 2
            self.assertLess(seconds, 600, "more time gives no more executions")
            text = self.expect(self.start("counts_with_two_threads", f"seconds={seconds}"), "ok", 0)
            executions = int(re.search(r"executions=(\d+)", text).group(1))

    def test_an_interrupt_gives_what_is_known(self):
        for name, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = self.start("counts_with_two_threads", "executions=0")
            wait_until_exploring(process)
            process.send_signal(name)
            self.expect(process, "ok", status)

    def test_its_own_status_is_that_of_every_execution(self):
        self.expect(self.start("returns_three", "executions=3"), "ok", 3)
        self.expect(self.start("returns_three", "executions=3:status=any"), "exit-status", 66)
        self.expect(self.start("returns_three", "executions=3:status=ignore"), "ok", 3)

    def test_suppressed_findings_are_left_out(self):
        rules = self.folder / "rules"
        for options in ("executions=50", "mode=exhaustive"):
            rules.write_text("race:no_such_function\n")
            text = self.expect(self.start("two_races_and_a_leak", f"{options}:suppressions=rules"), "data-race", 66)
            self.assertIn("in count_hit()", text)
            rules.write_text("# known\nrace:^count_hit\n")
            text = self.expect(self.start("two_races_and_a_leak", f"{options}:suppressions=rules"), "data-race", 66)
            self.assertIn("in add_total()", text)
            self.assertIn("reproduce: WEAVE_OPTIONS=suppressions=rules:replay=", text)
            rules.write_text("race:^count_hit\nrace_top:add_*al\n")
            self.expect(self.start("two_races_and_a_leak", f"{options}:suppressions=rules"), "leak", 66)
            rules.write_text("race:^count_hit\nrace_top:add_*al\nleak:lose\n")
            process = self.start("two_races_and_a_leak", f"{options}:suppressions=rules")
            self.assertRegex(process.communicate(timeout=600)[1].splitlines()[-1], "^weave: ok ")
        rules.write_text("races:f\n")
        self.assertEqual(self.start("two_races_and_a_leak", "suppressions=rules").wait(600), 2)

    def report(self, name: str, options: str = "executions=1000") -> str:
        return self.start(name, options).communicate(timeout=600)[1]

    def test_a_report_names_the_places_of_the_program(self):
        report = self.report("last_call_frees")
        self.assertRegex(report, "(?m)^  thread 1: free at step [0-9]+, .*last_call_frees.cpp:9 in main")
        self.assertRegex(report, r"(?m)^ +[0-9]+ \| plain read +\|.*\| last_call_frees.cpp:10$")

    def test_a_report_has_a_stack_for_each_thread_of_a_deadlock(self):
        report = self.report("locks_in_two_orders")
        self.assertRegex(report, r"  thread 0 waits for m2 at .*\n(    .*\n)*    .* in forward\(\)\n")
        self.assertRegex(report, r"  thread 1 waits for m1 at .*\n(    .*\n)*    .* in back\(\)\n")
        self.assertIn("  m1: mutex first\n", report)

    def test_a_report_has_the_place_of_a_throw(self):
        report = self.report("throws_in_a_thread")
        self.assertRegex(report, r"  thread 1 at step [0-9]+, .*throws_in_a_thread.cpp:7 in check\(int\)")

    def test_a_report_shows_waits_wake_ups_and_fences(self):
        report = self.report("waits_fences_and_stops", "mode=random:executions=1000:seed=3")
        self.assertIn("weave: deadlock ", report)
        self.assertRegex(report, r"\| fence acquire +\| waits_fences_and_stops.cpp:12\n")
        self.assertRegex(report, r"\| wait m1 ")
        self.assertIn("  m1: atomic wait ", report)
        self.assertRegex(report, r"  a[0-9]+: turn\n")

    def test_a_report_shows_barriers_semaphores_onces_and_signals(self):
        report = self.report("meets_at_a_barrier")
        self.assertIn("weave: deadlock ", report)
        for words in (r"call once m\d+", r"once m\d+ done", r"arrive at m\d+, number 1",
                      r"arrive at m\d+, number 2", r"post m\d+, now 1", r"take m\d+, now 0",
                      "signal 10 to thread 1", "handle signal 10"):
            self.assertRegex(report, r"\| " + words + r" +\|")

    def test_memory_stays_flat(self):
        sizes = []
        for executions in (1_000, 5_000):
            process = self.start("maps_memory_anywhere", f"executions={executions}")
            text = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            self.assertEqual(status, 0, text)
            sizes.append(usage.ru_maxrss)
        self.assertLess(sizes[1], sizes[0] * 1.1)


if __name__ == "__main__":
    unittest.main()
