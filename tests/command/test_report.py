"""Verdicts from real output of oracles, sanitizers and libFuzzer."""

import unittest

import support  # noqa: F401, puts the checkout on the module path
from commands.kit import report
from commands.kit.child import Outcome

ORACLE_UNDER_LIBFUZZER = """\
FINDING mailbox_step: lost: message 3 was pushed and never popped
  capacity 4
input: corpus/mailbox_step/gap-1
==4719== ERROR: libFuzzer: deadly signal
SUMMARY: libFuzzer: deadly signal
"""
ASSERTION_UNDER_LIBFUZZER = """\
../../src/runtime/mailbox.h:226: assertion failed: taken <= max; taken = 3, max = 2
==4719== ERROR: libFuzzer: deadly signal
SUMMARY: libFuzzer: deadly signal
"""
ADDRESS = """\
==4653==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x502000000094 at pc 0x5563521ce62f
READ of size 1 at 0x502000000094 thread T0
SUMMARY: AddressSanitizer: heap-buffer-overflow /src/fuzz/canary.cpp:11:54 in LLVMFuzzerTestOneInput
"""
LEAK = """\
==4671==ERROR: LeakSanitizer: detected memory leaks
Direct leak of 33 byte(s) in 1 object(s) allocated from:
SUMMARY: AddressSanitizer: 33 byte(s) leaked in 1 allocation(s).
"""
UNDEFINED = """\
/src/a.cpp:12:43: runtime error: {}
SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior /src/a.cpp:12:43
"""
RACE = """\
WARNING: ThreadSanitizer: data race (pid=4663)
  Write of size 4 at 0x5636f9f75b6c by main thread:
SUMMARY: ThreadSanitizer: data race fuzz/canary.cpp:14:63 in LLVMFuzzerTestOneInput
"""
DEADLOCK = "SUMMARY: ThreadSanitizer: lock-order-inversion (potential deadlock) /src/a.cpp:3 in f\n"
NO_SYMBOLS = "SUMMARY: ThreadSanitizer: data race (/src/build/tsan/bin/canary+0x121412) in main\n"
TIMEOUT = "==1== ERROR: libFuzzer: timeout after 20 seconds\nSUMMARY: libFuzzer: timeout\n"
OUT_OF_MEMORY = "SUMMARY: libFuzzer: out-of-memory\n"
MEMORY_LIMIT = "==1==AddressSanitizer: hard rss limit exhausted (2048Mb vs 2079Mb)\n"


class Verdicts(unittest.TestCase):
    def assert_verdict(self, text: str, verdict: str) -> None:
        self.assertEqual(report.of_text(text).verdict, verdict)

    def test_an_oracle_comes_before_the_abort_that_follows_it(self):
        found = report.of_text(ORACLE_UNDER_LIBFUZZER)
        self.assertEqual(found.verdict, "lost")
        self.assertEqual(found.sentence, "message 3 was pushed and never popped")

    def test_a_failed_assertion_is_told_apart_by_its_place(self):
        found = report.of_text(ASSERTION_UNDER_LIBFUZZER)
        self.assertEqual(found.verdict, "assertion")
        self.assertEqual(found.sentence, "taken <= max; taken = 3, max = 2")
        self.assertEqual(found.identity, "assertion ../../src/runtime/mailbox.h:226")

    def test_sanitizers(self):
        self.assert_verdict(ADDRESS, "heap-buffer-overflow")
        self.assert_verdict(LEAK, "leak")
        self.assert_verdict(RACE, "data-race")
        self.assert_verdict(DEADLOCK, "lock-order-inversion")
        self.assert_verdict(NO_SYMBOLS, "data-race")
        self.assert_verdict(MEMORY_LIMIT, "out-of-memory")

    def test_libfuzzer(self):
        self.assert_verdict(TIMEOUT, "timeout")
        self.assert_verdict(OUT_OF_MEMORY, "out-of-memory")
        self.assert_verdict("SUMMARY: libFuzzer: deadly signal\n", "crash")

    def test_undefined_behaviour_is_named_without_the_values(self):
        kinds = {
            "signed integer overflow: 2147483647 + 4 cannot be represented in type 'int'":
                "signed integer overflow",
            "shift exponent 40 is too large for 32-bit type 'int'":
                "shift exponent is too large for 32-bit",
            "index 5 out of bounds for type 'int [4]'": "index out of bounds",
            "load of misaligned address 0x7f01 for type 'int', which requires 4 byte alignment":
                "load of misaligned address",
            "division by zero": "division by zero",
            "load of value 7, which is not a valid value for type 'bool'": "load of value",
        }
        for message, kind in kinds.items():
            self.assert_verdict(UNDEFINED.format(message), f"undefined-behaviour: {kind}")

    def test_output_without_a_report_has_no_verdict(self):
        self.assertIsNone(report.of_text("demo: 3 inputs, no finding\n"))

    def test_one_fault_at_other_addresses_is_the_same_fault(self):
        again = ADDRESS.replace("0x502000000094", "0x502000000777")
        self.assertEqual(report.of_text(ADDRESS).identity, report.of_text(again).identity)
        self.assertNotEqual(report.of_text(ADDRESS).identity, report.of_text(RACE).identity)


class Outcomes(unittest.TestCase):
    def test_success_has_no_report(self):
        self.assertIsNone(report.of_outcome(Outcome(0, "")))

    def test_a_signal_without_a_report_is_a_crash(self):
        found = report.of_outcome(Outcome(-11, ""))
        self.assertEqual((found.verdict, found.sentence), ("crash", "ended by SIGSEGV"))

    def test_time_up_is_a_timeout(self):
        self.assertEqual(report.of_outcome(Outcome(-9, "", timed_out=True)).verdict, "timeout")

    def test_an_ordinary_error_status_is_not_a_finding(self):
        self.assertIsNone(report.of_outcome(Outcome(2, "demo: no inputs in /x\n")))

    def test_the_running_input_is_named(self):
        named = report.current_input(ORACLE_UNDER_LIBFUZZER)
        self.assertEqual(named, "corpus/mailbox_step/gap-1")
        self.assertIsNone(report.current_input(ADDRESS))


if __name__ == "__main__":
    unittest.main()
