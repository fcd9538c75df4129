"""Which of the changed lines no unit test and no input of a corpus executes. Another tree has no unit
tests.
"""

import re
from pathlib import Path

from commands import coverage
from commands.check.changes import Change, code_of, read_source
from commands.kit import build, project, reached

# Lines that are not executed: declarations, and what only the preprocessor or the compiler reads.
DECLARATION = re.compile(r"^\s*(?:#|using\b|namespace\b|typedef\b|template\b|static_assert\b|"
                         r"(?:inline\s+|static\s+)*constexpr\b|enum\b|struct\b|class\b|concept\b|"
                         r"public:|private:|protected:|[{}]+[;,]?\s*$|\}\s*//)")
STATEMENT = re.compile(r"[;{]\s*$|\breturn\b")


def missed(changes: list[Change]) -> dict[str, list[int]]:
    """By file, the changed lines with code that is never executed. Builds and runs the unit tests
    and the replay of the corpora with counters; what only threads reach that meet, such as a
    compare-exchange that fails, the corpora of the targets under weave."""
    counts: dict[Path, dict[int, int]] = {}
    found: dict[str, list[int]] = {}
    for tests, targets in _programs():
        build.build(coverage.PRESET, [*tests, *targets])
        _add(counts, coverage.line_counts(tests, targets))
        found = _missed_by(counts, changes)
        if not found:
            break
    return found


def _programs() -> list[tuple[list[str], list[str]]]:
    """Unit tests and targets in the order in which they are asked: those under weave, which take
    longest to build, last. For another tree they are not built with counters."""
    explored = project.explored_targets()
    targets = [target for target in project.listed_targets() if target not in explored]
    if project.SUBJECT:
        return [([], targets)]
    return [(["unit_tests"], targets), ([], explored)]


def _add(counts: dict[Path, dict[int, int]], more: dict[Path, dict[int, int]]) -> None:
    for path, lines in more.items():
        own = counts.setdefault(path, {})
        for line, times in lines.items():
            own[line] = own.get(line, 0) + times


def _missed_by(counts: dict[Path, dict[int, int]], changes: list[Change]) -> dict[str, list[int]]:
    found = {}
    for change in changes:
        path = change.path
        lines = missed_lines(read_source(path) if path.exists() else "", change.lines,
                             counts.get(path, {}))
        if lines:
            found[change.file] = lines
    return found


def missed_lines(text: str, changed: tuple[int, ...], counts: dict[int, int]) -> list[int]:
    """Changed lines with a count of 0. A line without a count is missed if it is a statement and
    no line of its block of changed lines has one: the compiler counts nothing in a function that
    no program uses."""
    code = code_of(text).splitlines()
    found = []
    for block in _blocks(changed):
        counted = [number for number in block if number in counts]
        if counted:
            found += [number for number in counted if counts[number] == 0]
        else:
            found += [number for number in block if _is_statement(code[number - 1])]
    return found


def describe(found: dict[str, list[int]]) -> list[str]:
    """A line for each file."""
    return [f"{file}: lines {reached.ranges(lines)}" for file, lines in sorted(found.items())]


def _is_statement(line: str) -> bool:
    return bool(STATEMENT.search(line)) and not DECLARATION.match(line)


def _blocks(numbers: tuple[int, ...]) -> list[list[int]]:
    blocks: list[list[int]] = []
    for number in numbers:
        if blocks and number == blocks[-1][-1] + 1:
            blocks[-1].append(number)
        else:
            blocks.append([number])
    return blocks
