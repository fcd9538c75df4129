"""`mailproof bench fuzzing --only schedules`: how soon weave finds ordering faults of the product, by who
makes its choices: one of its choosers, or the bytes of a fuzzer's input.

Each fault is planted in the libFuzzer program of its target under weave. The scenario is that of the first
plain seed in which the mix finds the fault. The choosers explore this scenario; the fuzzer begins with its
seed, and may change it too. A figure is the number of executions to the first finding, the median over seeds;
a run without a finding counts as longer than all others.
"""

import math
import re
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from commands.bench.planted import check_of, generate, is_over, write_table
from commands.fuzz import libfuzzer
from commands.kit import build, child, jsonfile, packages, project, report
from commands.kit.console import (EXIT_OK, CommandError, Progress, count, format_table, say)
from commands.kit.project import WEAVE

TABLE_BEGIN = "<!-- written by ./mailproof bench fuzzing --only schedules -->"
TABLE_END = "<!-- end of what bench fuzzing --only schedules writes -->"
CHOOSERS = ("random", "pct", "pos", "surw", "mix")
# As it is, without the pairs of a read and a store as features, and without wishes for such pairs.
FUZZERS: dict[str, dict[str, str]] = {
    "bytes": {}, "bytes, no pairs": {"FUZZ_READ_PAIRS": "0"}, "bytes, no wishes": {"FUZZ_WISHES": "0"}}
COLUMNS = (*CHOOSERS, *FUZZERS)
TABLE_HEADER = ["fault", "target", "scenario", *COLUMNS]

FAULTS = [
    "publish_relaxed", "consume_relaxed", "tail_load_relaxed", "tail_store_relaxed",
    "cached_tail_load_relaxed", "cached_tail_store_relaxed", "ticket_claimed_twice",
    "ready_claim_relaxed", "ready_put_relaxed", "ready_put_wait_relaxed", "ready_take_relaxed",
    "ready_put_does_not_wait", "condition_load_relaxed", "try_lock_relaxed", "unlock_relaxed",
    "poll_without_the_lock", "completion_relaxed", "fanin_count_relaxed", "subtask_count_relaxed",
    "subtask_total_read_late", "consumers_taken_outside_the_lock",
    "consumer_ready_while_being_wired",
]
QUICK_FAULTS = ["publish_relaxed", "ready_put_wait_relaxed", "subtask_total_read_late"]
EXECUTIONS_MAX = 100_000
# To choose a scenario.
TRIED_EXECUTIONS = 2_000
# An execution may hang, and weave then ends it as a finding.
HANG_SECONDS = 20
CLOCK_FACTOR_MAX = 4
# The rule of tests/bugs/CMakeLists.txt.
CHECK = re.compile(r"^(?:check|quick): ([a-z_]+_weave) dev ", re.MULTILINE)
SEARCHED = re.compile(r"^[a-z_]+_weave: [a-z-]+ executions=(\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """A planted fault, and the target under weave that has to find it."""

    name: str
    target: str

    @property
    def program(self) -> str:
        """Its libFuzzer program."""
        return f"fuzz_bug_{self.name}"

    @property
    def binary(self) -> Path:
        """The path of the program."""
        return project.binary(WEAVE.fuzz_preset, self.program)


def run(options, names: list[str], seeds: int, seconds: int) -> int:
    """Measures and prints; renews the table unless told not to."""
    faults = [fault_named(name) for name in names]
    packages.ensure()
    targets = sorted({fault.target for fault in faults})
    build.build(WEAVE.fuzz_preset, [*targets, *(fault.program for fault in faults)])
    results = {fault: _measure(fault, seeds, seconds) for fault in faults}
    rows = [_row(fault, *results[fault]) for fault in faults]
    say(format_table(TABLE_HEADER, rows))
    jsonfile.write(options.json, summarize(results, seconds))
    if not options.keep_docs:
        write_table(TABLE_BEGIN, TABLE_END, TABLE_HEADER, rows,
                    f"{count(seeds, 'seed')}; at most {EXECUTIONS_MAX:,} executions and {seconds} s of "
                    "processor time a run.")
    return EXIT_OK


def fault_named(name: str) -> Fault:
    """The fault of that name."""
    return Fault(name, check_of(name, CHECK, "a target under weave")[1])


def _measure(fault: Fault, seeds: int, seconds: int) -> tuple[str, dict[str, list[float]]]:
    """The scenario, and the executions of each run by column."""
    progress = Progress()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        progress.show(f"{fault.name}: choosing a scenario")
        scenario = _scenario(fault, work)
        figures: dict[str, list[float]] = {}
        for column in COLUMNS:
            search = _search if column in CHOOSERS else _fuzz
            for seed in range(1, seeds + 1):
                progress.show(f"{fault.name}: {column}, seed {seed} of {seeds}")
                figures.setdefault(column, []).append(
                    search(fault, scenario, column, seed, seconds, work))
    progress.clear()
    return scenario.name, figures


def _scenario(fault: Fault, work: Path) -> Path:
    folder = work / "seeds"
    generate(project.binary(WEAVE.replay_preset, fault.target), folder)
    for seed in sorted(folder.glob("*-plain")):
        executions = _search(fault, seed, "mix", 1, HANG_SECONDS, work, TRIED_EXECUTIONS)
        if executions <= TRIED_EXECUTIONS:
            return seed
    raise CommandError(f"the mix finds {fault.name} in no scenario of {fault.target}")


def _search(fault: Fault, scenario: Path, mode: str, seed: int, seconds: int, work: Path,
            executions_max: int = EXECUTIONS_MAX) -> float:
    """The scenario under a chooser."""
    words = f"mode={mode}:seed={seed}:executions={executions_max}"
    outcome = child.run(["prlimit", f"--cpu={seconds}", "--core=0", fault.binary,
                         f"-artifact_prefix={work}/", scenario],
                        CLOCK_FACTOR_MAX * seconds, {"WEAVE_SEARCH": words})
    found = SEARCHED.findall(outcome.output)
    if report.of_text(outcome.output) and found:
        return int(found[-1])
    return _nothing(outcome, bool(found))


def _fuzz(fault: Fault, scenario: Path, column: str, seed: int, seconds: int, work: Path) -> float:
    """libFuzzer, from the scenario's seed alone."""
    corpus, new = work / "corpus", work / f"new-{list(FUZZERS).index(column)}-{seed}"
    corpus.mkdir(exist_ok=True)
    new.mkdir()
    (corpus / scenario.name).write_bytes(scenario.read_bytes())
    outcome = child.run(["prlimit", f"--cpu={seconds}", "--core=0", fault.binary,
                         *libfuzzer.options_of(fault.target, WEAVE), f"-artifact_prefix={work}/",
                         f"-seed={seed}", f"-runs={EXECUTIONS_MAX}", "-print_final_stats=1", new,
                         corpus],
                        CLOCK_FACTOR_MAX * seconds, FUZZERS[column])
    if report.of_text(outcome.output):
        return libfuzzer.numbers_in(outcome.output).executions
    return _nothing(outcome, outcome.status == 0)


def _nothing(outcome: child.Outcome, has_ended: bool) -> float:
    """A run that found nothing: up to its last execution, or until its time was up."""
    if not has_ended and not is_over(outcome):
        raise CommandError(f"a run ended with status {outcome.status} and no finding: "
                           f"{outcome.output.strip()[-500:]}")
    return math.inf


def _row(fault: Fault, scenario: str, figures: dict[str, list[float]]) -> list[str]:
    return [fault.name, fault.target, scenario.removesuffix("-plain"),
            *(text_of(figures[column]) for column in COLUMNS)]


def text_of(executions: list[float]) -> str:
    """A cell: the median, and how many runs found the fault unless all did."""
    found = sum(number != math.inf for number in executions)
    median = statistics.median_high(executions)
    share = "" if found == len(executions) else f" ({found}/{len(executions)})"
    return ("none" if median == math.inf else f"{median:,.0f}") + share


def summarize(results: dict[Fault, tuple[str, dict[str, list[float]]]], seconds: int) -> dict:
    """The content of --json; a run that found nothing is null."""
    return {"seconds_max": seconds, "executions_max": EXECUTIONS_MAX,
            "faults": {fault.name: {"target": fault.target, "scenario": scenario,
                                    **{column: [None if number == math.inf else number
                                                for number in runs]
                                       for column, runs in figures.items()}}
                       for fault, (scenario, figures) in results.items()}}
