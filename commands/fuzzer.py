"""What the two fuzzing engines have in common: their folders, their time limit, their results.

For each target build/fuzz-corpus/<target>/ keeps the inputs that any engine found interesting, from
run to run; corpus/, which is in git, is only read. build/fuzz-work/<target>/ is scratch space.
"""

import hashlib
import signal
from dataclasses import dataclass, field
from pathlib import Path

from commands import findings, project
from commands.child import Child, read_log
from commands.project import Sanitizer
from commands.replay import INPUT_SECONDS_MAX

# The engines' own inputs. Longer schedules reach little more and cost proportionally more; the
# corpus has some, which are replayed whole.
INPUT_BYTES_MAX = 1024
# An engine that is still running this long after its time is made to stop.
OVERTIME_SECONDS_MAX = INPUT_SECONDS_MAX + 20
# How long an engine that we stop may take to write down the input that it was running.
SAVE_SECONDS_MAX = 5
# Enough for the last status line, the longest report and the statistics after it.
LOG_TAIL_BYTES = 1 << 16


@dataclass(frozen=True)
class Numbers:
    """What an engine counted. `corpus_inputs` is the set that it works from."""

    executions: int = 0
    edges: int = 0
    corpus_inputs: int = 0


@dataclass(frozen=True)
class Suspect:
    """An input that an engine saved, and the name for it in findings/. When it passes alone it is
    still a finding if `certain`."""

    input: Path
    name: str
    certain: bool = True


@dataclass(frozen=True)
class Result:
    """One target's run. `problem` says why the engine itself did not work."""

    target: str
    sanitizer: Sanitizer
    numbers: Numbers
    seconds: float
    new_inputs: int
    log: str
    suspects: list[Suspect] = field(default_factory=list)
    problem: str = ""

    @property
    def executions_per_second(self) -> int:
        return round(self.numbers.executions / self.seconds) if self.seconds else 0


class Fuzzer:
    """One engine at work on one target; each engine fills in the methods at the end."""

    # Makes an engine that ignores its time limit save the input that it is running.
    overtime_signal = signal.SIGINT

    def __init__(self, target: str, sanitizer: Sanitizer, seconds: int, jobs: int) -> None:
        self.target = target
        self.sanitizer = sanitizer
        self.seconds = seconds
        self.jobs = jobs
        self.corpus = project.BUILD / "fuzz-corpus" / target
        self.work = project.BUILD / "fuzz-work" / target
        self._children: list[Child] = []
        self._elapsed = 0.0
        self._inputs_before: set[str] = set()
        self._overtime = False

    def start(self) -> None:
        for folder in (self.corpus, self.work):
            folder.mkdir(parents=True, exist_ok=True)
        for suspect in self._saved_inputs():
            self._kept(suspect)
        self._clear()
        self._inputs_before = self._input_names()
        for number, command in enumerate(self._commands()):
            with open(self._log(number), "wb") as log:
                self._children.append(Child(command, log, self._environment()))

    def is_running(self) -> bool:
        """Also stops an engine that has run out of time."""
        running = any(child.status is None for child in self._children)
        if running or not self._elapsed:
            self._elapsed = self._children[0].seconds
        if running and self._elapsed > self.seconds + OVERTIME_SECONDS_MAX:
            self._overtime = True
            self.stop(self.overtime_signal)
        return running

    def stop(self, first: signal.Signals = signal.SIGINT) -> None:
        """Lets the engine save what it has, then ends it with its children."""
        for child in self._children:
            child.interrupt(first)
            child.wait(SAVE_SECONDS_MAX)
            child.end()

    def progress(self) -> str:
        numbers = self._numbers()
        return (f"fuzzing {self.target} {self._elapsed:.0f}/{self.seconds} s, "
                f"{numbers.executions:,} executions, {numbers.edges:,} edges")

    def result(self) -> Result:
        """Of an engine that has stopped."""
        suspects = [self._kept(suspect) for suspect in self._saved_inputs()]
        self._collect_inputs()
        return Result(
            self.target, self.sanitizer, self._numbers(), self._elapsed,
            len(self._input_names() - self._inputs_before), self._read_log(), suspects,
            "" if suspects else self._silent_end())

    def _silent_end(self) -> str:
        """Why a run without a failing input is nevertheless not a good one, or nothing."""
        if self._overtime:
            return f"hung: still running {OVERTIME_SECONDS_MAX} s after its time, no input saved"
        return self._problem()

    def _kept(self, suspect: Suspect) -> Suspect:
        """Moves it to findings/, so that no later run takes it for new."""
        if not suspect.certain:
            return suspect
        kept = findings.keep(self.target, suspect.input, suspect.name)
        suspect.input.unlink()
        return Suspect(kept, kept.name)

    def _input_names(self) -> set[str]:
        return {path.name for path in self.corpus.iterdir()}

    def _log(self, number: int) -> Path:
        return self.work / f"fuzzer-{number}.log"

    def _read_log(self) -> str:
        return read_log(self._log(0), LOG_TAIL_BYTES)

    def _failed_status(self) -> int:
        return next((child.status for child in self._children if child.status), 0)

    def _commands(self) -> list[list]:
        raise NotImplementedError

    def _environment(self) -> dict[str, str]:
        """What the engine needs besides the options that are baked in."""
        return {}

    def _numbers(self) -> Numbers:
        raise NotImplementedError

    def _saved_inputs(self) -> list[Suspect]:
        """What the engine has saved as failing, in this run or, before it, in an earlier one."""
        raise NotImplementedError

    def _clear(self) -> None:
        """Forgets what an earlier run saved, which is in findings/ by now."""
        raise NotImplementedError

    def _collect_inputs(self) -> None:
        """Brings what the engine found interesting into the kept corpus."""

    def _problem(self) -> str:
        """One line when the engine failed without saving an input, else nothing."""
        raise NotImplementedError


def content_name(content: bytes) -> str:
    """libFuzzer's way to name an input, used for all: equal inputs get one name."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
