"""`mailproof bench weave`: weave next to Relacy, as ratios of executions per second of processor
time.

Each runner is a program with the same ring and the same scenario. A round runs all of them right
after one another, each for the same number of executions, in another order each time. Within a
round their speeds are divided; the figure is the median of these ratios over all rounds, with its
quartiles. Times are processor time, user and system, so other programs on the machine do not count.
"""

import random
import re
from dataclasses import dataclass

from commands.bench import finding, records, search
from commands.bench.spread import Spread
from commands.kit import build, child, jsonfile, packages, project
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, complain, count,
                                  format_table, say)

ROUNDS_DEFAULT = 21
ROUND_SECONDS = 2
RUN_SECONDS_MAX = 120
EXECUTIONS = 200_000

PEER = "relacy"
RUNNERS = {PEER: "bench_relacy", "weave_random": "bench_weave_random",
           "weave_libfuzzer": "bench_weave_libfuzzer"}
# The ratios that weave has to reach.
RATIOS_MIN = {"weave_random_over_relacy": 2, "weave_libfuzzer_over_relacy": 1}

# More choices than an execution makes: past the end of an input, every choice is the default.
INPUT_BYTES = 512
# Inputs of full length from the start.
LIBFUZZER_OPTIONS = [f"-max_len={INPUT_BYTES}", "-len_control=0", "-verbosity=0"]

TOTALS = re.compile(r"^(\d+) executions, (\d+) steps$", re.MULTILINE)
TABLE_HEADER = ["runner", "executions/s", "steps each", "over Relacy (quartiles)"]


@dataclass(frozen=True)
class Run:
    """One runner in one round."""

    executions: int
    steps: int
    cpu_seconds: float

    @property
    def speed(self) -> float:
        """Executions per second of processor time."""
        return self.executions / self.cpu_seconds


class Results:
    """All rounds: the runs of each runner, in the order of the rounds."""

    def __init__(self) -> None:
        self.runs: dict[str, list[Run]] = {runner: [] for runner in RUNNERS}

    def speed(self, runner: str) -> Spread:
        """The runner's executions per second of processor time."""
        return Spread.of([run.speed for run in self.runs[runner]])

    def steps(self, runner: str) -> Spread:
        """The runner's steps per execution."""
        return Spread.of([run.steps / run.executions for run in self.runs[runner]])

    def ratio(self, runner: str) -> Spread:
        """The runner's speed over Relacy's."""
        return Spread.of([mine.speed / theirs.speed
                          for mine, theirs in zip(self.runs[runner], self.runs[PEER])])


def run(options) -> int:
    if options.only == "finding":
        return finding.run(options)
    if options.only == "search":
        return search.run(options)
    jsonfile.check(options.json)
    old = jsonfile.read_old(options.compare, "bench weave", _comparable)
    packages.ensure()
    build.build(records.PRESET, list(RUNNERS.values()))
    rounds = options.rounds or ROUNDS_DEFAULT
    results = _measure(rounds)
    summary = summarize(results)
    say(format_table(TABLE_HEADER, [_row(results, runner) for runner in RUNNERS]))
    say(f"{count(rounds, 'round')} of {count(EXECUTIONS, 'execution')} on {project.machine()}")
    jsonfile.write(options.json, summary)
    slow = findings(summary)
    for line in slow:
        complain(line)
    return EXIT_FINDING if slow or _report_worse(old, summary) else EXIT_OK


def _comparable(old: dict) -> dict:
    """The unchanged content; fails if worsened() cannot compare it."""
    worsened(old, old)
    return old


def _measure(rounds: int) -> Results:
    results = Results()
    progress = Progress()
    for number in range(rounds):
        progress.show(f"round {number + 1} of {rounds}")
        runners = list(RUNNERS)
        first = number % len(runners)
        for runner in runners[first:] + runners[:first]:
            results.runs[runner].append(_run_runner(runner, number))
    progress.clear()
    return results


def _run_runner(runner: str, number: int) -> Run:
    command = _command(runner, number)
    before = child.cpu_seconds_of_children()
    outcome = child.run(command, RUN_SECONDS_MAX)
    seconds = child.cpu_seconds_of_children() - before
    totals = TOTALS.search(outcome.output)
    if outcome.timed_out or outcome.status != 0 or totals is None:
        raise CommandError(f"{RUNNERS[runner]} ended with status {outcome.status} in round "
                           f"{number + 1}: {outcome.output.strip()[-500:]}")
    return Run(int(totals[1]), int(totals[2]), seconds)


def _command(runner: str, number: int) -> list:
    program = project.BUILD / records.PRESET / "bin" / RUNNERS[runner]
    if runner != "weave_libfuzzer":
        return [program, EXECUTIONS]
    seed = project.BUILD / records.PRESET / "bench_weave.seed"
    seed.write_bytes(random.Random(number).randbytes(INPUT_BYTES))
    return [program, f"-runs={EXECUTIONS}", f"-seed={number + 1}", f"-seed_inputs={seed}",
            *LIBFUZZER_OPTIONS]


def summarize(results: Results) -> dict:
    """The content of --json. `ratios` is the contract; the rest explains it."""
    ratios = {f"{runner}_over_{PEER}": results.ratio(runner) for runner in RUNNERS
              if runner != PEER}
    return {"ratios": {name: round(ratio.median, 4) for name, ratio in ratios.items()},
            "quartiles": {name: ratio.as_list() for name, ratio in ratios.items()},
            "runners": {runner: {"executions_per_second": results.speed(runner).as_list(),
                                 "steps_per_execution": results.steps(runner).as_list()}
                        for runner in RUNNERS}}


def _row(results: Results, runner: str) -> list[str]:
    return [runner, f"{results.speed(runner).median:,.0f}", f"{results.steps(runner).median:.1f}",
            "" if runner == PEER else str(results.ratio(runner))]


def findings(summary: dict) -> list[str]:
    """The ratios that are below their minimum."""
    return [f"{name}: {summary['ratios'][name]:.2f}, but at least {floor} is required"
            for name, floor in RATIOS_MIN.items() if summary["ratios"][name] < floor]


def worsened(old: dict, new: dict) -> list[str]:
    """The ratios that fell so far that the quartiles of both runs do not touch."""
    return [name for name in new["ratios"]
            if new["quartiles"][name][2] < old["quartiles"][name][0]]


def _report_worse(old: dict | None, new: dict) -> bool:
    if old is None:
        return False
    worse = worsened(old, new)
    for name in worse:
        say(f"WORSE {name}: {Spread(*old['quartiles'][name])} before, "
            f"{Spread(*new['quartiles'][name])} now")
    say(f"{count(len(worse), 'ratio')} worsened beyond the spread of both runs")
    return worse != []
