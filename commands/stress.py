"""`mailproof stress`: jobs on real threads, each for some seconds, in the plain build or under a
sanitizer.

A job is a file of stress/; its stem is its name. All are in one program, which runs one job per
process: the process ends at the first finding, and its memory is that of the job alone.
"""

import json
import random
import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path

from commands.kit import (build, child, commandline, jsonfile, packages, project, report,
                          subject)
from commands.kit.child import Outcome
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, count,
                                  format_table, say)

NAME = "stress"
GROUP = commandline.CHECKS
SUMMARY = "Run the stress jobs on real threads"
DETAILS = "Each job runs for some seconds; conservation and order are checked at its end."

PROGRAM = "stress"
SECONDS_DEFAULT = 3
# The time after which the program's own watchdog ends it, and some more.
OVERTIME_SECONDS_MAX = 60
OUTPUT_LINES_MAX = 60

PRESETS = {"plain": "release", "tsan": "stress-tsan", "asan": "stress-asan"}
BUILD_DEFAULT = "plain"

# The verdicts of a job's own checks, as in stress/support/verdict.h.
JOB_VERDICTS = frozenset({
    "ok", "lost", "duplicated", "reordered", "torn", "invented", "overfull", "refused-with-room",
    "passed-a-gap", "held-twice", "completed-early", "completed-twice", "never-completed",
    "wrong-error", "went-on-after-error", "device-word-changed", "left-over", "denied-pending", "unreached",
    "hang"})
# The verdicts for other ends of a run, mostly the sanitizers' words.
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
        return shlex.join(["./mailproof", "stress", *project.subject_words(), self.name, "--build", self.build, "--seconds",
                           str(self.seconds), "--seed", str(self.seed)])


def add_options(command) -> None:
    command.add_argument("jobs", nargs="*", metavar="JOB", help="default: every job")
    command.add_argument("--seconds", type=commandline.positive, default=SECONDS_DEFAULT,
                         metavar="N", help="the time for each job (default: %(default)s)")
    command.add_argument("--build", choices=list(PRESETS), default=BUILD_DEFAULT,
                         help="plain, or under ThreadSanitizer or AddressSanitizer "
                              "(default: %(default)s)")
    command.add_argument("--seed", type=commandline.seed, metavar="S",
                         help="decides the choices and delays; default: a new one, which is "
                              "printed")
    subject.add_option(command)
    command.add_argument("--list", action="store_true", help="name the jobs, run none")
    commandline.add_json(command)


def run(options) -> int:
    jsonfile.check(options.json)
    subject.use(options)
    if options.list:
        say("\n".join(all_jobs()))
        return EXIT_OK
    jobs = check_jobs(options.jobs)
    packages.ensure()
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
    """The name of every stress job; of another tree those that it can have."""
    if project.SUBJECT:
        has_wait_list = any(target.startswith("wait_list") for target in project.SUBJECT[2])
        return sorted(path.stem for path in (project.ROOT / "foreign" / "stress").glob("*.cpp")
                      if has_wait_list or not path.stem.startswith("wait_list"))
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
    """Judges how the program ended. `written` is its JSON; it is empty if a sanitizer or a signal
    ended the program."""
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
    """The verdict for a report's word. UBSan adds more after a colon."""
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
            "prints all of them")
    say()
