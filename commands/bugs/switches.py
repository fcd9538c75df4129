"""All mutants in one copy of src/runtime, each behind a switch, so that one build serves them all.

In the copy a mutated part reads `(pto_mutants::is(17) ? NEW : OLD)`. The environment chooses one mutant
by its number; without it the copy does what the sources do. A second variable names a file with a byte
for each mutant, which becomes 1 when the mutant's place is reached. A third one makes a run a *probe*: the
chosen mutant, if it is another condition, ends the program where it differs from the original.

What cannot be written as an expression, or overlaps another mutant halfway, is left out, and so is what
does not compile; those are planted one by one.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from commands.bugs.mutants import COMPARISONS, Mutant
from commands.kit.cpp_source import Token, tokens_of

SWITCH_HEADER = "mutant_switch.h"
CHOSEN = "MAILPROOF_MUTANT"
REACHED = "MAILPROOF_MUTANTS_REACHED"
PROBE = "MAILPROOF_MUTANT_PROBE"
# The operators whose mutants a probe can tell from the original.
PROBED = frozenset({"compare", "branch"})

# Not instrumented: neither a sanitizer nor weave is to see the switches. A constant expression has the
# original value. The file is shared memory, which weave leaves as it is between executions.
SWITCH = """\
#pragma once
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <atomic>
#include <cstdlib>
namespace pto_mutants {
struct Choice {
    int number = -1;
    bool probes = false;
    char* reached = nullptr;
    __attribute__((no_sanitize("thread", "address", "undefined"))) Choice() noexcept {
        if (const char* text = getenv("@CHOSEN@")) {
            number = atoi(text);
        }
        probes = getenv("@PROBE@") != nullptr;
        if (const char* path = getenv("@REACHED@")) {
            const int file = open(path, O_RDWR);
            void* memory = mmap(nullptr, @COUNT@, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            reached = memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
            close(file);
        }
    }
};
inline const Choice choice;
__attribute__((no_sanitize("thread", "address", "undefined"))) constexpr bool is(int number) noexcept {
    if (__builtin_is_constant_evaluated()) {
        return false;
    }
    if (choice.reached != nullptr) {
        choice.reached[number] = 1;
    }
    return number == choice.number;
}
__attribute__((no_sanitize("thread", "address", "undefined"))) inline bool probes() noexcept {
    return choice.probes;
}
inline bool probe(bool original, bool mutated) noexcept {
    if (original != mutated) {
        abort();
    }
    return mutated;
}
template <class A>
typename A::value_type plain_load(const A& a) noexcept {
    return *reinterpret_cast<const typename A::value_type*>(&a);
}
template <class A, class V>
void plain_store(A& a, V v) noexcept {
    *reinterpret_cast<typename A::value_type*>(&a) = static_cast<typename A::value_type>(v);
}
template <class A, class E, class V>
bool split_exchange(A& a, E& expected, V desired) noexcept {
    const auto seen = a.load(std::memory_order_acquire);
    if (seen != expected) {
        expected = seen;
        return false;
    }
    a.store(desired, std::memory_order_release);
    return true;
}
}  // namespace pto_mutants
"""

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
    number: int
    new: str
    is_statement: bool

    def around(self, old: str) -> str:
        """The expression around what stands there, which has its own switches by now."""
        chosen = f"::pto_mutants::is({self.number})"
        if self.is_statement:
            return f"({chosen} ? (void)({self.new or '0'}) : (void)({old}))"
        return f"({chosen} ? ({self.new}) : ({old}))"


class Switches:
    """The copies of the headers, and which mutants they have."""

    def __init__(self, mutants: list[Mutant], left_out: frozenset[int] = frozenset()) -> None:
        self._mutants = mutants
        self._left_out = left_out

    def texts(self, folder: Path) -> dict[str, str]:
        """The files of the copy, by name."""
        files = {SWITCH_HEADER: SWITCH.replace("@CHOSEN@", CHOSEN).replace("@REACHED@", REACHED)
                 .replace("@PROBE@", PROBE).replace("@COUNT@", str(len(self._mutants)))}
        for header in dict.fromkeys(mutant.header for mutant in self._mutants):
            source = (folder / header).read_text()
            numbers = [number for number, mutant in enumerate(self._mutants)
                       if mutant.header == header and number not in self._left_out]
            edits = edits_of(source, {number: self._mutants[number] for number in numbers})
            files[header] = _with_include(_written(source, edits))
        return files


def numbers_in(text: str) -> set[int]:
    """The mutants that a line or a file of the copy has."""
    return {int(number) for number in re.findall(r"pto_mutants::is\((\d+)\)", text)}


def edits_of(source: str, mutants: dict[int, Mutant]) -> list[Edit]:
    """What the mutants change, properly nested; one that overlaps another halfway is left out."""
    tokens = tokens_of(source)
    edits: list[Edit] = []
    for number, mutant in mutants.items():
        own = _edits_of_mutant(source, tokens, number, mutant)
        if own and not any(_overlap(edit, other) for edit in own for other in edits):
            edits += own
    return edits


def _overlap(one: Edit, other: Edit) -> bool:
    """Halfway, so that neither contains the other."""
    return (one.begin < other.begin < one.end < other.end
            or other.begin < one.begin < other.end < one.end)


def _edits_of_mutant(source: str, tokens: list[Token], number: int, mutant: Mutant) -> list[Edit]:
    begin, end = mutant.begin, mutant.begin + len(mutant.old)
    if mutant.operator == "swap":
        middle = _semicolon(mutant.old)
        first, second = mutant.old[:middle], mutant.old[middle + 1 :]
        second_begin = end - len(second.lstrip())
        parts = _without_comments(first), _without_comments(second)
        return [Edit(begin, begin + middle, number, parts[1], True),
                Edit(second_begin, end, number, parts[0], True)]
    if mutant.operator == "compare":
        return _comparison(source, tokens, number, mutant)
    if mutant.operator == "order":
        if source[:begin].endswith("std::"):
            begin -= len("std::")
        return [Edit(begin, end, number, f"std::{mutant.new}", False)]
    if mutant.operator == "branch":
        new = "false" if mutant.new.startswith("false") else "true"
        return [Edit(begin, end, number, _probed(mutant.old, new), False)]
    is_statement = mutant.operator in ("drop", "notify") or not mutant.new
    return [Edit(begin, end, number, mutant.new, is_statement)]


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


def _comparison(source: str, tokens: list[Token], number: int, mutant: Mutant) -> list[Edit]:
    """The whole comparison, as its operator alone cannot be chosen."""
    at = next(index for index, token in enumerate(tokens) if token.begin == mutant.begin)
    left = _operand(tokens, at, -1)
    right = _operand(tokens, at, 1)
    if left is None or right is None:
        return []
    begin, end = tokens[left].begin, tokens[right].end
    operator = tokens[at]
    new = source[begin : operator.begin] + COMPARISONS[operator.text] + source[operator.end : end]
    return [Edit(begin, end, number, _probed(source[begin:end], new), False)]


def _probed(old: str, new: str) -> str:
    """A condition, and in a probe both."""
    return (f"::pto_mutants::probes() ? ::pto_mutants::probe(static_cast<bool>({old}), ({new}))"
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
    edits = sorted(edits, key=lambda edit: (edit.begin, -edit.end, not edit.is_statement, edit.number))

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
    return source[:end] + f'#include "{SWITCH_HEADER}"\n' + source[end:]
