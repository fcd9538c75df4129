"""`mailproof stress`: jobs on real threads, each for some seconds, in the plain build or under a
sanitizer.

A job is a file of stress/; its stem is its name. All are in one program, which runs one job a
process: it ends at the first finding, and so that memory at start and end is the job's own.
"""

import json
import random
import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path

from commands import build, child, jsonfile, project, report, setup
from commands.child import Outcome
from commands.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, count, format_table,
                              say)

PROGRAM = "stress"
SECONDS_DEFAULT = 3
# What the program allows itself beyond its time before its own watchdog ends it, and some more.
OVERTIME_SECONDS_MAX = 60
OUTPUT_LINES_MAX = 60

PRESETS = {"plain": "release", "tsan": "stress-tsan", "asan": "stress-asan"}
BUILD_DEFAULT = "plain"

# What a job's own checks can say: the Verdict of stress/support/verdict.h.
JOB_VERDICTS = frozenset({
    "ok", "lost", "duplicated", "reordered", "torn", "invented", "overfull", "refused-with-room",
    "passed-a-gap", "held-twice", "completed-early", "completed-twice", "never-completed",
    "wrong-error", "went-on-after-error", "not-retired", "left-over", "denied-pending", "unreached",
    "hang"})
# What else can end a run: the sanitizers' words, and ours for the rest.
TOOL_VERDICTS = frozenset({
    "assertion", "data-race", "lock-order-inversion", "thread-leak", "heap-buffer-overflow",
    "stack-buffer-overflow", "global-buffer-overflow", "heap-use-after-free",
    "stack-use-after-return", "stack-use-after-scope", "double-free", "leak",
    "undefined-behaviour", "out-of-memory", "timeout"})
VERDICT_OTHERWISE = "crash"

FIGURES = ["operations", "seconds", "operations_per_second", "latency_ns_p50", "latency_ns_p99",
           "latency_ns_p999", "backlog_max", "full_pushes", "memory_bytes_start",
           "memory_bytes_end"]
TABLE_HEADER = ["job", "verdict", "operations", "per second", "p50 us", "p99 us", "p99.9 us",
                "backlog", "full pushes", "memory MB"]


@dataclass(frozen=True)
class Result:
    """One job's run: `figures` holds a number, or None, for each name of FIGURES."""

    name: str
    build: str
    verdict: str
    seed: int
    seconds: int
    figures: dict
    sentence: str = ""
    output: str = ""

    def as_json(self) -> dict:
        return {"name": self.name, "build": self.build, "verdict": self.verdict, **self.figures,
                "seed": self.seed}

    def reproduce(self) -> str:
        return shlex.join(["./mailproof", "stress", self.name, "--build", self.build, "--seconds",
                           str(self.seconds), "--seed", str(self.seed)])


def run(options) -> int:
    jsonfile.check(options.json)
    if options.list:
        say("\n".join(all_jobs()))
        return EXIT_OK
    jobs = check_jobs(options.jobs)
    setup.ensure()
    build.build(PRESETS[options.build], [PROGRAM])
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    results = _run_all(jobs, options.build, options.seconds, seed)
    say(format_table(TABLE_HEADER, [_row(result) for result in results]))
    jsonfile.write(options.json, {"jobs": [result.as_json() for result in results]})
    found = [result for result in results if result.verdict != "ok"]
    for result in found:
        _show(result)
    say(f"{count(len(jobs), 'job')} for {options.seconds} s each, {options.build} build, "
        f"seed {seed}: {count(len(found), 'finding') if found else 'no finding'}")
    return EXIT_FINDING if found else EXIT_OK


def all_jobs() -> list[str]:
    return sorted(path.stem for path in (project.ROOT / "stress").glob("*.cpp"))


def check_jobs(names: list[str]) -> list[str]:
    """The named jobs, each once, or all of them."""
    known = all_jobs()
    for name in names:
        if name not in known:
            raise CommandError(f"unknown job '{name}'; the jobs are: {', '.join(known)}")
    return list(dict.fromkeys(names)) or known


def _run_all(jobs: list[str], build_name: str, seconds: int, seed: int) -> list[Result]:
    progress = Progress()
    results = []
    for number, job in enumerate(jobs, start=1):
        progress.show(f"{job}, {number} of {len(jobs)}, for {seconds} s")
        results.append(_run_job(job, build_name, seconds, seed))
    progress.clear()
    return results


def _run_job(job: str, build_name: str, seconds: int, seed: int) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.json"
        command = [project.binary(PRESETS[build_name], PROGRAM), job, "--seconds", seconds,
                   "--seed", seed, "--json", figures]
        outcome = child.run(command, seconds + OVERTIME_SECONDS_MAX)
        written = json.loads(figures.read_text()) if figures.exists() else {}
    return result_of(job, build_name, seconds, seed, outcome, written)


def result_of(job: str, build_name: str, seconds: int, seed: int, outcome: Outcome,
              written: dict) -> Result:
    """Judges how the program ended. `written` is its JSON, empty when it wrote none: a sanitizer
    or a signal ended it."""
    figures = {name: written.get(name) for name in FIGURES}
    found = report.of_outcome(outcome)
    if found is None and outcome.status == 0 and written:
        return Result(job, build_name, written["verdict"], seed, seconds, figures)
    if found is None:
        last = (outcome.output.strip().splitlines() or ["it printed nothing"])[-1]
        raise CommandError(f"{job} ended with status {outcome.status}: {last}")
    return Result(job, build_name, verdict_of(found.verdict), seed, seconds, figures,
                  found.sentence, outcome.output)


def verdict_of(word: str) -> str:
    """A verdict of the closed list for what a report says. UBSan's words go on behind a colon."""
    kind = word.split(":")[0]
    return kind if kind in JOB_VERDICTS | TOOL_VERDICTS else VERDICT_OTHERWISE


def _row(result: Result) -> list[str]:
    figures = result.figures
    return [result.name, result.verdict, _whole(figures["operations"]),
            _whole(figures["operations_per_second"]),
            *[_microseconds(figures[name])
              for name in ("latency_ns_p50", "latency_ns_p99", "latency_ns_p999")],
            _whole(figures["backlog_max"]), _whole(figures["full_pushes"]),
            _memory(figures["memory_bytes_start"], figures["memory_bytes_end"])]


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _microseconds(value_ns: int | None) -> str:
    return "-" if value_ns is None else f"{value_ns / 1000:,.1f}"


def _memory(start_bytes: int | None, end_bytes: int | None) -> str:
    if start_bytes is None or end_bytes is None:
        return "-"
    return f"{start_bytes / (1 << 20):.1f} to {end_bytes / (1 << 20):.1f}"


def _show(result: Result) -> None:
    say()
    say(f"FINDING {result.name}: {result.verdict}")
    say(f"  what:      {result.sentence}")
    say(f"  reproduce: {result.reproduce()}")
    lines = result.output.strip().splitlines()
    say("\n".join(lines[:OUTPUT_LINES_MAX]))
    if len(lines) > OUTPUT_LINES_MAX:
        say(f"... and {count(len(lines) - OUTPUT_LINES_MAX, 'more line')}; the command above "
            "prints them all")
    say()
