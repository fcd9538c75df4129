"""What libFuzzer and AFL++ have in common: their folders, their time limit, their results.

build/fuzz-corpus/<target>/ keeps the inputs that either fuzzer found interesting, from run to run;
corpus/, which is in git, is only read. build/fuzz-work/<target>/ is scratch space.

A run may be killed at any moment. What it had found is then still in the fuzzer's folders; the next
run of the target first moves it to findings/ and to the kept corpus.
"""

import collections
import signal
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from commands.fuzz import findings
from commands.fuzz.exchange import Exchange
from commands.kit import project
from commands.kit.child import Child, read_log
from commands.kit.console import format_table
from commands.kit.project import Sanitizer
from commands.kit.replay import INPUT_SECONDS_MAX

# A fuzzer that still runs this long after its time is stopped.
OVERTIME_SECONDS_MAX = INPUT_SECONDS_MAX + 20
# The time that a stopped fuzzer has to save the input that it was running.
SAVE_SECONDS_MAX = 5
# How often new inputs are kept, and exchanged with other machines.
EXCHANGE_SECONDS = 20
# Enough for the last status line, the longest report and the statistics after it.
LOG_TAIL_BYTES = 1 << 16

INSTANCE_HEADER = ["instance", "executions", "executions/s", "edges", "corpus", "failing"]


@dataclass(frozen=True)
class Numbers:
    """A fuzzer's counts. `corpus_inputs` are those that it mutates, `failing` those that it has
    saved."""

    executions: int = 0
    edges: int = 0
    corpus_inputs: int = 0
    failing: int = 0


@dataclass(frozen=True)
class Process:
    """A program to start, and the additions to its environment."""

    command: list
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Suspect:
    """An input that a fuzzer saved, and its name for findings/. If `certain`, it is a finding even
    when it passes alone. `seen_as` is the id of the cause that the fuzzer reported in `log`, and is
    empty if a report cannot be told from that of another input."""

    input: Path
    name: str
    certain: bool = True
    seen_as: str = ""
    log: str = ""


@dataclass(frozen=True)
class Result:
    """The run of one target. `problem` says why the fuzzer itself did not work."""

    target: str
    sanitizer: Sanitizer
    numbers: Numbers
    seconds: float
    new_inputs: int
    log: str
    suspects: list[Suspect] = field(default_factory=list)
    instances: dict[str, Numbers] = field(default_factory=dict)
    taken_inputs: int = 0
    problem: str = ""
    # How often each cause was met, by its id in the fuzzer's reports.
    times: dict[str, int] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    # Executions per CPU-second of a target that does nothing; 0 if unknown.
    empty_target: float = 0.0

    @property
    def executions_per_second(self) -> int:
        """Executions per second of wall time."""
        return round(self.numbers.executions / self.seconds) if self.seconds else 0

    @property
    def executions_per_cpu_second(self) -> int:
        """Executions per second of processor time of the fuzzer and all its processes."""
        return round(self.numbers.executions / self.cpu_seconds) if self.cpu_seconds else 0

    @property
    def share_of_empty(self) -> float:
        """The speed as a share of that of an empty target of the same build; 0 if unknown."""
        return self.executions_per_cpu_second / self.empty_target if self.empty_target else 0.0


class Fuzzer:
    """One fuzzer on one target; each fuzzer implements the methods at the end."""

    # With this signal, a fuzzer that ignores its time limit saves the input that it is running.
    overtime_signal = signal.SIGINT
    # The signal that the kernel sends to the fuzzer if this command is killed.
    death_signal = signal.SIGKILL

    def __init__(self, target: str, sanitizer: Sanitizer, seconds: int, jobs: int,
                 shared: Path | None = None) -> None:
        self.target = target
        self.sanitizer = sanitizer
        self.seconds = seconds
        self.jobs = jobs
        self.corpus = project.BUILD / "fuzz-corpus" / target
        self.work = project.BUILD / "fuzz-work" / target
        self._exchange = Exchange(shared, target, self.corpus) if shared else None
        self._exchanged = 0.0
        self._children: list[Child] = []
        self._began = 0.0
        self._elapsed = 0.0
        self._times: collections.Counter[str] = collections.Counter()
        self._inputs_before: set[str] = set()
        self._inputs_taken: set[str] = set()
        self._overtime = False
        self._interrupted = False

    def start(self) -> None:
        for folder in (self.corpus, self.work):
            folder.mkdir(parents=True, exist_ok=True)
        self._end_killed_run()
        for suspect in self._saved_inputs():
            self._kept(suspect)
        self._collect_inputs()
        self._inputs_before = self._input_names()
        self._trade()
        self._clear()
        self._began = time.monotonic()
        for number, process in enumerate(self._processes()):
            with open(self._log(number), "wb") as log:
                self._children.append(
                    Child(process.command, log, process.environment, self.death_signal))

    def is_running(self) -> bool:
        """Also exchanges inputs now and then, and stops a fuzzer that is past its time."""
        running = any(child.status is None for child in self._children)
        if running or not self._elapsed:
            self._elapsed = time.monotonic() - self._began
        if running and self._elapsed > self.seconds + OVERTIME_SECONDS_MAX:
            self._overtime = True
            self._stop(self.overtime_signal)
        elif running and self._elapsed - self._exchanged > EXCHANGE_SECONDS:
            self._exchanged = self._elapsed
            self._collect_inputs()
            self._take_inputs(self._trade())
        return running

    def interrupt(self) -> None:
        """Ends a run before its time; the next run continues from there."""
        self._interrupted = True
        self._stop(signal.SIGINT)

    def progress(self) -> str:
        """One line: time, executions, edges."""
        numbers = self._numbers()
        return (f"fuzzing {self.target} {self._elapsed:.0f}/{self.seconds} s, "
                f"{numbers.executions:,} executions, {numbers.edges:,} edges")

    def details(self) -> str:
        """A table with a row for each instance; empty for a single one."""
        instances = self._instances()
        if len(instances) < 2:
            return ""
        return format_table(INSTANCE_HEADER, [
            [name, *(f"{value:,}" for value in (
                numbers.executions, round(numbers.executions / max(self._elapsed, 1)),
                numbers.edges, numbers.corpus_inputs, numbers.failing))]
            for name, numbers in instances.items()])

    def result(self) -> Result:
        """The result of a fuzzer that has stopped."""
        suspects = self._suspects()
        self._collect_inputs()
        self._trade()
        if not self._interrupted:
            self._conclude()
        found = self._input_names() - self._inputs_before - self._inputs_taken
        return Result(
            self.target, self.sanitizer, self._numbers(), self._elapsed, len(found),
            self._read_log(), suspects, self._instances(), len(self._inputs_taken),
            "" if suspects else self._silent_end(), dict(self._times))

    def _suspects(self) -> list[Suspect]:
        """The inputs that the run has saved, in findings/ by now."""
        return [self._kept(suspect) for suspect in self._saved_inputs()]

    def _trade(self) -> list[Path]:
        """Exchanges inputs with other machines; returns the new ones."""
        taken = self._exchange.run() if self._exchange else []
        self._inputs_taken |= {path.name for path in taken}
        return taken

    def _silent_end(self) -> str:
        """Why a run without a failing input is not a success; empty if it is one."""
        if self._overtime:
            return f"hung: still running {OVERTIME_SECONDS_MAX} s after its time, no input saved"
        return self._problem()

    def _kept(self, suspect: Suspect) -> Suspect:
        """Moves it to findings/, so that no later run reports it as new."""
        if not suspect.certain:
            return suspect
        kept = findings.keep(self.target, suspect.input, suspect.name)
        suspect.input.unlink()
        return replace(suspect, input=kept, name=kept.name)

    def _input_names(self) -> set[str]:
        return {path.name for path in self.corpus.iterdir()}

    def _log(self, number: int) -> Path:
        return self.work / f"fuzzer-{number}.log"

    def _read_log(self) -> str:
        return read_log(self._log(0), LOG_TAIL_BYTES)

    def _failed_status(self) -> int:
        return next((child.status for child in self._children if child.status), 0)

    def _processes(self) -> list[Process]:
        raise NotImplementedError

    def _stop(self, first: signal.Signals) -> None:
        """Lets the fuzzer save its input, then ends it with its children."""
        for child in self._children:
            child.interrupt(first)
        for child in self._children:
            child.wait(SAVE_SECONDS_MAX)
            child.end()

    def _end_killed_run(self) -> None:
        """Ends processes that a killed run has left."""

    def _conclude(self) -> None:
        """Called when the run has reached its end; the next one starts afresh."""

    def _numbers(self) -> Numbers:
        raise NotImplementedError

    def _instances(self) -> dict[str, Numbers]:
        """The counts of each of several processes, by name."""
        return {}

    def _saved_inputs(self) -> list[Suspect]:
        """The inputs that the fuzzer has saved as failing; before the start, those of an earlier
        run."""
        raise NotImplementedError

    def _clear(self) -> None:
        """Deletes what an earlier run saved, which is in findings/ by now."""
        raise NotImplementedError

    def _collect_inputs(self) -> None:
        """Copies what the fuzzer found interesting into the kept corpus."""

    def _take_inputs(self, arrived: list[Path]) -> None:
        """Gives a running fuzzer the new inputs of the kept corpus."""

    def _problem(self) -> str:
        """One line if the fuzzer failed without saving an input, else empty."""
        raise NotImplementedError
