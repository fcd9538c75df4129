"""A stand-in checkout whose nightly jobs are small programs that misbehave as a test wants.

`jobs/NAME.py` of the stand-in is a job. It gets the file for its results; what it prints and how it
ends is judged as for any program. A job that waits is late soon. A night has so much time that a
busy machine does not matter; what must not fit needs more than that.
"""

import json
import textwrap
from pathlib import Path

from support import StandIn, StandInCase

HOURS = "2"
OTHER_HOURS = "1"

REGISTRY = """
    import sys
    from dataclasses import replace

    from commands.kit import project
    from commands.nightly.job import Harvest, Job, Speed, died, problem_of

    WEIGHTS = {"fake": 1}
    # In the name of a job whose findings are repeated.
    AGAIN = "race"
    # In the name of a job that is ended soon after its time.
    SOON = "hang"
    # In the name of a job that needs more time than a test's night has.
    LONG = "long"


    class Fake(Job):
        seconds_min = seconds_max = 1
        extra_seconds = 0
        late_seconds = 0.2
        overtime_seconds = 10_000

        def __init__(self, name):
            super().__init__("fake", name, name)
            self.overtime_seconds = 0.4 if SOON in name else Fake.overtime_seconds
            self.seconds_min = self.seconds_max = 100_000 if LONG in name else 1

        def command(self, work):
            program = project.ROOT / "jobs" / f"{self.target}.py"
            return [sys.executable, "-IS", program, work.results]

        def reproduce(self, work):
            return f"python3 jobs/{self.target}.py"

        def harvest(self, work, outcome, seconds):
            again = list(map(str, self.command(work))) if AGAIN in self.target else None
            found = [replace(finding, again=again) for finding in died(self, work, outcome)]
            if not found and outcome.status:
                return Harvest(problem=problem_of(outcome))
            speed = float(work.results.read_text()) if work.results.exists() else 100.0
            return Harvest(found, {"speed": speed}, speed=Speed(speed, "things/s"))


    def all_jobs():
        names = sorted(path.stem for path in (project.ROOT / "jobs").glob("*.py"))
        return [Fake(name) for name in names]


    def weights_of(jobs):
        return {job.name: 1 / len(jobs) for job in jobs}
"""

CRASHES = """
    import os, signal
    print("<script>alert('&')</script> \\x01 before the end", flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)
"""
HANGS = """
    import subprocess, sys
    subprocess.run([sys.executable, "-IS", "-c", "import time; time.sleep(600)"])
"""
# Races in every second run.
RACES = """
    import pathlib, sys
    runs = pathlib.Path(__file__).with_suffix(".runs")
    number = int(runs.read_text()) if runs.exists() else 0
    runs.write_text(str(number + 1))
    if number % 2 == 0:
        print("WARNING: ThreadSanitizer: data race (pid=1)")
        print("SUMMARY: ThreadSanitizer: data race src/a.h:3 in push")
        sys.exit(66)
"""
# Ends itself like a watchdog, as soon as its stacks are saved.
LATE = """
    import pathlib, sys, time
    while not pathlib.Path(sys.argv[1]).with_name("stacks.txt").exists():
        time.sleep(0.01)
    print("FINDING late: hang: no thread moved", flush=True)
    sys.exit(1)
"""
BREAKS = 'import sys; print("no such thing"); sys.exit(3)'
CALM = ""


class Nights(StandIn):
    """A stand-in checkout whose night has the jobs that a test adds by name."""

    def __init__(self) -> None:
        super().__init__()
        self.write("commands/nightly/registry.py", textwrap.dedent(REGISTRY).encode())

    def job(self, name: str, program: str) -> None:
        self.write(f"jobs/{name}.py", textwrap.dedent(program).encode())

    def folders(self) -> list[Path]:
        """The folders of the nights, the oldest first."""
        return sorted(path for path in (self.root / "nights").iterdir() if path.is_dir())

    def results(self) -> dict:
        """The results of the last night."""
        return json.loads((self.folders()[-1] / "results.json").read_text())

    def report(self) -> str:
        return (self.folders()[-1] / "report.html").read_text()


class NightCase(StandInCase):
    """A test with a stand-in of this kind."""

    def setUp(self) -> None:
        self.checkout = Nights()
        self.addCleanup(self.checkout.remove)

    def run_night(self, status: int, *options: str):
        result = self.checkout.run("nightly", "--hours", HOURS, *options)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result
