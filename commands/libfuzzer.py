"""Runs one libFuzzer binary and reads its log.

libFuzzer stops at the first failing input. It saves that in the scratch folder, from where it is
moved to findings/, so that an input in findings/ is never overwritten.
"""

import re
import shutil
import signal
from pathlib import Path

from commands import project
from commands.fuzzer import INPUT_BYTES_MAX, Fuzzer, Numbers, Suspect
from commands.project import THREAD
from commands.replay import INPUT_SECONDS_MAX

ADDRESS_MEMORY_MAX_MB = 512
# ThreadSanitizer's own memory comes on top of the target's.
THREAD_MEMORY_MAX_MB = 2048

# "#4194304 pulse  cov: 312 ft: 900 corp: 120/9Kb lim: 4096 exec/s: 21000 rss: 80Mb"
STATUS = re.compile(r"^#(\d+)\s+\w+\s+cov: (\d+) ft: \d+ corp: (\d+)/", re.MULTILINE)
EXECUTIONS = re.compile(r"^stat::number_of_executed_units:\s+(\d+)", re.MULTILINE)
ARTIFACT_KINDS = ("crash-", "leak-", "oom-", "timeout-")


def numbers_in(log: str) -> Numbers:
    """The last status line counts coverage; only the final statistics count every execution."""
    statuses = STATUS.findall(log)
    executions, edges, corpus = map(int, statuses[-1]) if statuses else (0, 0, 0)
    final = EXECUTIONS.search(log)
    return Numbers(int(final[1]) if final else executions, edges, corpus)


class LibFuzzer(Fuzzer):
    """One process; `jobs` is how many targets run side by side, which is not decided here."""

    # ThreadSanitizer holds back other signals, libFuzzer's own alarm too, while a thread spins.
    overtime_signal = signal.SIGABRT

    @property
    def _artifacts(self) -> Path:
        return self.work / "artifacts"

    def _commands(self) -> list[list]:
        memory_mb = THREAD_MEMORY_MAX_MB if self.sanitizer is THREAD else ADDRESS_MEMORY_MAX_MB
        dictionary = project.ROOT / "fuzz" / f"{self.target}.dict"
        return [[
            project.binary(self.sanitizer.fuzz_preset, self.target),
            f"-max_len={INPUT_BYTES_MAX}",
            f"-max_total_time={self.seconds}",
            f"-timeout={INPUT_SECONDS_MAX}",
            f"-report_slow_units={INPUT_SECONDS_MAX}",
            f"-rss_limit_mb={memory_mb}",
            f"-artifact_prefix={self._artifacts}/",
            "-print_final_stats=1",
            "-close_fd_mask=0",
            *([f"-dict={dictionary}"] if dictionary.exists() else []),
            self.corpus,
            *project.corpus_folders(self.target),
        ]]

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
