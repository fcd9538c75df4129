"""Mutants that no check can see, with the reason: equivalent.toml beside this file. A proof
(equivalence.py) is worth more, so these are counted apart, and one that a layer kills all the same has
a wrong reason.

    [[mutant]]
    header = "task_slot.h"
    operator = "swap"
    old = "payload = nullptr; task = nullptr"    # as --list prints it, in full
    new = "true"         # of two at one place: how the new text begins
    line = "payload = nullptr;"    # of several with the same text: the line that it begins in
    why = "..."
"""

import tomllib
from pathlib import Path

from commands.bugs.mutants import FOLDER, Mutant
from commands.kit import project
from commands.kit.console import CommandError, count

FILE = Path(__file__).with_name("equivalent.toml")


def load(mutants: list[Mutant]) -> dict[str, str]:
    """The reasons, by the names of the mutants. An entry that is not exactly one of them is an error:
    the code has changed, and the reason may no longer hold."""
    reasons: dict[str, str] = {}
    for entry in tomllib.loads(FILE.read_text())["mutant"]:
        found = [one for one in mutants if _is(one, entry)]
        if len(found) != 1 or found[0].name in reasons:
            raise CommandError(f"{project.shown(FILE)}: {entry['header']}, {entry['operator']}, "
                               f"'{entry['old']}' fits {count(len(found), 'mutant')}: it must fit "
                               "one, which no other entry fits")
        reasons[found[0].name] = entry["why"]
    return reasons


def _is(mutant: Mutant, entry: dict) -> bool:
    text = mutant.as_json()
    return ((mutant.header, mutant.operator, text["old"])
            == (entry["header"], entry["operator"], entry["old"])
            and text["new"].startswith(entry.get("new", ""))
            and entry.get("line", "") in ("", _line(mutant)))


def _line(mutant: Mutant) -> str:
    return (FOLDER / mutant.header).read_text().splitlines()[mutant.line - 1].strip()
