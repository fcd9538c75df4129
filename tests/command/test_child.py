"""No program that the command starts outlives it, nor does what that program started."""

import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

import support  # noqa: F401, puts the checkout on the module path
from commands.kit import child
from commands.kit.child import Child

END_SECONDS_MAX = 20

# Starts a program of its own, says which, and ignores every request to end.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen(["sleep", "60"])
print(grandchild.pid, flush=True)
time.sleep(60)
"""


def is_running(process: int) -> bool:
    """A program that has ended but whose status nobody has read yet counts as ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends_soon(process: int) -> bool:
    """A killed program is gone once the kernel has scheduled it for the last time."""
    deadline = time.monotonic() + END_SECONDS_MAX
    while is_running(process) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_running(process)


class End(unittest.TestCase):
    def setUp(self) -> None:
        self.addCleanup(setattr, child, "END_GRACE_SECONDS", child.END_GRACE_SECONDS)
        child.END_GRACE_SECONDS = 0.1

    def test_a_stubborn_child_is_ended_with_all_that_it_started(self):
        with tempfile.NamedTemporaryFile() as log:
            started = Child([sys.executable, "-c", STUBBORN], log)
            while not (printed := Path(log.name).read_text().strip()):
                time.sleep(0.01)
            self.assertTrue(is_running(int(printed)))
            child.end_all()
        self.assertIsNotNone(started.status)
        self.assertTrue(ends_soon(int(printed)))

    def test_a_time_limit_ends_the_child_and_keeps_what_it_printed(self):
        outcome = child.run(["sh", "-c", "echo before; sleep 60"], seconds_max=0.3)
        self.assertTrue(outcome.timed_out)
        self.assertEqual(outcome.output, "before\n")


class Environment(unittest.TestCase):
    def test_what_the_user_has_set_comes_last_and_so_wins(self):
        self.addCleanup(os.environ.pop, "TSAN_OPTIONS", None)
        os.environ["TSAN_OPTIONS"] = "history_size=2"
        self.assertEqual(child.sanitizer_options(TSAN_OPTIONS="history_size=7"),
                         {"TSAN_OPTIONS": "history_size=7:history_size=2"})


if __name__ == "__main__":
    unittest.main()
