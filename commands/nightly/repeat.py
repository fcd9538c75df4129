"""Counts how often a finding shows again: k of 20 runs with the same input or seed.

A race depends on timing, so one run says little. A run counts if it ends with the same verdict. All
runs together are bounded in time, and the result says how many there were.
"""

import time

from commands.kit import child, report
from commands.kit.console import Progress
from commands.kit.replay import memory_limits
from commands.nightly.night import Night

RUNS = 20
RUN_SECONDS_MAX = 60
SECONDS_MAX = 300
NONE_YET = {"failed": 0, "runs": 0, "done": False}


def repeat_all(night: Night) -> None:
    """Repeats each finding that can be repeated until it has had its runs; an interrupted count is
    continued."""
    for stored in night.findings():
        if stored["again"] and not (stored["repeated"] or NONE_YET)["done"]:
            _repeat(night, stored)


def _repeat(night: Night, stored: dict) -> None:
    progress = Progress()
    deadline = time.monotonic() + SECONDS_MAX
    counts = stored["repeated"] = dict(stored["repeated"] or NONE_YET)
    while not counts["done"]:
        progress.show(f"repeating {stored['id']}: {counts['failed']} of {counts['runs']}")
        outcome = child.run(stored["again"], RUN_SECONDS_MAX, memory_limits())
        seen = report.of_outcome(outcome)
        counts["failed"] += seen is not None and seen.verdict == stored["verdict"]
        counts["runs"] += 1
        counts["done"] = counts["runs"] >= RUNS or time.monotonic() > deadline
        night.update(stored)
    progress.clear()


def shown(stored: dict) -> str:
    """'17 of 20'; empty for a finding that was not repeated."""
    repeated = stored["repeated"]
    return f"{repeated['failed']} of {repeated['runs']}" if repeated else ""
