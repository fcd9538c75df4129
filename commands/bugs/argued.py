"""Mutants that no check can see, with the reason: equivalent.toml beside this file. A proof
(equivalence.py) is worth more, so these are counted apart, and one that a layer kills all the same has
a wrong reason.

    [[mutant]]
    header = "task_slot.h"
    operator = "swap"
    old = "payload = nullptr; task = nullptr"    # as --list prints it, in full
    new = "true"         # of two at one place: how the new text begins
    line = "payload = nullptr;"    # of several with the same text: the line that it begins in,
    function = "reset"             # its function,
    nth = 0                        # and which of those in a line
    why = "..."

    [[all]]              # all of these operators in functions of a header
    header = "task_slot.h"
    functions = ["reset_for_reuse"]
    operators = ["plain"]
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
    content = tomllib.loads(FILE.read_text())
    reasons: dict[str, str] = {}
    for entry in content.get("all", []):
        reasons |= _reasons_for_all(entry, mutants)
    for entry in content.get("mutant", []):
        found = [one for one in mutants if _is(one, entry)]
        if "nth" in entry:
            found = found[entry["nth"] : entry["nth"] + 1]
        if len(found) != 1 or found[0].name in reasons:
            raise CommandError(f"{project.shown(FILE)}: {entry['header']}, {entry['operator']}, "
                               f"'{entry['old']}' fits {count(len(found), 'mutant')}: it must fit "
                               "one, which no other entry fits")
        reasons[found[0].name] = entry["why"]
    return reasons


def _reasons_for_all(entry: dict, mutants: list[Mutant]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for function in entry["functions"]:
        found = {one.name: entry["why"] for one in mutants
                 if one.header == entry["header"] and one.function == function
                 and one.operator in entry["operators"]}
        if not found:
            raise CommandError(f"{project.shown(FILE)}: {entry['header']}: {function}() has no "
                               f"mutant by {' or '.join(entry['operators'])}")
        reasons |= found
    return reasons


def _is(mutant: Mutant, entry: dict) -> bool:
    text = mutant.as_json()
    return ((mutant.header, mutant.operator, text["old"])
            == (entry["header"], entry["operator"], entry["old"])
            and text["new"].startswith(entry.get("new", ""))
            and entry.get("function", mutant.function) == mutant.function
            and entry.get("line", "") in ("", _line(mutant)))


def _line(mutant: Mutant) -> str:
    return (FOLDER / mutant.header).read_text().splitlines()[mutant.line - 1].strip()
