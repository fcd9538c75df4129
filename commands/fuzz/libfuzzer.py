"""Runs a libFuzzer binary, alone or in fork mode, and reads its log.

libFuzzer stops at the first failing input. It saves it in the scratch folder; from there it is
moved to findings/, so that an input in findings/ is never overwritten.

In fork mode a parent keeps `jobs` processes running, each with a part of the corpus. What a process
finds is merged into the kept corpus when it ends; its time grows from a second to five minutes. The
parent looks at the time only when a process ends, and then what the others have found is lost. So
this module ends them a little before the time, by the file with which the parent ends them.
"""

import contextlib
import re
import shutil
import signal
import time
from pathlib import Path

from commands.fuzz.exchange import content_name, read_input
from commands.fuzz.fuzzer import (SAVE_SECONDS_MAX, Fuzzer, Numbers, Process,
                                  Suspect)
from commands.kit import project
from commands.kit.project import THREAD
from commands.kit.replay import INPUT_SECONDS_MAX

ADDRESS_MEMORY_MAX_MB = 512
# ThreadSanitizer's memory is added to the target's.
THREAD_MEMORY_MAX_MB = 2048

# The time to merge what the last jobs of fork mode have found.
MERGE_SECONDS = 2
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


class LibFuzzer(Fuzzer):
    """One process, or the parent of `jobs` others."""

    # While a thread spins, ThreadSanitizer delays other signals, including libFuzzer's alarm.
    overtime_signal = signal.SIGABRT

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
        return running

    def _processes(self) -> list[Process]:
        memory_mb = THREAD_MEMORY_MAX_MB if self.sanitizer is THREAD else ADDRESS_MEMORY_MAX_MB
        dictionary = project.dictionary(self.target)
        command = [
            project.binary(*project.libfuzzer_program(self.target, self.sanitizer)),
            *(f"-{name}={value}"
              for name, value in project.fuzzer_options(self.target).items()),
            f"-max_total_time={self.seconds}",
            f"-timeout={INPUT_SECONDS_MAX}",
            f"-report_slow_units={INPUT_SECONDS_MAX}",
            f"-rss_limit_mb={memory_mb}",
            f"-artifact_prefix={self._artifacts}/",
            "-print_final_stats=1",
            "-close_fd_mask=0",
            *(self._fork_options() if self.jobs > 1 else []),
            *([f"-dict={dictionary}"] if dictionary else []),
            self.corpus,
            *project.corpus_folders(self.target),
        ]
        return [Process(command, {"TMPDIR": str(self._temporary)})]

    def _fork_options(self) -> list[str]:
        """The first failing input of any kind ends the run, as in one process. The parent looks for
        inputs that other processes put into the corpus only with corpus groups."""
        return [f"-fork={self.jobs}", "-ignore_crashes=0", "-ignore_ooms=0", "-ignore_timeouts=0",
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
        return numbers_in(self._read_log())

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
