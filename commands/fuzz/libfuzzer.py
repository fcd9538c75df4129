"""Runs a libFuzzer binary, alone or in fork mode, and reads its log.

libFuzzer stops at a failing input. It saves it in the scratch folder; from there it is moved to
findings/, so that an input in findings/ is never overwritten. Then it is started again for the rest
of the time, without that input in its corpus. Of a cause that comes again and again the first
inputs are kept and the others only counted.

In fork mode the jobs that fail are replaced by others. A parent keeps `jobs` processes running, each with a part of the corpus. What a process
finds is merged into the kept corpus when it ends; its time grows from a second to five minutes. The
parent looks at the time only when a process ends, and then what the others have found is lost. So
this module ends them a little before the time, by the file with which the parent ends them.
"""

import contextlib
import re
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

from commands.fuzz.exchange import content_name, read_input
from commands.fuzz.fuzzer import (SAVE_SECONDS_MAX, Fuzzer, Numbers, Process,
                                  Suspect)
from commands.kit import cause, project, report
from commands.kit.child import Child
from commands.kit.project import THREAD, Sanitizer
from commands.kit.replay import INPUT_SECONDS_MAX

ADDRESS_MEMORY_MAX_MB = 512
# ThreadSanitizer's memory is added to the target's.
THREAD_MEMORY_MAX_MB = 2048

# The time to merge what the last jobs of fork mode have found.
MERGE_SECONDS = 2
# A run with less time left is not continued after a failing input.
CONTINUE_SECONDS_MIN = 2
# The inputs of one cause that a run keeps.
KEPT_PER_CAUSE = 5
# The time that a job needs to notice that it has to end.
JOB_END_SECONDS = 0.5

# "#4194304 pulse  cov: 312 ft: 900 corp: 120/9Kb lim: 4096 exec/s: 21000 rss: 80Mb"
STATUS = re.compile(r"^#(\d+)\s+\w+\s+cov: (\d+) ft: \d+ corp: (\d+)/", re.MULTILINE)
# "#4001: cov: 1060 ft: 4449 corp: 281 exec/s: 871 oom/timeout/crash: 0/0/0 time: 3s job: 2 ..."
FORK_STATUS = re.compile(r"^#(\d+): cov: (\d+) ft: \d+ corp: (\d+) ", re.MULTILINE)
EXECUTIONS = re.compile(r"^stat::number_of_executed_units:\s+(\d+)", re.MULTILINE)
ARTIFACT_KINDS = ("crash-", "leak-", "oom-", "timeout-")


def numbers_in(log: str) -> Numbers:
    """The last status line has the coverage; only the final statistics count every execution. In
    fork mode those are of the job that failed, and the parent's status lines count all."""
    forked = FORK_STATUS.findall(log)
    if forked:
        return Numbers(*map(int, forked[-1]))
    statuses = STATUS.findall(log)
    executions, edges, corpus = map(int, statuses[-1]) if statuses else (0, 0, 0)
    final = EXECUTIONS.search(log)
    return Numbers(int(final[1]) if final else executions, edges, corpus)


def options_of(target: str, sanitizer: Sanitizer) -> list[str]:
    """The options of every run of the target."""
    memory_mb = THREAD_MEMORY_MAX_MB if sanitizer is THREAD else ADDRESS_MEMORY_MAX_MB
    dictionary = project.dictionary(target)
    return [*(f"-{name}={value}" for name, value in project.fuzzer_options(target).items()),
            f"-timeout={INPUT_SECONDS_MAX}",
            f"-report_slow_units={INPUT_SECONDS_MAX}",
            f"-rss_limit_mb={memory_mb}",
            *([f"-dict={dictionary}"] if dictionary else [])]


class LibFuzzer(Fuzzer):
    """One process, or the parent of `jobs` others."""

    # While a thread spins, ThreadSanitizer delays other signals, including libFuzzer's alarm.
    overtime_signal = signal.SIGABRT

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self._set_aside: list[Suspect] = []
        self._failing: set[str] = set()
        self._executions_before = 0

    @property
    def _artifacts(self) -> Path:
        return self.work / "artifacts"

    @property
    def _temporary(self) -> Path:
        """The folder in which fork mode has a folder for its jobs."""
        return self.work / "temporary"

    def is_running(self) -> bool:
        running = super().is_running()
        if running and self._elapsed > self.seconds - MERGE_SECONDS:
            self._end_jobs()
        if not running and self._can_continue():
            self._continue()
            return True
        return running

    def _can_continue(self) -> bool:
        """Whether the process has ended at a failing input, and there is time left."""
        return (self.jobs == 1 and not self._overtime and self._failed_status() != 0
                and self.seconds - self._elapsed >= CONTINUE_SECONDS_MIN
                and bool(self._saved_inputs()))

    def _continue(self) -> None:
        """Starts another process for the rest of the time."""
        self._put_aside()
        self._executions_before = self._numbers().executions
        [process] = self._processes()
        with open(self._log(0), "wb") as log:
            self._children = [Child(process.command, log, process.environment, self.death_signal)]

    def _put_aside(self) -> None:
        """Moves what one process saved to findings/, or only counts it. libFuzzer would end at once
        if the input stayed in a corpus."""
        log = self._read_log()
        for suspect in self._saved_inputs():
            seen_as = self._cause_in(log)
            self._times[seen_as] += 1
            self._failing.add(content_name(suspect.input.read_bytes()))
            if self._times[seen_as] <= KEPT_PER_CAUSE:
                self._set_aside.append(self._kept(replace(suspect, seen_as=seen_as, log=log)))
            else:
                suspect.input.unlink()
        for path in self.corpus.iterdir():
            if content_name(read_input(path)) in self._failing:
                path.unlink()

    def _cause_in(self, log: str) -> str:
        seen = report.of_text(log)
        return cause.of_report(self.target, seen, log).id if seen else "unknown"

    def _suspects(self) -> list[Suspect]:
        if self.jobs > 1:
            return super()._suspects()
        self._put_aside()
        return self._set_aside

    def _passing_folders(self) -> list[Path]:
        """The corpora of the tree. If one has an input that failed, a copy without it."""
        folders = project.corpus_folders(self.target)
        if not self._failing:
            return folders
        copies = self.work / "passing"
        shutil.rmtree(copies, ignore_errors=True)
        return [self._passing(folder, copies / str(number))
                for number, folder in enumerate(folders)]

    def _passing(self, folder: Path, copy: Path) -> Path:
        files = {path: content_name(path.read_bytes()) for path in project.files_below(folder)}
        if not self._failing & set(files.values()):
            return folder
        copy.mkdir(parents=True)
        for path, name in files.items():
            if name not in self._failing:
                shutil.copyfile(path, copy / name)
        return copy

    def _processes(self) -> list[Process]:
        command = [
            project.binary(*project.libfuzzer_program(self.target, self.sanitizer)),
            *options_of(self.target, self.sanitizer),
            f"-max_total_time={max(1, round(self.seconds - self._elapsed))}",
            f"-artifact_prefix={self._artifacts}/",
            "-print_final_stats=1",
            "-close_fd_mask=0",
            *(self._fork_options() if self.jobs > 1 else []),
            self.corpus,
            *self._passing_folders(),
        ]
        return [Process(command, {"TMPDIR": str(self._temporary)})]

    def _fork_options(self) -> list[str]:
        """No failing input ends the run. The parent looks for inputs that other processes put into
        the corpus only with corpus groups."""
        return [f"-fork={self.jobs}", "-ignore_crashes=1", "-ignore_ooms=1", "-ignore_timeouts=1",
                *(["-fork_corpus_groups=1"] if self._exchange else [])]

    def _stop(self, first: signal.Signals) -> None:
        """A parent that is told to end drops its jobs and what they have found. So the jobs end
        first; at overtime they also save the input that they are running."""
        if self.jobs == 1:
            return super()._stop(first)
        for parent in self._children:
            if first == self.overtime_signal:
                parent.interrupt_group(first)
                parent.wait(SAVE_SECONDS_MAX)
            self._end_jobs()
            time.sleep(JOB_END_SECONDS)
            self._collect_jobs()
            parent.end()

    def _end_killed_run(self) -> None:
        """Ends jobs that have outlived a killed parent."""
        self._end_jobs()
        self._collect_jobs()
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir()

    def _end_jobs(self) -> None:
        """Creates the file that tells jobs to end; it must not be empty."""
        for folder in self._temporary.glob("libFuzzerTemp.FuzzWithFork*.dir"):
            with contextlib.suppress(FileNotFoundError):
                (folder / "STOP").write_text("1")

    def _collect_jobs(self) -> None:
        """Keeps what ended jobs had found, unmerged."""
        for path in self._temporary.glob("*/C*/*"):
            content = read_input(path)
            if content:
                (self.corpus / content_name(content)).write_bytes(content)

    def _numbers(self) -> Numbers:
        """All processes count; coverage is that of the last."""
        numbers = numbers_in(self._read_log())
        return replace(numbers, executions=self._executions_before + numbers.executions)

    def _saved_inputs(self) -> list[Suspect]:
        if not self._artifacts.is_dir():
            return []
        return [Suspect(path, path.name) for path in sorted(self._artifacts.iterdir())
                if path.name.startswith(ARTIFACT_KINDS)]

    def _clear(self) -> None:
        shutil.rmtree(self._artifacts, ignore_errors=True)
        self._artifacts.mkdir()

    def _problem(self) -> str:
        status = self._failed_status()
        if status == 0:
            return ""
        last = (self._read_log().strip().splitlines() or ["it printed nothing"])[-1]
        return f"libFuzzer ended with status {status}: {last}"
