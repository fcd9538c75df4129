"""What a job has started, down to the last grandchild: found by a mark in its environment.

Children put theirs into process groups of their own, and outlive a night that is killed, so neither
groups nor our own memory would do. A mark is unique to a job of a night, and inherited.
"""

import os
import shutil
import signal
import time
from pathlib import Path

from commands import child

MARK = "MAILPROOF_NIGHTLY_JOB"
END_SECONDS_MAX = 10
POLL_SECONDS = 0.05

GDB = ["-nx", "-batch", "-ex", "set pagination off", "-ex", "set debuginfod enabled off",
       "-ex", "thread apply all backtrace 40"]
GDB_SECONDS_MAX = 60
PROCESSES_MAX = 8
STACKS_BYTES_MAX = 256 << 10
NO_GDB = "no stacks, gdb is not installed"
# A line of gdb's for each thread, and those that say why there is none.
THREAD_LINE = "Thread "
REFUSALS = ("ptrace", "Could not attach")


def marked(mark: str) -> list[int]:
    """The processes that have the mark, those started last first."""
    wanted = f"{MARK}={mark}".encode()
    pids = map(int, filter(str.isdecimal, os.listdir("/proc")))
    return [pid for pid in sorted(pids, reverse=True)
            if pid != os.getpid() and wanted in _read(pid, "environ").split(b"\0")]


def end(mark: str) -> None:
    """Asks all of them to end, then makes them."""
    for pid in marked(mark):
        _send(pid, signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS_MAX
    while marked(mark) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    kill(mark)


def kill(mark: str) -> None:
    """Until none is left, since one may start another meanwhile."""
    while pids := marked(mark):
        for pid in pids:
            _send(pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


def stacks(mark: str) -> str:
    """Where every thread of the job is, its own programs first, the commands that started them
    last."""
    pids = sorted(marked(mark), key=lambda pid: b"python" in _read(pid, "cmdline").split(b"\0")[0])
    parts = [_stacks_of(pid) for pid in pids[:PROCESSES_MAX]]
    return "\n".join(parts)[:STACKS_BYTES_MAX]


def _stacks_of(pid: int) -> str:
    name = _read(pid, "cmdline").replace(b"\0", b" ").decode(errors="replace").strip()
    text = _gdb(pid)
    return f"process {pid}: {name}\n{text}"


def _gdb(pid: int) -> str:
    """gdb's words about one process; without them, what the kernel says to everybody."""
    if shutil.which("gdb") is None:
        return f"{NO_GDB}; {_states(pid)}"
    outcome = child.run(["gdb", *GDB, "-p", pid], GDB_SECONDS_MAX)
    lines = outcome.output.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(THREAD_LINE)]
    if starts:
        return "\n".join(lines[starts[0]:]) + "\n"
    refusals = [line for line in lines if any(word in line for word in REFUSALS)]
    why = refusals[0] if refusals else "it said nothing"
    return f"no stacks, gdb: {why.strip()}; {_states(pid)}"


def _states(pid: int) -> str:
    """A line a thread: name, state, and where in the kernel it waits."""
    lines = ["states only:"]
    for task in sorted(Path(f"/proc/{pid}/task").glob("*")):
        status = _read(pid, f"task/{task.name}/status").decode(errors="replace")
        state = next((line for line in status.splitlines() if line.startswith("State:")), ":?")
        words = [_read(pid, f"task/{task.name}/{name}").decode(errors="replace").strip()
                 for name in ("comm", "wchan")]
        lines.append(f"  thread {task.name} {words[0]}: {state.split(':')[1].strip()}, "
                     f"in the kernel at {words[1] or '?'}")
    return "\n".join(lines) + "\n"


def _read(pid: int, name: str) -> bytes:
    """Empty for a process that has just gone, or that is not ours."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
