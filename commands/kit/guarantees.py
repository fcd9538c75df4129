"""Which guarantee a finding breaks: that of the planted bugs of bugs/ that look like it."""

import collections
import fractions
import re
from collections.abc import Callable, Iterator

from commands.kit import project

GUARANTEE = re.compile(r"^guarantee: (.+)$", re.MULTILINE)
CHANGE = re.compile(r"^--- old\n(?P<old>.*?)^--- new\n(?P<new>.*)", re.MULTILINE | re.DOTALL)
CHECK = re.compile(r"^(?:check|quick): (\S+) \S+ (.+)$", re.MULTILINE)


def of_verdict(target: str, verdict: str) -> list[str]:
    """The guarantees whose planted bugs this target reports with this verdict."""
    return _of_bugs(lambda bug: _reports(bug, target, verdict))


def likely(target: str, verdict: str) -> list[str]:
    """The guarantees that most speak for a verdict of an oracle of a target under weave, by the bugs
    that it or the target on threads, which has the same oracle, reports with it: a bug that may show
    in several ways counts the less for each."""
    targets = {target, f"{target.removesuffix('_weave')}_threads"}
    weights: collections.Counter[str] = collections.Counter()
    for guarantee, bug in _all_bugs():
        weights[guarantee] += max(
            (fractions.Fraction(1, len(verdicts.split(" | "))) for check, verdicts in
             CHECK.findall(bug) if check in targets and verdict in verdicts.split(" | ")),
            default=0)
    most = max(weights.values(), default=0)
    return [guarantee for guarantee, weight in weights.items() if weight == most != 0]


def of_lines(places: set[tuple[str, int]]) -> list[str]:
    """The guarantees whose planted bugs change one of these lines: files of the checkout, and
    lines of them from 1."""
    texts = {path: (project.ROOT / path).read_text(errors="replace") for path, _ in places}
    return _of_bugs(lambda bug: any((path, line) in places for path, text in texts.items()
                                    for line in _changed_lines(bug, text)))


def _all_bugs() -> Iterator[tuple[str, str]]:
    """Each bug's guarantee and file."""
    for path in sorted((project.ROOT / "bugs").glob("*/*.bug")):
        text = path.read_text()
        if guarantee := GUARANTEE.search(text):
            yield guarantee[1], text


def _of_bugs(is_one: Callable[[str], bool]) -> list[str]:
    return list(dict.fromkeys(guarantee for guarantee, bug in _all_bugs() if is_one(bug)))


def _reports(bug: str, target: str, verdict: str) -> bool:
    return any(check == target and verdict in verdicts.split(" | ")
               for check, verdicts in CHECK.findall(bug))


def _changed_lines(bug: str, text: str) -> set[int]:
    """The lines of a file that a bug changes, or may have changed."""
    lines: set[int] = set()
    change = CHANGE.search(bug)
    for changed in filter(None, (part.rstrip("\n") for part in (change.groups() if change else ()))):
        for found in re.finditer(re.escape(changed), text):
            first = text.count("\n", 0, found.start()) + 1
            lines |= set(range(first, first + changed.count("\n") + 1))
    return lines
