"""`mailproof bench fuzzing`: what fuzzing is worth: how soon it finds seeded bugs.

Each bug is planted in the fuzzer's program of its target. A run begins with one of three corpora
and ends at the first finding or when its processor time is used up. The figures of a bug are the
medians over runs with different seeds; a run without a finding counts as longer than all others.
Times are processor time, user and system, so other programs on the machine do not count. Of targets
without threads AFL++ is measured as well; its limit is one by the clock.
"""

import json
import math
import re
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from commands.bench import afl_run, schedules
from commands.bench.planted import check_of, generate, is_over, write_table
from commands.fuzz import afl, libfuzzer
from commands.kit import build, child, commandline, jsonfile, packages, project, report
from commands.kit.console import EXIT_OK, CommandError, Progress, count, format_table, say
from commands.kit.project import ADDRESS, THREAD, Sanitizer

TABLE_BEGIN = "<!-- written by ./mailproof bench fuzzing -->"
TABLE_END = "<!-- end of what bench fuzzing writes -->"
# The figures of a bug, by their names in --json, and their columns. AFL++ drops inputs of its corpus
# that fail, so it begins with nothing or with the rest.
AFL_PREFIX = "afl_"
COLUMNS = {"empty": "empty corpus", "kept": "kept corpus", "rest": "rest of it",
           "afl_empty": "AFL++, empty", "afl_rest": "AFL++, rest"}
TABLE_HEADER = ["bug", "target", *COLUMNS.values(), "note"]
# What an older tree needed for the same bugs, which a second table has beside today's figures.
BEFORE = project.ROOT / "bench" / "fuzzing" / "before.json"
BEFORE_BEGIN = "<!-- written by ./mailproof bench fuzzing, beside an older tree -->"
BEFORE_STARTS = ("empty", "rest")
BEFORE_HEADER = ["bug", *(f"{COLUMNS[start]}, {when}" for start in BEFORE_STARTS
                          for when in ("before", "now"))]

SEEDS_DEFAULT = 10
SECONDS_DEFAULT = 60
QUICK_SEEDS = 3
QUICK_SECONDS = 10
# A run whose threads sleep, or that hardly gets a core, is ended by the clock.
CLOCK_FACTOR_MAX = 4

# After this time an input hangs; in a search for inputs to leave out, sooner.
HANG_SECONDS = 5
LEFT_OUT_SECONDS = 1
# ThreadSanitizer may delay libFuzzer's alarm, so the clock ends such a process.
LEFT_OUT_SECONDS_MAX = 10

QUICK_BUGS = ["batch_ends_at_wrap", "ready_batch_ends_at_wrap", "entry_65_accepted",
              "unplaced_blocks_lost"]
BUGS = [
    *QUICK_BUGS, "cookie_not_pushed", "stale_tail_refuses_push", "hint_false_after_wrap",
    "field_not_pushed", "ticket_claimed_twice", "tail_store_relaxed", "publish_relaxed",
    "ready_one_slot_wasted", "ready_put_relaxed", "task_completed_twice", "counter_compared_signed",
    "release_buffer_overrun", "slot_reused_too_early", "first_error_overwritten",
    "mixed_over_two_clusters", "status_read_relaxed",
]

# The rule of tests/bugs/fuzzed: the first check that is a step or a threads target.
CHECK = re.compile(r"^(?:check|quick): ([a-z0-9_]+_(?:step|threads)) (asan-ubsan|tsan) ",
                   re.MULTILINE)
# libFuzzer's line for each file that it is told to run, and its line after the corpus has run.
RUNNING = re.compile(r"^Running: (.+)$", re.MULTILINE)
CORPUS_HAS_RUN = re.compile(r"^#\d+\s+INITED", re.MULTILINE)
# Without the names of functions, which cost more than many a run.
ENVIRONMENT = child.sanitizer_options(ASAN_OPTIONS="symbolize=0", UBSAN_OPTIONS="symbolize=0",
                                      TSAN_OPTIONS="symbolize=0")


@dataclass(frozen=True)
class Seeded:
    """A seeded bug, and the fuzz target that has to find it."""

    name: str
    target: str
    sanitizer: Sanitizer

    @property
    def program(self) -> str:
        """The name of the program with the bug, in each fuzzer's build."""
        return f"fuzz_bug_{self.name}"

    @property
    def binary(self) -> Path:
        """The program with the bug for libFuzzer."""
        return project.binary(self.sanitizer.fuzz_preset, self.program)

    @property
    def has_afl(self) -> bool:
        """AFL++ runs no program under ThreadSanitizer."""
        return self.sanitizer is ADDRESS

    @property
    def figures(self) -> list[str]:
        """The names of the figures that are measured."""
        return [name for name in COLUMNS if self.has_afl or not name.startswith(AFL_PREFIX)]


@dataclass(frozen=True)
class Run:
    """One run to its first finding; `verdict` is empty if there was none. `in_replay` says that an
    input of the corpus showed the bug."""

    executions: int
    cpu_seconds: float
    verdict: str = ""
    in_replay: bool = False


@dataclass(frozen=True)
class Figure:
    """The runs of a bug from one corpus."""

    runs: list[Run]

    @property
    def found(self) -> list[Run]:
        """The runs that found the bug."""
        return [run for run in self.runs if run.verdict]

    def median(self, name: str) -> float:
        """The median of a field; infinite if half of the runs or more found nothing."""
        return statistics.median_high(getattr(run, name) if run.verdict else math.inf
                                      for run in self.runs)

    def text(self, seconds: int) -> str:
        """A cell of the table."""
        share = f"{len(self.found)}/{len(self.runs)}"
        if self.median("executions") == math.inf:
            return f"{share}: > {seconds} s"
        replay = ", replay" if all(run.in_replay for run in self.found) else ""
        return (f"{share}: {self.median('executions'):,.0f} in {self.median('cpu_seconds'):.2f} s"
                f"{replay}")

    def as_json(self) -> dict:
        """An entry of --json; a figure that is not known is null."""
        medians = {name: self.median(name) for name in ("executions", "cpu_seconds")}
        return {"found": len(self.found), "of": len(self.runs),
                "in_replay": sum(run.in_replay for run in self.runs),
                **{name: None if value == math.inf else round(value, 3)
                   for name, value in medians.items()},
                "verdicts": sorted({run.verdict for run in self.found})}


def add_options(command) -> None:
    """The options that other subjects of `bench` do not have."""
    group = command.add_argument_group("bench fuzzing")
    group.add_argument("--bugs", nargs="+", metavar="NAME",
                       help=f"seeded bugs of bugs/; default: {len(BUGS)} of them")
    group.add_argument("--seeds", type=commandline.positive, metavar="N",
                       help=f"runs from each corpus (default: {SEEDS_DEFAULT})")
    group.add_argument("--seconds-max", type=commandline.positive, metavar="N",
                       help=f"processor seconds of a run (default: {SECONDS_DEFAULT})")
    group.add_argument("--quick", action="store_true",
                       help=f"{len(QUICK_BUGS)} bugs, {QUICK_SEEDS} seeds, {QUICK_SECONDS} s")


def run(options) -> int:
    jsonfile.check(options.json)
    if options.rounds or options.compare:
        raise CommandError("bench fuzzing has neither --rounds nor --compare")
    seeds = options.seeds or (QUICK_SEEDS if options.quick else SEEDS_DEFAULT)
    seconds = options.seconds_max or (QUICK_SECONDS if options.quick else SECONDS_DEFAULT)
    if options.only == "schedules":
        names = options.bugs or (schedules.QUICK_FAULTS if options.quick else schedules.FAULTS)
        return schedules.run(options, names, seeds, seconds)
    bugs = [seeded(name) for name in
            options.bugs or (QUICK_BUGS if options.quick else BUGS)]
    packages.ensure()
    _build(bugs)
    results = {bug: _measure(bug, seeds, seconds) for bug in bugs}
    rows = [_row(bug, figures, seconds) for bug, figures in results.items()]
    say(format_table(TABLE_HEADER, rows))
    jsonfile.write(options.json, summarize(results, seconds))
    if not options.keep_docs:
        write_table(TABLE_BEGIN, TABLE_END, TABLE_HEADER, rows,
                    f"{count(seeds, 'seed')}; at most {seconds} s of processor time a run.")
        _write_beside_before(summarize(results, seconds)["bugs"])
    return EXIT_OK


def _write_beside_before(now: dict) -> None:
    """Renews the table of the bugs that the older tree was measured on."""
    before = json.loads(BEFORE.read_text())
    rows = [[name, *(short_text(figures) for start in BEFORE_STARTS
                     for figures in (before["bugs"][name][start], now[name][start]))]
            for name in now if name in before["bugs"]]
    write_table(BEFORE_BEGIN, TABLE_END, BEFORE_HEADER, rows,
                f"Before: commit {before['commit']}, {before['seeds']} seeds, at most "
                f"{before['seconds_max']} s.")


def short_text(figure: dict) -> str:
    """Both medians of a figure of --json."""
    if figure["executions"] is None:
        return "not found"
    return f"{figure['executions']:,.0f} in {figure['cpu_seconds']:.2f} s"


def _build(bugs: list[Seeded]) -> None:
    for sanitizer in (ADDRESS, THREAD):
        programs = [bug.program for bug in bugs if bug.sanitizer is sanitizer]
        if programs:
            build.build(sanitizer.fuzz_preset, programs)
    programs = [bug.program for bug in bugs if bug.has_afl]
    mutators = {f"{bug.target}_mutator" for bug in bugs if bug.has_afl}
    if programs:
        build.build(afl.ADDRESS, programs + sorted(mutators))


def seeded(name: str) -> Seeded:
    """The bug of that name."""
    check = check_of(name, CHECK, "a step or a threads target")
    return Seeded(name, check[1], THREAD if check[2] == THREAD.replay_preset else ADDRESS)


def _measure(bug: Seeded, seeds: int, seconds: int) -> dict[str, Figure]:
    progress = Progress()
    with tempfile.TemporaryDirectory() as name:
        progress.show(f"{bug.name}: replaying the corpus")
        corpora = _corpora(bug, Path(name))
        figures = {}
        for name in bug.figures:
            run = _run_afl if name.startswith(AFL_PREFIX) else _run
            corpus = corpora[name.removeprefix(AFL_PREFIX)]
            runs = []
            for seed in range(1, seeds + 1):
                progress.show(f"{bug.name}: {COLUMNS[name]}, seed {seed} of {seeds}")
                runs.append(run(bug, corpus, seed, seconds))
            figures[name] = Figure(runs)
    progress.clear()
    return figures


def _corpora(bug: Seeded, work: Path) -> dict[str, Path]:
    """The corpora that runs begin with: nothing; the kept inputs and the generated seeds, without
    corpus/regress; and the inputs of the second that pass with the bug."""
    corpora = {start: work / start for start in ("empty", "kept", "rest")}
    corpora["empty"].mkdir()
    generate(bug.binary, corpora["kept"])
    for path in project.files_below(project.CORPUS / bug.target):
        shutil.copyfile(path, corpora["kept"] / path.name)
    shutil.copytree(corpora["kept"], corpora["rest"])
    for path in _showing(bug, project.files_below(corpora["rest"])):
        path.unlink()
    return corpora


def _showing(bug: Seeded, files: list[Path]) -> list[Path]:
    """The files that fail or hang. A process ends at the first; the next continues after it."""
    showing = []
    while files:
        command = [*_command(bug, files[0].parent.parent), f"-timeout={LEFT_OUT_SECONDS}", *files]
        outcome = child.run(command, LEFT_OUT_SECONDS_MAX, ENVIRONMENT)
        if outcome.status == 0 and not outcome.timed_out:
            break
        failed = Path(RUNNING.findall(outcome.output)[-1])
        showing.append(failed)
        files = files[files.index(failed) + 1:]
    return showing


def _run(bug: Seeded, corpus: Path, seed: int, seconds: int) -> Run:
    with tempfile.TemporaryDirectory() as work:
        kept_new = Path(work) / "new"
        kept_new.mkdir()
        command = ["prlimit", f"--cpu={seconds}", "--core=0", *_command(bug, Path(work)),
                   f"-timeout={HANG_SECONDS}", f"-seed={seed}", "-print_final_stats=1",
                   kept_new, corpus]
        before = child.cpu_seconds_of_children()
        outcome = child.run(command, CLOCK_FACTOR_MAX * seconds, ENVIRONMENT)
        used = child.cpu_seconds_of_children() - before
    return run_of(outcome, used)


def _run_afl(bug: Seeded, corpus: Path, seed: int, seconds: int) -> Run:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        before = child.cpu_seconds_of_children()
        failing = afl_run.run(bug.target, afl_run.program_of(bug.program), corpus, work, seed,
                              seconds)
        used = child.cpu_seconds_of_children() - before
        return Run(failing.executions, used, _verdict(bug, failing.input) if failing.input else "")


def _verdict(bug: Seeded, path: Path) -> str:
    """What libFuzzer's program says of an input that AFL++ saved; empty if it passes."""
    command = [*_command(bug, path.parent), f"-timeout={HANG_SECONDS}", path]
    found = report.of_text(child.run(command, CLOCK_FACTOR_MAX * HANG_SECONDS, ENVIRONMENT).output)
    return found.verdict if found else ""


def _command(bug: Seeded, work: Path) -> list:
    return [bug.binary, *libfuzzer.options_of(bug.target, bug.sanitizer),
            f"-artifact_prefix={work}/"]


def run_of(outcome: child.Outcome, used: float) -> Run:
    """What a libFuzzer program's output says of its run."""
    executions = libfuzzer.numbers_in(outcome.output).executions
    found = report.of_text(outcome.output)
    if not found and is_over(outcome):
        return Run(executions, used)
    if not found:
        raise CommandError(f"libFuzzer ended with status {outcome.status} and no finding: "
                           f"{outcome.output.strip()[-500:]}")
    return Run(executions, used, found.verdict, not CORPUS_HAS_RUN.search(outcome.output))


def _note(figures: dict[str, Figure]) -> str:
    """A hole is a bug that fuzzing misses unless an input shows it already."""
    return "hole" if figures["rest"].median("executions") == math.inf else ""


def _row(bug: Seeded, figures: dict[str, Figure], seconds: int) -> list[str]:
    cells = [figures[name].text(seconds) if name in figures else "-" for name in COLUMNS]
    return [bug.name, bug.target, *cells, _note(figures)]


def summarize(results: dict[Seeded, dict[str, Figure]], seconds: int) -> dict:
    """The content of --json."""
    return {"seconds_max": seconds,
            "bugs": {bug.name: {"target": bug.target, "hole": bool(_note(figures)),
                                **{name: figure.as_json() for name, figure in figures.items()}}
                     for bug, figures in results.items()}}
