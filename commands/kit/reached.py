"""What of a source file was reached: lines from llvm-cov's LCOV export, branches from its JSON.

A branch has two directions. Those of all instantiations of a template count together; a condition
that is constant in each of them has no direction. A line with "unreached: REASON" in its comment, and
the statement below such a comment, are not counted.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

EXCEPTION = re.compile(r"//.*\bunreached: \S")
COMMENT_LINE = re.compile(r"^\s*//")


@dataclass
class Reached:
    """The counts of a file, and its lines that miss something."""

    lines: int = 0
    lines_missed: list[int] = field(default_factory=list)
    directions: int = 0
    branches_missed: list[int] = field(default_factory=list)

    @property
    def line_percent(self) -> float:
        """Lines that were reached, of all that have code."""
        return _percent(self.lines - len(self.lines_missed), self.lines)

    @property
    def branch_percent(self) -> float:
        """Directions that were taken, of all that could be."""
        return _percent(self.directions - len(self.branches_missed), self.directions)


def together(parts: list[Reached]) -> Reached:
    """The sum of several files; the lines are those of different files then."""
    whole = Reached()
    for part in parts:
        whole.lines += part.lines
        whole.lines_missed += part.lines_missed
        whole.directions += part.directions
        whole.branches_missed += part.branches_missed
    return whole


def of_exports(lcov: str, export: str) -> dict[Path, Reached]:
    """The measures by file. Warnings may precede the JSON document."""
    lines = line_counts(lcov)
    document = next(line for line in export.splitlines() if line.startswith("{"))
    found = {}
    for entry in json.loads(document)["data"][0]["files"]:
        path = Path(entry["filename"])
        found[path] = _measure(lines.get(path, {}), entry.get("branches", []), _exceptions(path))
    return found


def ranges(numbers: list[int]) -> str:
    """'3, 7-9'."""
    parts: list[list[int]] = []
    for number in sorted(set(numbers)):
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("-".join(map(str, part)) for part in parts)


def _measure(counts: dict[int, int], branches: list[list[int]], exempt: set[int]) -> Reached:
    counted = {line: count for line, count in counts.items() if line not in exempt}
    taken: dict[tuple, list[int]] = {}
    for branch in branches:
        place, (true, false) = tuple(branch[:4]), branch[4:6]
        sums = taken.setdefault(place, [0, 0])
        sums[0] += true
        sums[1] += false
    found = Reached(len(counted), [line for line, count in counted.items() if count == 0])
    for place, sums in taken.items():
        line = place[0]
        # Neither direction: the line was not reached, or the condition is constant.
        if line not in exempt and any(sums):
            found.directions += 2
            found.branches_missed += [line] * sums.count(0)
    return found


def line_counts(lcov: str) -> dict[Path, dict[int, int]]:
    """By file and line, the counts of an LCOV export; lines without code have none."""
    found: dict[Path, dict[int, int]] = {}
    current: dict[int, int] = {}
    for line in lcov.splitlines():
        key, _, rest = line.partition(":")
        if key == "SF":
            current = found.setdefault(Path(rest), {})
        elif key == "DA":
            number, count = rest.split(",")[:2]
            current[int(number)] = int(count)
    return found


def _exceptions(path: Path) -> set[int]:
    """The lines that are not counted: that of the comment, and the statement below one that has a
    line of its own, with its block."""
    lines = path.read_text().splitlines() if path.exists() else []
    found: set[int] = set()
    for at, line in enumerate(lines):
        if EXCEPTION.search(line):
            found.update(range(at + 1, _end_of_exception(lines, at) + 1))
    return found


def _end_of_exception(lines: list[str], at: int) -> int:
    """The number of the last line of an exception whose comment is at the index."""
    if not COMMENT_LINE.match(lines[at]):
        return at + 1
    while at + 1 < len(lines) and COMMENT_LINE.match(lines[at]):
        at += 1
    if not lines[at].endswith("{"):
        return at + 1
    closing = re.match(r"\s*", lines[at])[0] + "}"
    return next((end + 1 for end in range(at + 1, len(lines)) if lines[end].startswith(closing)),
                at + 1)


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0
