"""All that a command has started, down to the last grandchild: found by a mark in its environment,
which is inherited.

Children put theirs into process groups of their own, and outlive a command that is killed, so neither
groups nor our own memory would do.
"""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

END_SECONDS_MAX = 10
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Mark:
    """A variable and its value, which nothing else has that runs at the time."""

    name: str
    value: str

    @property
    def environment(self) -> dict[str, str]:
        """For whoever is to have the mark."""
        return {self.name: self.value}

    def processes(self) -> list[int]:
        """Those that have the mark, started last first; never ourselves."""
        wanted = os.fsencode(f"{self.name}={self.value}")
        pids = map(int, filter(str.isdecimal, os.listdir("/proc")))
        return [pid for pid in sorted(pids, reverse=True)
                if pid != os.getpid() and wanted in read(pid, "environ").split(b"\0")]

    def end(self) -> None:
        """Asks all of them to end, then makes them."""
        for pid in self.processes():
            _send(pid, signal.SIGTERM)
        deadline = time.monotonic() + END_SECONDS_MAX
        while self.processes() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Until none is left, since one may start another meanwhile."""
        while pids := self.processes():
            for pid in pids:
                _send(pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS)


def read(pid: int, name: str) -> bytes:
    """A file of /proc; empty for a process that has just gone, or that is not ours."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
