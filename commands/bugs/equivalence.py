"""Does a mutant that nothing finds do the same as the original? The scenarios of `verify` that reach it are
searched once more, with a number for all that the search has seen (weave/SEARCH.md, Is it still the same
program?). If each of them has the number that it has without the mutant, it does the same within their
bounds.

That proves nothing for a condition that has the same value in all of them. So a mutant that changes one
must differ from the original in at least one execution of a scenario, which a probe shows (switches.py).
"""

import json
from dataclasses import dataclass

from commands.bugs.layers import ENVIRONMENT
from commands.bugs.mutants import Mutant
from commands.bugs.switches import CHOSEN, PROBE, PROBED, noting
from commands.kit import child, project
from commands.kit.console import CommandError, Progress
from commands.verify import scenarios

PRESET = "dev"
# A scenario takes a second or two at most.
SECONDS = 60
# What an execution ends with that a probe has ended.
DIFFERS = "crash"


@dataclass(frozen=True)
class Seen:
    """What a search has come to. `digest` is empty if it has no number."""

    verdict: str
    digest: str


@dataclass(frozen=True)
class Scenario:
    """One of a subject, without a mutant: its digest, and the mutants whose places it reaches."""

    subject: str
    name: str
    digest: str
    reached: frozenset[str]


class Proofs:
    """The scenarios of some subjects, as they are without a mutant."""

    def __init__(self, subjects: list[str], names: list[str]) -> None:
        self._scenarios: list[Scenario] = []
        progress = Progress()
        for subject in subjects:
            for one in scenarios.list_of(_program(subject)):
                if not one.is_deep:
                    progress.show(f"without a fault: {one.name}")
                    self._scenarios.append(_clean(subject, one.name, names))
        progress.clear()

    def hold(self, subject: str, mutant: Mutant) -> bool:
        """Does the mutant do the same in every scenario of its subject that reaches it? False if
        none does, or none tells."""
        reaching = [one for one in self._scenarios
                    if one.subject == subject and mutant.name in one.reached]
        chosen = {CHOSEN: mutant.name}
        if not reaching or not all(one.digest for one in reaching):
            return False
        if mutant.operator in PROBED and not any(
                _search(one.subject, one.name, {**chosen, PROBE: "1"}).verdict == DIFFERS
                for one in reaching):
            return False
        return all(_search(one.subject, one.name, chosen) == Seen("ok", one.digest)
                   for one in reaching)


def _program(subject: str):
    return project.binary(PRESET, f"layer_verify_{subject}")


def _clean(subject: str, name: str, mutants: list[str]) -> Scenario:
    seen, reached = noting(mutants, lambda switch: _search(subject, name, switch))
    if seen.verdict != "ok":
        raise CommandError(f"{name} ends with '{seen.verdict}' without any fault")
    return Scenario(subject, name, seen.digest, reached)


def _search(subject: str, name: str, switch: dict[str, str]) -> Seen:
    """Addresses count in the number, so the system has to give the same ones each time."""
    outcome = child.run(["setarch", "--addr-no-randomize", _program(subject), name, "--digest",
                         "--seconds", SECONDS], 2 * SECONDS, {**ENVIRONMENT, **switch})
    try:
        found = json.loads(outcome.output.splitlines()[-1])
    except (IndexError, ValueError):
        return Seen("none", "")
    return Seen(found["verdict"], found["digest"])
