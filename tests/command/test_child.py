"""No program that the command starts outlives it, nor do the programs that this one started."""

import os
import signal
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from support import wait_until
from commands.kit import child
from commands.kit.child import Child

# Starts another program, prints its id, and ignores every request to end.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen(["sleep", "60"])
print(grandchild.pid, flush=True)
time.sleep(60)
"""


def is_running(process: int) -> bool:
    """False for a program that has ended, even if its status was not read yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends_soon(process: int) -> bool:
    """Waits, since a killed program ends when the kernel schedules it for the last time."""
    return wait_until(lambda: not is_running(process))


class End(unittest.TestCase):
    def setUp(self) -> None:
        self.addCleanup(setattr, child, "END_GRACE_SECONDS", child.END_GRACE_SECONDS)
        child.END_GRACE_SECONDS = 0.1

    def test_a_stubborn_child_is_ended_with_all_that_it_started(self):
        with tempfile.NamedTemporaryFile() as log:
            started = Child([sys.executable, "-c", STUBBORN], log)
            printed = wait_until(lambda: Path(log.name).read_text().strip())
            self.assertTrue(is_running(int(printed)))
            child.end_all()
        self.assertIsNotNone(started.status)
        self.assertTrue(ends_soon(int(printed)))

    def test_a_child_that_another_thread_has_waited_for_is_ended_too(self):
        is_zombie = Child._is_zombie

        def is_zombie_after_the_other(started: Child) -> bool:
            started._process.wait()
            return is_zombie(started)

        started = Child(["sleep", "60"])
        with mock.patch.object(Child, "_is_zombie", is_zombie_after_the_other):
            child.end_all()
        self.assertEqual(started.status, -signal.SIGTERM)

    def test_a_time_limit_ends_the_child_and_keeps_what_it_printed(self):
        with tempfile.TemporaryDirectory() as folder:
            printed = Path(folder) / "printed"
            wait = Child.wait

            def wait_and_lose(started: Child, seconds_max: float | None = None) -> bool:
                """The limit comes after the program has printed, however slow the machine is."""
                wait_until(printed.exists)
                return wait(started, seconds_max)

            with mock.patch.object(Child, "wait", wait_and_lose):
                outcome = child.run(["sh", "-c", f"echo before; touch {printed}; sleep 600"],
                                    seconds_max=0.1)
        self.assertTrue(outcome.timed_out)
        self.assertEqual(outcome.output, "before\n")


# Leaves a program that runs for a fifth of a processor second.
LEAVES_ONE = """
import os, time
left = os.fork()
if left == 0:
    while time.process_time() < 0.2:
        pass
else:
    print(left)
"""


class CpuSeconds(unittest.TestCase):
    def test_what_a_child_leaves_running_counts(self):
        before = child.cpu_seconds_of_children()
        with tempfile.NamedTemporaryFile() as log:
            Child([sys.executable, "-c", LEAVES_ONE], log).wait()
            left = int(Path(log.name).read_text())
        self.assertTrue(ends_soon(left))
        self.assertGreater(child.cpu_seconds_of_children() - before, 0.15)


class Environment(unittest.TestCase):
    def test_what_the_user_has_set_comes_last_and_so_wins(self):
        self.addCleanup(os.environ.pop, "TSAN_OPTIONS", None)
        os.environ["TSAN_OPTIONS"] = "history_size=2"
        self.assertEqual(child.sanitizer_options(TSAN_OPTIONS="history_size=7"),
                         {"TSAN_OPTIONS": "history_size=7:history_size=2"})


if __name__ == "__main__":
    unittest.main()
