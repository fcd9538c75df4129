"""What the benchmarks write: tables in docs/benchmarks.md, plots, comparisons with an old run."""

import re

from commands.bench.spread import Spread
from commands.kit import project
from commands.kit.console import CommandError, count, say

PRESET = "release"
PAGE = project.ROOT / "docs" / "benchmarks.md"
PLOTS = project.ROOT / "docs" / "bench"


def write_table(begin: str, end: str, lines: list[str]) -> None:
    """Replaces the text between two marks of docs/benchmarks.md."""
    table = "\n".join([begin, *lines, end])
    text = PAGE.read_text()
    pattern = re.escape(begin) + ".*?" + re.escape(end)
    replaced, found = re.subn(pattern, lambda _: table, text, flags=re.DOTALL)
    if found != 1:
        suite = begin.split()[-2]
        raise CommandError(f"docs/benchmarks.md has lost the marks around the table of bench "
                           f"{suite}")
    PAGE.write_text(replaced)


def worsened(old: dict, new: dict) -> list[tuple[str, list[float], list[float]]]:
    """The cases whose ratio rose so far that the quartiles of both runs do not touch."""
    cases = [case for case in new["ratios"] if new["quartiles"].get(case)
             and old["quartiles"].get(case)]
    return [(case, old["quartiles"][case], new["quartiles"][case]) for case in cases
            if new["quartiles"][case][0] > old["quartiles"][case][2]]


def report_worse(old: dict | None, new: dict) -> bool:
    """Prints the ratios that worsened against `old`; whether there are any."""
    if old is None:
        return False
    worse = worsened(old, new)
    for case, before, after in worse:
        say(f"WORSE {case}: {Spread(*before)} before, {Spread(*after)} now")
    say(f"{count(len(worse), 'ratio')} worsened beyond the spread of both runs")
    return worse != []
