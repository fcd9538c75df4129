"""Finds every process that a command has started, grandchildren included, by a mark in the
environment, which processes inherit.

Process groups are not enough, because children make their own. A list in this program is not enough
either, because children outlive a command that is killed.
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
    """A variable and a value that no other process has at the time."""

    name: str
    value: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment for a program that shall have the mark."""
        return {self.name: self.value}

    def processes(self) -> list[int]:
        """The processes with the mark, the newest first, without this one."""
        wanted = os.fsencode(f"{self.name}={self.value}")
        pids = map(int, filter(str.isdecimal, os.listdir("/proc")))
        return [pid for pid in sorted(pids, reverse=True)
                if pid != os.getpid() and wanted in read(pid, "environ").split(b"\0")]

    def end(self) -> None:
        """Asks all of them to end, then kills the rest."""
        for pid in self.processes():
            _send(pid, signal.SIGTERM)
        deadline = time.monotonic() + END_SECONDS_MAX
        while self.processes() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kills them until none is left, since one may start another meanwhile."""
        while pids := self.processes():
            for pid in pids:
                _send(pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS)


def read(pid: int, name: str) -> bytes:
    """A file of /proc; empty if the process has ended or belongs to another user."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
