"""Runs AFL++ on one target, one instance or several that share an output folder.

A single instance runs the build with AddressSanitizer and UBSan. Among several, only one does,
since it tries what the others find. The others run a plain build, each with a different strategy,
and all exchange what they find.

AFL++ continues after a failing input. Its files say only that the target died; the verdict comes
from the replay binary.
"""

import fcntl
import os
import re
import shutil
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

from commands.fuzz.exchange import content_name, read_input
from commands.fuzz.fuzzer import LOG_TAIL_BYTES, Fuzzer, Numbers, Process, Suspect
from commands.kit import project
from commands.kit.child import Child, read_log, run as run_child, sanitizer_options
from commands.kit.console import CommandError
from commands.kit.marks import Mark

PLAIN = "afl"
ADDRESS = "afl-asan"
# The limit for one execution. AFL++'s default, about 20 ms, reports hangs on a busy machine.
EXECUTION_MS_MAX = 1000
# AFL++ takes no empty folder, and no empty input.
SHORTEST_INPUT = b"\0"
# The time that it takes to start, to try the inputs that it is given, and to end.
OVERTIME_SECONDS_MAX = 60
# How often an instance reads what the others have found; the main one does so twice as often.
SYNC_MINUTES = 1
# A folder like that of an instance, with the inputs that come from outside.
KEPT = "kept"
# Marks in the name of an input that an instance did not find itself.
FOREIGN = re.compile(rf"orig:|sync:|,{KEPT}$")
CONTROL_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Strategy:
    """How one instance differs from the others: its build (a target under weave has only one), its
    options, and whether it mutates with our schedule mutator (fuzz/kit/afl_mutator.cpp), with
    AFL++'s mutations, or with both."""

    name: str
    preset: str = PLAIN
    options: tuple[str, ...] = ()
    ours: bool = True
    theirs: bool = True


ALONE = Strategy("main", ADDRESS)
MAIN = Strategy("main")
# In the order of their use on more cores.
SECONDARIES = (
    Strategy("asan", ADDRESS),
    Strategy("cmplog", options=("-c", "0", "-l", "2AT")),
    Strategy("mutator", theirs=False),
    Strategy("mopt", options=("-L", "0", "-p", "explore"), ours=False),
    Strategy("coe", options=("-p", "coe", "-Z")),
    Strategy("deterministic", options=("-D", "-p", "rare")),
    Strategy("quad", options=("-p", "quad")),
    Strategy("lin", options=("-p", "lin", "-Z")),
    Strategy("exploit", options=("-p", "exploit")),
)


def strategies(jobs: int) -> list[Strategy]:
    """A strategy for each of `jobs` instances. If there are more than strategies, the list of
    secondaries repeats, and names get the number of the round."""
    if jobs == 1:
        return [ALONE]
    chosen = [MAIN]
    for number in range(jobs - 1):
        repeated, index = divmod(number, len(SECONDARIES))
        strategy = SECONDARIES[index]
        name = f"{strategy.name}{repeated + 1}" if repeated else strategy.name
        chosen.append(replace(strategy, name=name))
    return chosen


def program() -> str:
    """The afl-fuzz to start: that of AFL_PATH, where AFL++ looks for its own parts, else the one on
    PATH. The builds take the runtime that goes with it (sanitizers/afl/runtime.cmake)."""
    return shutil.which("afl-fuzz", path=os.environ.get("AFL_PATH", "")) or "afl-fuzz"


def presets(jobs: int) -> list[str]:
    """The presets whose builds `jobs` instances run."""
    return sorted({strategy.preset for strategy in strategies(jobs)})


def statistics_in(text: str) -> dict[str, str]:
    """The lines of fuzzer_stats, 'execs_done        : 62932'."""
    pairs = (line.partition(":") for line in text.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def numbers_in(statistics: dict[str, str]) -> Numbers:
    """The counts of fuzzer_stats."""
    return Numbers(*(int(statistics.get(key, 0)) for key in (
        "execs_done", "edges_found", "corpus_count", "saved_crashes")))


def progress_in(plot_data: str) -> Numbers:
    """The last line of plot_data, which AFL++ writes more often than fuzzer_stats."""
    lines = [line for line in plot_data.splitlines() if line]
    if len(lines) < 2:
        return Numbers()
    names = lines[0].lstrip("# ").split(", ")
    values = dict(zip(names, lines[-1].split(", ")))
    return Numbers(int(values["total_execs"]), int(values["edges_found"]),
                   int(values["corpus_count"]), int(values["saved_crashes"]))


def abort_reason(log: str) -> str:
    """Why afl-fuzz cannot work, in its own words, without colours."""
    lines = [line.strip() for line in CONTROL_CODES.sub("", log).splitlines() if line.strip()]
    aborts = [line for line in lines if "PROGRAM ABORT" in line or "SYSTEM ERROR" in line]
    return (aborts or lines or ["it printed nothing"])[-1]


class Afl(Fuzzer):
    """A main instance, and others that exchange inputs with it."""

    # An instance that gets SIGTERM ends its target too. A target is stopped between two inputs, and
    # would otherwise stay so.
    death_signal = signal.SIGTERM

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self._folders: list[Path] = []
        self._executions_before: dict[str, int] = {}
        self._started = 0.0
        self._collected: set[Path] = set()
        self._told_to_end: set[Child] = set()

    @property
    def _out(self) -> Path:
        return project.BUILD / "afl-out" / self.target

    @property
    def _mark(self) -> Mark:
        """The mark of every process that a run starts."""
        return Mark("MAILPROOF_AFL_OUT", str(self._out))

    @property
    def _seeds(self) -> Path:
        return self.work / "seeds"

    @property
    def _kept_queue(self) -> Path:
        return self._out / KEPT / "queue"

    @property
    def _unfinished(self) -> Path:
        """A file that exists while a run is not finished: a run that finds it resumes the old
        queues."""
        return self.work / "afl-unfinished"

    def is_running(self) -> bool:
        """AFL++'s time limit does not count the time in which it tries the given inputs. So this
        method ends the instances, but none that has not begun to fuzz."""
        running = super().is_running()
        if running and self._elapsed > self.seconds:
            for folder, child in zip(self._folders, self._children):
                if child not in self._told_to_end and self._has_begun(folder):
                    child.interrupt(signal.SIGINT)
                    self._told_to_end.add(child)
        return running

    def _has_begun(self, folder: Path) -> bool:
        return _modified(folder / "fuzzer_stats") >= self._started

    def _processes(self) -> list[Process]:
        chosen = strategies(self.jobs)
        self._folders = [self._out / strategy.name for strategy in chosen]
        self._executions_before = {folder.name: executions_of(folder) for folder in self._folders}
        self._started = time.time()
        self._write_seeds()
        return [self._process(strategy) for strategy in chosen]

    def _process(self, strategy: Strategy) -> Process:
        role = "-M" if strategy is MAIN else "-S"
        command = [
            program(), "-i", self._seeds, "-o", self._out, role, strategy.name,
            *options_of(self.target), *strategy.options,
            "--", project.binary(*project.afl_program(self.target, strategy.preset))]
        return Process(command, self._environment(strategy))

    def _environment(self, strategy: Strategy) -> dict[str, str]:
        return {**environment_of(self.target, strategy),
                "AFL_AUTORESUME": "1",
                "AFL_IMPORT_FIRST": "1",
                "AFL_SYNC_TIME": str(SYNC_MINUTES),
                **self._mark.environment}

    def _numbers(self) -> Numbers:
        """The executions of all instances, and the largest edges and corpus of any instance."""
        found = [self._instance_numbers(folder) for folder in self._folders]
        return Numbers(sum(numbers.executions for numbers in found),
                       max((numbers.edges for numbers in found), default=0),
                       max((numbers.corpus_inputs for numbers in found), default=0),
                       sum(numbers.failing for numbers in found))

    def _instances(self) -> dict[str, Numbers]:
        return {folder.name: self._instance_numbers(folder) for folder in self._folders}

    def _instance_numbers(self, folder: Path) -> Numbers:
        """The instance's last counts in this run, without the executions of a run that it
        resumes."""
        statistics, progress = folder / "fuzzer_stats", folder / "plot_data"
        written = [path for path in (statistics, progress) if _modified(path) >= self._started]
        if not written:
            return Numbers()
        if max(written, key=_modified) == progress:
            numbers = progress_in(_read(progress))
        else:
            numbers = numbers_in(statistics_in(_read(statistics)))
        before = self._executions_before[folder.name]
        return replace(numbers, executions=max(0, numbers.executions - before))

    def _saved_inputs(self) -> list[Suspect]:
        """The saved inputs, with the names that libFuzzer would give them. A hang that passes alone
        was caused by a busy machine, so only crashes are certain. A resumed run also has older
        folders, with a date in their names."""
        kinds = (("crashes", "crash", True), ("hangs", "timeout", False))
        return [Suspect(path, f"{kind}-{content_name(path.read_bytes())}", certain)
                for folder, kind, certain in kinds
                for path in sorted(self._out.glob(f"*/{folder}*/id:*"))]

    def _end_killed_run(self) -> None:
        """Waits for instances that have been told to end; each holds a lock on its folder. A target
        whose instance ended just after starting it would stay stopped for ever, so it is killed."""
        for folder in self._out.glob("*/"):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            finally:
                os.close(descriptor)
        self._mark.kill()

    def _clear(self) -> None:
        """Deletes the folders of a finished run; its findings and inputs are kept elsewhere by
        now."""
        if not self._unfinished.exists():
            shutil.rmtree(self._out, ignore_errors=True)
        self._kept_queue.mkdir(parents=True, exist_ok=True)
        # Every instance takes inputs from a folder with this file.
        (self._out / KEPT / "is_main_node").touch()
        self._unfinished.touch()

    def _conclude(self) -> None:
        self._unfinished.unlink(missing_ok=True)

    def _collect_inputs(self) -> None:
        found = set(self._out.glob("*/queue/id:*")) - self._collected
        for path in found:
            content = b"" if FOREIGN.search(path.name) else read_input(path)
            if content:
                (self.corpus / content_name(content)).write_bytes(content)
        self._collected |= found

    def _take_inputs(self, arrived: list[Path]) -> None:
        """Numbered on, since an instance remembers the number of the last one that it has seen."""
        first = len(list(self._kept_queue.iterdir()))
        for number, path in enumerate(arrived, first):
            unfinished = self._kept_queue / ".unfinished"
            shutil.copyfile(path, unfinished)
            unfinished.rename(self._kept_queue / f"id:{number:06},{KEPT}")

    def _problem(self) -> str:
        """The problem of the first instance that has one."""
        for number, (folder, child) in enumerate(zip(self._folders, self._children)):
            if child.status or not self._has_begun(folder):
                reason = abort_reason(read_log(self._log(number), LOG_TAIL_BYTES))
                return f"afl-fuzz did not run ({folder.name}): {reason}"
        return ""

    def _write_seeds(self) -> None:
        """Writes one flat folder with every known input once. A resumed instance does not read it,
        so it gets the inputs that are not in its queue like those of another instance."""
        shutil.rmtree(self._seeds, ignore_errors=True)
        self._seeds.mkdir()
        for path in (*project.corpus_files(self.target), *self.corpus.iterdir()):
            content = path.read_bytes()
            if content:
                (self._seeds / content_name(content)).write_bytes(content)
        if any(self._executions_before.values()):
            known = {content_name(path.read_bytes()) for path in self._out.glob("*/queue/id:*")}
            self._take_inputs([path for path in self._seeds.iterdir() if path.name not in known])


def run_instance(binary: Path, seeds: Path, out: Path, seconds: int, options: list,
                 environment: dict[str, str]) -> Path:
    """One instance by itself, for some seconds by the clock. Returns its folder below `out`.
    CommandError if AFL++ does not work."""
    command = [program(), "-i", seeds, "-o", out, "-V", str(seconds), *options, "--", binary]
    outcome = run_child(command, seconds + OVERTIME_SECONDS_MAX, environment)
    instance = out / "default"
    if not (instance / "fuzzer_stats").exists():
        raise CommandError(f"afl-fuzz did not run: {abort_reason(outcome.output)}")
    return instance


def options_of(target: str) -> list:
    """The options that every instance for the target has."""
    dictionary = project.dictionary(target)
    return ["-t", str(EXECUTION_MS_MAX), "-G", project.fuzzer_options(target)["max_len"],
            *(["-x", dictionary] if dictionary else [])]


def environment_of(target: str, strategy: Strategy) -> dict[str, str]:
    """The environment of an instance. AFL++ requires the two sanitizer options. Leaks show only
    when a process ends, which in persistent mode is long after the input that leaked."""
    preset, _ = project.afl_program(target, strategy.preset)
    mutator = project.BUILD / preset / "lib" / f"lib{target}_mutator.so"
    return {
        **({"AFL_CUSTOM_MUTATOR_LIBRARY": str(mutator)} if strategy.ours else {}),
        **({} if strategy.theirs else {"AFL_CUSTOM_MUTATOR_ONLY": "1"}),
        "AFL_FAST_CAL": "1",
        "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
        # On one core, the hand-over between an instance and its target costs less. Several
        # instances would fight for the cores that others have bound.
        **({"AFL_TRY_AFFINITY": "1"} if strategy is ALONE else {"AFL_NO_AFFINITY": "1"}),
        "AFL_NO_UI": "1",
        "AFL_SKIP_CPUFREQ": "1",
        **sanitizer_options(ASAN_OPTIONS="abort_on_error=1:symbolize=0:detect_leaks=0",
                            UBSAN_OPTIONS="abort_on_error=1:symbolize=0"),
    }


def executions_of(folder: Path) -> int:
    """The executions of an instance, by its folder; 0 before it has counted."""
    return numbers_in(statistics_in(_read(folder / "fuzzer_stats"))).executions


def _modified(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
