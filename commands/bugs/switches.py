"""All mutants in one copy of src/runtime, each behind a switch, so that one build serves them all.

In the copy a mutated part reads `(pto_planted::is("mailbox.order.3") ? NEW : OLD)`. The environment
chooses one mutant by its name; without it the copy does what the sources do. A second variable names a
file that notes which places are reached. A third one makes a run a *probe*: the chosen mutant, if it is
another condition, ends the program where it differs from the original. tests/bugs/planted_switch.h has
the variables.

What cannot be written as an expression, or overlaps another mutant halfway, is left out, and so is what
does not compile; those are planted one by one.
"""

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commands.bugs.mutants import COMPARISONS, Mutant
from commands.kit import project
from commands.kit.cpp_source import Token, tokens_of

SWITCH_HEADER = project.ROOT / "tests" / "bugs" / "planted_switch.h"
CHOSEN = "MAILPROOF_FAULT"
REACHED = "MAILPROOF_FAULTS_REACHED"
PROBE = "MAILPROOF_FAULT_PROBES"
# As the header has them.
REACHED_BYTES = 1 << 24
HASH_BEGIN, HASH_FACTOR = 14695981039346656037, 1099511628211
# The operators whose mutants a probe can tell from the original.
PROBED = frozenset({"compare", "branch"})

# Where an operand of a comparison ends, for brackets of depth 0. An operand may contain what binds
# stronger: sums, shifts, calls.
STOPS = frozenset({"&&", "||", "?", ":", ",", ";", "=", "+=", "-=", "|=", "&=", "^=", "(", ")", "[",
                   "]", "{", "}", "return", "if", "while", "|", "^", "==", "!="})
OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Edit:
    """`old` at [begin, end) becomes an expression that has `new` while the mutant is chosen."""

    begin: int
    end: int
    name: str
    new: str
    is_statement: bool

    def around(self, old: str) -> str:
        """The expression around what stands there, which has its own switches by now."""
        chosen = f'::pto_planted::is("{self.name}")'
        if self.is_statement:
            return f"({chosen} ? (void)({self.new or '0'}) : (void)({old}))"
        return f"({chosen} ? ({self.new}) : ({old}))"


class Switches:
    """The copies of the headers, and which mutants they have."""

    def __init__(self, mutants: list[Mutant], left_out: frozenset[str] = frozenset()) -> None:
        self._mutants = [mutant for mutant in mutants if mutant.name not in left_out]

    def texts(self, folder: Path) -> dict[str, str]:
        """The files of the copy, by name."""
        files = {SWITCH_HEADER.name: SWITCH_HEADER.read_text()}
        for header in dict.fromkeys(mutant.header for mutant in self._mutants):
            source = (folder / header).read_text()
            edits = edits_of(source, [one for one in self._mutants if one.header == header])
            files[header] = _with_include(_written(source, edits))
        return files


def names_in(text: str) -> set[str]:
    """The mutants that a line or a file of the copy has."""
    return set(re.findall(r'pto_planted::is\("([^"]+)"\)', text))


def place_of(name: str) -> int:
    """Which byte of a file of reached places belongs to a fault."""
    value = HASH_BEGIN
    for byte in name.encode():
        value = (value ^ byte) * HASH_FACTOR % (1 << 64)
    return value % REACHED_BYTES


def noting(names: list[str], run: Callable[[dict[str, str]], Any]) -> tuple[Any, frozenset[str]]:
    """What `run` returns with this environment, and the faults among `names` whose places it
    reaches."""
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(REACHED_BYTES)
        result = run({REACHED: file.name})
        content = file.read()
    return result, frozenset(name for name in names if content[place_of(name)])


def edits_of(source: str, mutants: list[Mutant]) -> list[Edit]:
    """What the mutants change, properly nested; one that overlaps another halfway is left out."""
    tokens = tokens_of(source)
    edits: list[Edit] = []
    for mutant in mutants:
        own = _edits_of_mutant(source, tokens, mutant)
        if own and not any(_overlap(edit, other) for edit in own for other in edits):
            edits += own
    return edits


def _overlap(one: Edit, other: Edit) -> bool:
    """Halfway, so that neither contains the other."""
    return (one.begin < other.begin < one.end < other.end
            or other.begin < one.begin < other.end < one.end)


def _edits_of_mutant(source: str, tokens: list[Token], mutant: Mutant) -> list[Edit]:
    begin, end = mutant.begin, mutant.begin + len(mutant.old)
    if mutant.operator == "swap":
        middle = _semicolon(mutant.old)
        first, second = mutant.old[:middle], mutant.old[middle + 1 :]
        second_begin = end - len(second.lstrip())
        parts = _without_comments(first), _without_comments(second)
        return [Edit(begin, begin + middle, mutant.name, parts[1], True),
                Edit(second_begin, end, mutant.name, parts[0], True)]
    if mutant.operator == "compare":
        return _comparison(source, tokens, mutant)
    if mutant.operator == "order":
        if source[:begin].endswith("std::"):
            begin -= len("std::")
        return [Edit(begin, end, mutant.name, f"std::{mutant.new}", False)]
    if mutant.operator == "branch":
        new = "false" if mutant.new.startswith("false") else "true"
        return [Edit(begin, end, mutant.name, _probed(mutant.old, new), False)]
    is_statement = mutant.operator in ("drop", "notify") or not mutant.new
    return [Edit(begin, end, mutant.name, mutant.new, is_statement)]


def _semicolon(text: str) -> int:
    """Where the first of two statements ends."""
    depth = 0
    for token in tokens_of(text):
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if token.text == ";" and depth == 0:
            return token.begin
    raise ValueError(f"one statement only: {text}")


def _without_comments(text: str) -> str:
    tokens = tokens_of(text)
    return text[tokens[0].begin : tokens[-1].end] if tokens else ""


def _comparison(source: str, tokens: list[Token], mutant: Mutant) -> list[Edit]:
    """The whole comparison, as its operator alone cannot be chosen."""
    at = next(index for index, token in enumerate(tokens) if token.begin == mutant.begin)
    left = _operand(tokens, at, -1)
    right = _operand(tokens, at, 1)
    if left is None or right is None:
        return []
    begin, end = tokens[left].begin, tokens[right].end
    operator = tokens[at]
    new = source[begin : operator.begin] + COMPARISONS[operator.text] + source[operator.end : end]
    return [Edit(begin, end, mutant.name, _probed(source[begin:end], new), False)]


def _probed(old: str, new: str) -> str:
    """A condition, and in a probe both."""
    return (f"::pto_planted::probes() ? ::pto_planted::probe(static_cast<bool>({old}), ({new}))"
            f" : ({new})")


def _operand(tokens: list[Token], at: int, step: int) -> int | None:
    """The last token of an operand, seen from the comparison."""
    inner, outer = (OPENING, CLOSING) if step > 0 else (CLOSING, OPENING)
    depth, index, last = 0, at + step, None
    while 0 <= index < len(tokens):
        text = tokens[index].text
        if depth == 0 and (text in outer or (text in STOPS and text not in inner)
                           or _is_binary_and(tokens, index)):
            break
        depth += (text in inner) - (text in outer)
        last = index
        index += step
    return last


def _is_binary_and(tokens: list[Token], index: int) -> bool:
    """`a & b`, which binds weaker than a comparison; not the address of something."""
    before = tokens[index - 1]
    return tokens[index].text == "&" and (before.kind in ("word", "number")
                                          or before.text in CLOSING)


def _written(source: str, edits: list[Edit]) -> str:
    """The source with all edits: the outer one first where two begin at the same place, and of the
    same part a statement, which has no value."""
    edits = sorted(edits, key=lambda edit: (edit.begin, -edit.end, not edit.is_statement))

    def part(begin: int, end: int, inside: list[Edit]) -> str:
        text, at = [], begin
        while inside:
            outer, rest = inside[0], inside[1:]
            nested = [edit for edit in rest if edit.begin < outer.end]
            inside = rest[len(nested) :]
            text += [source[at : outer.begin], outer.around(part(outer.begin, outer.end, nested))]
            at = outer.end
        return "".join(text) + source[at:end]

    return part(0, len(source), edits)


def _with_include(source: str) -> str:
    end = max((match.end() for match in re.finditer(r"(?m)^#include .*\n", source)), default=0)
    return source[:end] + f'#include "{SWITCH_HEADER.name}"\n' + source[end:]
