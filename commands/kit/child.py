"""The programs that a command starts: each in its own process group; none outlives the command.

Ctrl-C reaches only this command. It then ends its children in order, by their process ids, so that
a fuzzer has time to save what it found.
"""

import contextlib
import ctypes
import os
import resource
import select
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from commands.kit import project

END_GRACE_SECONDS = 5
POLL_SECONDS = 0.05

# Debian puts the symbolizer that fits clang-19 here, and the sanitizers look for it by this name.
LLVM_TOOLS = "/usr/lib/llvm-19/bin"

# From <sys/prctl.h>.
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
# The process group among the fields of /proc/PID/stat that follow the name.
STAT_GROUP = 2

_libc = ctypes.CDLL(None)
_alive: set["Child"] = set()


@dataclass(frozen=True)
class Outcome:
    """How a child ended; a negative status is the signal that ended it."""

    status: int
    output: str
    timed_out: bool = False


class Child:
    """A running program. Its output goes to `log`; without a log, to the output of this command.
    The kernel sends it `at_our_death` if this command is killed; without one it continues."""

    def __init__(self, command: list, log=None, environment: dict[str, str] | None = None,
                 at_our_death: signal.Signals | None = None) -> None:
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log and subprocess.STDOUT,
            env=_environment(environment or {}),
            cwd=project.ROOT,
            preexec_fn=at_our_death and (lambda: _signal_at_parents_death(at_our_death)),
            process_group=0)
        _alive.add(self)

    @property
    def status(self) -> int | None:
        """The exit status; None while the child runs."""
        status = self._process.poll()
        if status is not None:
            _alive.discard(self)
        return status

    @property
    def id(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def seconds(self) -> float:
        """The time since the start."""
        return time.monotonic() - self.started

    def wait(self, seconds_max: float | None = None) -> bool:
        """True when the child has ended, False when the time is up."""
        if seconds_max is not None and self.status is None and not self._ends_within(seconds_max):
            return False
        self._process.wait()
        _alive.discard(self)
        return True

    def interrupt(self, number: signal.Signals) -> None:
        """Sends one signal to the child only, so that it can clean up."""
        if self.status is None:
            os.kill(self._process.pid, number)

    def interrupt_group(self, number: signal.Signals) -> None:
        """Sends one signal to every process that the child has started, but not to the child."""
        if self.status is None:
            for member in _group_members(self._process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(member, number)

    def end(self, first: signal.Signals = signal.SIGTERM) -> None:
        """Asks the group to end, then kills it. The child stays a zombie until the second signal is
        sent, so its id cannot belong to another process by then; unless another thread waits for
        it, which then leaves nothing to kill."""
        if self.status is not None:
            return
        with contextlib.suppress(ChildProcessError, ProcessLookupError):
            os.killpg(self._process.pid, first)
            deadline = time.monotonic() + END_GRACE_SECONDS
            while not self._is_zombie() and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            os.killpg(self._process.pid, signal.SIGKILL)
        self.wait()

    def _ends_within(self, seconds: float) -> bool:
        """Waits in the kernel; Popen.wait() with a time limit would look every so often."""
        process = os.pidfd_open(self._process.pid)
        try:
            poller = select.poll()
            poller.register(process, select.POLLIN)
            return bool(poller.poll(max(0, seconds) * 1000))
        finally:
            os.close(process)

    def _is_zombie(self) -> bool:
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, flags) is not None


def run(command: list, seconds_max: float | None = None,
        environment: dict[str, str] | None = None) -> Outcome:
    """Runs a program to its end or its time limit, and returns everything that it printed."""
    with tempfile.TemporaryFile() as log:
        child = Child(command, log, environment)
        in_time = child.wait(seconds_max)
        child.end(signal.SIGKILL)
        log.seek(0)
        output = log.read().decode(errors="replace")
        return Outcome(child.status or 0, output, timed_out=not in_time)


def run_through(command: list, environment: dict[str, str] | None = None) -> int:
    """Runs a program with its output shown to the user; returns its exit status."""
    child = Child(command, environment=environment)
    child.wait()
    return child.status or 0


def end_all() -> None:
    """Ends every child that still runs."""
    for child in list(_alive):
        child.end()


def read_log(log: Path, tail_bytes: int | None = None) -> str:
    """All of a log, or its last bytes, which may begin in the middle of a line."""
    if not log.exists():
        return ""
    with open(log, "rb") as file:
        if tail_bytes is not None:
            file.seek(max(0, log.stat().st_size - tail_bytes))
        return file.read().decode(errors="replace")


def sanitizer_options(**options: str) -> dict[str, str]:
    """Environment variables for children; options that the user has set take precedence."""
    return {name: ":".join(filter(None, (options[name], os.environ.get(name))))
            for name in options}


def _signal_at_parents_death(number: signal.Signals) -> None:
    """Runs in the new process, before its program."""
    _libc.prctl(PR_SET_PDEATHSIG, number)


def _group_members(leader: int) -> list[int]:
    """The ids of the group's processes, without its leader."""
    members = []
    for folder in Path("/proc").glob("[1-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[STAT_GROUP]) == leader:
                members.append(int(folder.name))
    return [member for member in members if member != leader]


def cpu_seconds_of_children() -> float:
    """User and system time of all children that have ended, and of theirs. From the first call on
    this process is the parent of what its children leave running: AFL++ kills its target and does
    not wait for it."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    _reap_orphans()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap_orphans() -> None:
    ours = {str(child.id) for child in _alive}
    for children in Path("/proc/self/task").glob("*/children"):
        for orphan in set(children.read_text().split()) - ours:
            os.waitpid(int(orphan), os.WNOHANG)


def _environment(extra: dict[str, str]) -> dict[str, str]:
    path = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{LLVM_TOOLS}"
    return {**os.environ, "PATH": path, **extra}
