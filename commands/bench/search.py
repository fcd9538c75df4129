"""`mailproof bench weave --only search`: how large and how fast weave's exhaustive search is.

Each case is a search that ends. Its number of executions is the same each time; the seconds and the
executions per second of processor time are medians over the rounds, with their quartiles.
"""

import json
import re
from dataclasses import dataclass

from commands.bench.spread import Spread
from commands.kit import build, child, jsonfile, project
from commands.kit.console import EXIT_OK, CommandError, Progress, count, format_table, say

PRESET = "dev"
PROGRAM = "bench_search"
ROUNDS_DEFAULT = 5
RUN_SECONDS_MAX = 1800
CASES = ["ring 2 1", "ring 2 2", "ring 3 1", "ring 2 3", "drain 2 1", "drain 2 2", "drain 3 1"]
TABLE_HEADER = ["search", "executions", "seconds (quartiles)", "executions/s (quartiles)"]
LAST_LINE = re.compile(r"^weave: ok executions=(\d+) complete=yes ", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """One search of a case."""

    executions: int
    cpu_seconds: float


def run(options) -> int:
    jsonfile.check(options.json)
    build.build(PRESET, [PROGRAM])
    rounds = options.rounds or ROUNDS_DEFAULT
    summary = summarize(measure(rounds))
    say(format_table(TABLE_HEADER, table(summary)))
    say(f"{count(rounds, 'round')} on {project.machine()}")
    jsonfile.write(options.json, summary)
    return EXIT_OK


def measure(rounds: int) -> dict[str, list[Run]]:
    """The runs of each case."""
    results: dict[str, list[Run]] = {case: [] for case in CASES}
    progress = Progress()
    for number in range(rounds):
        for case in CASES:
            progress.show(f"round {number + 1} of {rounds}: {case}")
            results[case].append(_run(case))
    progress.clear()
    return results


def _run(case: str) -> Run:
    before = child.cpu_seconds_of_children()
    outcome = child.run([project.BUILD / PRESET / "bin" / PROGRAM, *case.split()], RUN_SECONDS_MAX,
                        {"WEAVE_OPTIONS": "mode=exhaustive:executions=0:progress=0"})
    seconds = child.cpu_seconds_of_children() - before
    last = LAST_LINE.search(outcome.output)
    if outcome.timed_out or outcome.status != 0 or last is None:
        raise CommandError(f"{PROGRAM} {case} ended with status {outcome.status}: "
                           f"{outcome.output.strip()[-500:]}")
    return Run(int(last[1]), seconds)


def summarize(results: dict[str, list[Run]]) -> dict:
    """The content of --json. Fails if a search has not always had as many executions."""
    summary = {}
    for case, runs in results.items():
        sizes = {one.executions for one in runs}
        if len(sizes) != 1:
            raise CommandError(f"{case}: {json.dumps(sorted(sizes))} executions in different rounds")
        summary[case] = {
            "executions": sizes.pop(),
            "seconds": Spread.of([one.cpu_seconds for one in runs]).as_list(),
            "executions_per_second":
                Spread.of([one.executions / one.cpu_seconds for one in runs]).as_list()}
    return {"searches": summary}


def table(summary: dict) -> list[list[str]]:
    """A row for each case."""
    rows = []
    for case, seen in summary["searches"].items():
        low, median, high = seen["executions_per_second"]
        rows.append([case, f"{seen['executions']:,}", str(Spread(*seen["seconds"])),
                     f"{median:,.0f} ({low:,.0f} to {high:,.0f})"])
    return rows
