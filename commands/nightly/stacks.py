"""The stacks of a job that does not end."""

import shutil
from pathlib import Path

from commands.kit import child
from commands.kit.marks import Mark, read

GDB = ["-nx", "-batch", "-ex", "set pagination off", "-ex", "set debuginfod enabled off",
       "-ex", "thread apply all backtrace 40"]
GDB_SECONDS_MAX = 60
PROCESSES_MAX = 8
STACKS_BYTES_MAX = 256 << 10
NO_GDB = "no stacks, gdb is not installed"
# How gdb begins a thread, and words of the lines that say why it cannot.
THREAD_LINE = "Thread "
REFUSALS = ("ptrace", "Could not attach")


def of_marked(mark: Mark) -> str:
    """The stack of every thread of the job: its own programs first, then the commands that started
    them."""
    pids = sorted(mark.processes(),
                  key=lambda pid: b"python" in read(pid, "cmdline").split(b"\0")[0])
    parts = [_stacks_of(pid) for pid in pids[:PROCESSES_MAX]]
    return "\n".join(parts)[:STACKS_BYTES_MAX]


def _stacks_of(pid: int) -> str:
    name = read(pid, "cmdline").replace(b"\0", b" ").decode(errors="replace").strip()
    text = _gdb(pid)
    return f"process {pid}: {name}\n{text}"


def _gdb(pid: int) -> str:
    """gdb's stacks of one process; if it has none, the states that the kernel shows to all."""
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
    """A line for each thread: name, state, and where in the kernel it waits."""
    lines = ["states only:"]
    for task in sorted(Path(f"/proc/{pid}/task").glob("*")):
        status = read(pid, f"task/{task.name}/status").decode(errors="replace")
        state = next((line for line in status.splitlines() if line.startswith("State:")), ":?")
        words = [read(pid, f"task/{task.name}/{name}").decode(errors="replace").strip()
                 for name in ("comm", "wchan")]
        lines.append(f"  thread {task.name} {words[0]}: {state.split(':')[1].strip()}, "
                     f"in the kernel at {words[1] or '?'}")
    return "\n".join(lines) + "\n"
