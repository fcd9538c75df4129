"""What the benchmarks write: tables in docs/benchmarks.md, plots, comparisons with an old run."""

from commands.bench.spread import Spread
from commands.kit import documents, project
from commands.kit.console import count, say

PRESET = "release"
PAGE = project.ROOT / "docs" / "benchmarks.md"
PLOTS = project.ROOT / "docs" / "bench"


def write_table(begin: str, end: str, lines: list[str]) -> None:
    """Replaces the table between two marks of docs/benchmarks.md."""
    documents.replace_between(PAGE, begin, end, "".join(f"{line}\n" for line in lines))


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
