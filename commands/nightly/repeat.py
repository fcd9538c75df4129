"""How often a finding shows again: k of 20 runs with the same input or seed.

A race depends on timing, so one run more or less says little. A run counts when it ends with the
same verdict. The whole is bounded in time, and then says of how many runs it speaks.
"""

import time

from commands import child, report
from commands.console import Progress
from commands.nightly.night import Night
from commands.replay import memory_limits

RUNS = 20
RUN_SECONDS_MAX = 60
SECONDS_MAX = 300


def repeat_all(night: Night, job: str) -> None:
    """Repeats the job's findings that can be and have not been, each stored when it is done."""
    for stored in night.findings():
        if job in stored["jobs"] and stored["again"] and stored["repeated"] is None:
            stored["repeated"] = _repeat(stored)
            night.update(stored)


def _repeat(stored: dict) -> dict:
    progress = Progress()
    deadline = time.monotonic() + SECONDS_MAX
    failed = runs = 0
    while runs < RUNS and time.monotonic() < deadline:
        progress.show(f"repeating {stored['id']}: {failed} of {runs}")
        outcome = child.run(stored["again"], RUN_SECONDS_MAX, memory_limits())
        seen = report.of_outcome(outcome)
        failed += seen is not None and seen.verdict == stored["verdict"]
        runs += 1
    progress.clear()
    return {"failed": failed, "runs": runs}


def shown(stored: dict) -> str:
    """'17 of 20', or nothing for one that was not repeated."""
    repeated = stored["repeated"]
    return f"{repeated['failed']} of {repeated['runs']}" if repeated else ""
