"""What the programs of a target say of inputs.

The replay program tells time and states of each input. libFuzzer's merge writes the features of
each input, edges with their counts, to a control file.
"""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from commands.kit import child, report
from commands.kit.console import CommandError
from commands.kit.replay import INPUT_SECONDS_MAX, memory_limits

SECONDS_MAX = 3600
STATE = re.compile(r"^ *\d+  (.*?)(  <- never reached)?$", re.MULTILINE)


@dataclass(frozen=True)
class Replayed:
    """One replay of an input; seconds are those of the processor."""

    bytes: int
    seconds: float
    states: frozenset[str]


def replay_each(program: Path, files: list[Path]) -> dict[Path, Replayed]:
    """Replays the inputs in one process."""
    outcome = child.run([program, "--each", *files], SECONDS_MAX, memory_limits())
    if outcome.status != 0 or outcome.timed_out:
        seen = report.of_outcome(outcome)
        raise CommandError(f"{program.name} --each: " + (
            f"{seen.verdict} in {report.current_input(outcome.output)}" if seen else
            (outcome.output.strip().splitlines() or ["it printed nothing"])[-1]))
    found = {}
    for line in outcome.output.splitlines():
        size, micros, path, *states = line.split("\t")
        found[Path(path)] = Replayed(int(size), int(micros) / 1e6, frozenset(states))
    return found


def all_states(program: Path, file: Path) -> list[str]:
    """The names of all states that the target counts."""
    return [name for name, _ in _states(program, [file])]


def missed_states(program: Path, files: list[Path]) -> list[str]:
    """The states that none of the inputs reaches; threads have several tries."""
    return [name for name, missed in _states(program, files) if missed]


def _states(program: Path, files: list[Path]) -> list[tuple[str, str]]:
    """The name of each state, and the mark of one that was not reached."""
    return STATE.findall(child.run([program, "--states", *files], SECONDS_MAX).output)


def describe(program: Path, file: Path) -> str | None:
    """The input as text; None if the program fails."""
    outcome = child.run([program, "--describe", file], INPUT_SECONDS_MAX)
    return outcome.output if outcome.status == 0 else None


def version(program: Path) -> int:
    """The version of the target's format."""
    words = child.run([program, "--format"], INPUT_SECONDS_MAX).output.split()
    if words[:1] != ["version"] or not words[1].isdecimal():
        raise CommandError(f"{program.name} --format printed no version")
    return int(words[1])


@dataclass(frozen=True)
class Measured:
    """Features by input: one without any failed, or ran out of time. `edges` are the numbers of
    those that all inputs reach together."""

    features: dict[Path, frozenset[int]]
    edges: frozenset[int]


def measure(fuzzer: Path, files: list[Path]) -> Measured:
    """Runs the inputs in libFuzzer's merge, which continues behind one that fails."""
    with tempfile.TemporaryDirectory(prefix="corpus-") as name:
        folder = Path(name)
        for part in ("in", "out", "artifacts"):
            (folder / part).mkdir()
        by_copy = {}
        for number, file in enumerate(files):
            copy = folder / "in" / f"{number:06}"
            copy.write_bytes(file.read_bytes())
            by_copy[str(copy)] = file
        control = folder / "control"
        command = [fuzzer, "-merge=1", "-set_cover_merge=1", f"-merge_control_file={control}",
                   f"-timeout={INPUT_SECONDS_MAX}", f"-artifact_prefix={folder}/artifacts/",
                   folder / "out", folder / "in"]
        outcome = child.run(command, SECONDS_MAX)
        if outcome.status != 0 or not control.exists():
            last = (outcome.output.strip().splitlines() or ["it printed nothing"])[-1]
            raise CommandError(f"{fuzzer.name} -merge=1: {last}")
        found, edges = parse_control(control.read_text())
        return Measured({file: found.get(copy, frozenset()) for copy, file in by_copy.items()},
                        edges)


def parse_control(text: str) -> tuple[dict[str, frozenset[int]], frozenset[int]]:
    """The control file of a merge: a number of files, another number, the names, and for each file
    'STARTED index size', 'FT index feature...' and 'COV index edge...' with its new edges."""
    lines = text.splitlines()
    total = int(lines[0])
    names = lines[2 : 2 + total]
    found: dict[str, frozenset[int]] = {}
    edges: set[int] = set()
    for line in lines[2 + total :]:
        kind, index, *numbers = line.split()
        if kind == "FT":
            found[names[int(index)]] = frozenset(map(int, numbers))
        elif kind == "COV":
            edges.update(map(int, numbers))
    return found, frozenset(edges)
