"""Mutants of src/runtime, by operator: a list that is the same for the same sources.

A mutant is a part of one header and what takes its place. Its name is HEADER.OPERATOR.N, N the number
of the place for that operator in the header. The sources are read as tokens, so that comments, strings,
preprocessor lines and what the compiler alone evaluates stay as they are.

    order      a memory order becomes relaxed
    drop       a statement that stores, assigns or counts is dropped
    swap       two neighbouring statements change places, unless they are two writes that nothing
               orders: plain or relaxed ones, of different objects, without calls
    plain      an atomic load or store becomes a plain one
    split      a compare-exchange becomes a load, a comparison and a store
    compare    < becomes <=, == becomes !=, and the other way round
    off-by-one a number is one more
    branch     a condition is always false, or always true
    lock       a call that locks or unlocks is dropped; a try_lock() always succeeds
    notify     a notification is dropped

`plain` and `split` call functions of tests/bugs/planted_switch.h.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from commands.kit import project
from commands.kit.cpp_source import Token, closing_brackets, function_bodies, tokens_of

FOLDER = project.ROOT / "src" / "runtime"
OPERATORS = ("order", "drop", "swap", "plain", "split", "compare", "off-by-one", "branch", "lock",
             "notify")

STRONG = frozenset({"memory_order_acquire", "memory_order_release", "memory_order_acq_rel",
                    "memory_order_seq_cst"})
COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
# A statement that begins with one of these is left alone.
NOT_CODE = frozenset({"static_assert", "PTO_ASSERT", "using", "template", "typedef", "namespace",
                      "struct", "class", "enum", "concept", "requires", "friend", "public",
                      "private", "protected"})
# Statements that declare or leave cannot change places or be dropped.
DECLARES = frozenset({"const", "constexpr", "auto", "static", "return", "break", "continue", "goto",
                      "alignas", "for", "while", "do", "if", "else", "switch", "case", "default",
                      "inline", "explicit", "virtual", "void", "bool", "unsigned"})
# `object = value`, `object.store(value, std::memory_order_relaxed)` or `++object`, without a call in any
# but for CALLS. The sources name the order of each atomic access, so what ++ counts is plain.
WRITE = re.compile(r"(?P<object>\w[\w.\->\[\]]*)(?: = [\w:.\->\[\]{}&?(), ]+"
                   r"|[.]store\([\w:.\->]+, std::memory_order_relaxed\))"
                   r"|(?:\+\+|--)(?P<counter>\w[\w.\->\[\]]*)")
CALL = re.compile(r"\w\(")
# Calls that only read.
CALLS = re.compile(r"static_cast<[\w:]+>(?=\()|[.]size\(\)")
LOCKS = frozenset({"lock_fanout", "unlock_fanout", "lock", "unlock"})
ASSIGNS = frozenset({"=", "+=", "-=", "|=", "&=", "^=", "++", "--"})
WRITES = frozenset({"store", "fetch_add", "fetch_sub", "fetch_or", "fetch_and", "exchange"})

@dataclass(frozen=True)
class Statement:
    """A simple statement of a function's body, without its semicolon: tokens [first, last]."""

    first: int
    last: int


@dataclass(frozen=True)
class Mutant:
    """`old` stands at `begin` of the header, in the body of `function`, and becomes `new`."""

    header: str
    operator: str
    number: int
    begin: int
    old: str
    new: str
    line: int
    function: str

    @property
    def name(self) -> str:
        """The same for the same sources."""
        return f"{Path(self.header).stem}.{self.operator}.{self.number}"

    def as_json(self) -> dict:
        """For a list."""
        return {"name": self.name, "place": f"src/runtime/{self.header}:{self.line}",
                "operator": self.operator, "old": " ".join(self.old.split()),
                "new": " ".join(self.new.split())}


def _commute(first: str, second: str) -> bool:
    """Are they two plain or relaxed writes, neither of which names what the other writes? C++ lets
    no thread see their order: a plain one that another thread could see would be a race."""
    one, other = _written_by(first), _written_by(second)
    if not one or not other:
        return False
    # Two names may stand for one object, so the members have to differ.
    members = [re.split(r"\W+", name.rstrip("]"))[-1] for name in (one, other)]
    return members[0] != members[1] and not _names(second, one) and not _names(first, other)


def _written_by(statement: str) -> str:
    """The object of a plain or relaxed write, or nothing if it is something else."""
    code = re.sub(r"//[^\n]*", "", statement)
    text = CALLS.sub("", " ".join(code.split()))
    match = WRITE.fullmatch(text)
    if match is None or CALL.search(text.replace(".store(", "", 1)):
        return ""
    return match["object"] or match["counter"]


def _names(text: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}", text) is not None


def all_mutants(folder: Path = FOLDER) -> list[Mutant]:
    """Every mutant of every header, in a fixed order."""
    return [mutant for path in sorted(folder.glob("*.h"))
            for mutant in mutants_of(path.name, path.read_text())]


def mutants_of(header: str, source: str) -> list[Mutant]:
    """The mutants of one header."""
    return _Header(header, source).mutants()


class _Header:
    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source
        self.tokens = tokens_of(source)
        self.found: list[tuple[str, int, int, str]] = []
        self.closing = closing_brackets(self.tokens)

    def mutants(self) -> list[Mutant]:
        bodies = function_bodies(self.tokens, self.closing)
        for body in bodies:
            self._visit(body.first, body.end)
        names = {self.tokens[body.first - 1].begin: body.name for body in bodies}
        counts = dict.fromkeys(OPERATORS, 0)
        mutants = []
        for operator, begin, end, new in sorted(set(self.found)):
            old = self.source[begin:end]
            mutants.append(Mutant(self.name, operator, counts[operator], begin, old, new,
                                  self.source.count("\n", 0, begin) + 1,
                                  names[max(at for at in names if at < begin)]))
            counts[operator] += 1
        return mutants

    def _visit(self, first: int, end: int) -> None:
        """The tokens [first, end) of a body: statements, and blocks in them."""
        statements: list[Statement] = []
        index = start = first
        while index < end:
            text = self.tokens[index].text
            if text == "{":
                closing = self.closing[index]
                if not self._is_block(index):
                    index = closing + 1
                    continue
                self._head(start, index)
                self._swaps(statements)
                statements = []
                self._visit(index + 1, closing)
                index = start = closing + 1
                continue
            if text in ("(", "["):
                index = self.closing[index] + 1
                continue
            if text == ";":
                if index > start:
                    one = Statement(start, index - 1)
                    self._simple(one)
                    if self._is_movable(one):
                        statements.append(one)
                    else:
                        self._swaps(statements)
                        statements = []
                index = start = index + 1
                continue
            if text == ":" and self.tokens[start].text in ("case", "default", "public", "private"):
                self._swaps(statements)
                statements = []
                start = index + 1
            index += 1
        self._swaps(statements)

    def _is_block(self, brace: int) -> bool:
        """Not the braces of an initialiser."""
        before = self.tokens[brace - 1].text
        return before in (")", "else", "do", "try", "{", "}", ";", ":", "const", "noexcept",
                          "mutable")

    def _range(self, first: int, last: int) -> tuple[int, int]:
        return self.tokens[first].begin, self.tokens[last].end

    def _add(self, operator: str, begin: int, end: int, new: str) -> None:
        self.found.append((operator, begin, end, new))

    def _head(self, first: int, brace: int) -> None:
        """What stands between the last statement and a block: if (...), for (...), a lambda."""
        if first >= brace or self.tokens[first].text in NOT_CODE:
            return
        self._expression(first, brace - 1)

    def _simple(self, one: Statement) -> None:
        if self.tokens[one.first].text in NOT_CODE:
            return
        begin, end = self._range(one.first, one.last)
        text = [token.text for token in self.tokens[one.first : one.last + 1]]
        self._expression(one.first, one.last)
        if not self._is_movable(one):
            return
        calls = {word for word, after in zip(text, text[1:]) if after == "("}
        if calls & LOCKS and text[-1] == ")":
            self._add("lock", begin, end, "")
        elif any(word.startswith("notify_") for word in calls):
            self._add("notify", begin, end, "")
        elif calls & WRITES or set(text) & ASSIGNS:
            self._add("drop", begin, end, "")

    def _is_movable(self, one: Statement) -> bool:
        """An expression and not a declaration, as far as tokens can say."""
        first, second = self.tokens[one.first], self.tokens[min(one.first + 1, one.last)]
        if first.text in NOT_CODE | DECLARES:
            return False
        if first.kind == "word" and (second.kind == "word" or second.text in ("*", "&", "<")):
            return False
        text = [token.text for token in self.tokens[one.first : one.last + 1]]
        # pto::Type name = ...
        for index in range(len(text) - 1):
            if text[index] in ("=", "("):
                break
            both = self.tokens[one.first + index], self.tokens[one.first + index + 1]
            if both[0].kind == "word" and both[1].kind == "word":
                return False
        return first.kind == "word" or first.text in ("++", "--", "*", "(")

    def _swaps(self, statements: list[Statement]) -> None:
        for one, next_one in zip(statements, statements[1:]):
            if next_one.first != one.last + 2:
                continue
            begin, end = self._range(one.first, next_one.last)
            first = self.source[slice(*self._range(one.first, one.last))]
            second = self.source[slice(*self._range(next_one.first, next_one.last))]
            if first != second and not _commute(first, second):
                between = self.source[self.tokens[one.last].end : self.tokens[next_one.first].begin]
                self._add("swap", begin, end, second + between + first)

    def _expression(self, first: int, last: int) -> None:
        index = first
        while index <= last:
            token = self.tokens[index]
            if token.text in ("static_assert", "PTO_ASSERT") and index < last:
                index = self.closing.get(index + 1, index) + 1
                continue
            self._token(index, token, last)
            index += 1

    def _token(self, index: int, token: Token, last: int) -> None:
        if token.text in STRONG:
            self._add("order", token.begin, token.end, "memory_order_relaxed")
        elif token.text in COMPARISONS and self._is_spaced(token):
            self._add("compare", token.begin, token.end, COMPARISONS[token.text])
        elif token.kind == "number" and re.fullmatch(r"\d[\d']*[uUlL]*", token.text):
            self._add("off-by-one", token.begin, token.end, f"({token.text} + 1)")
        elif token.text in ("if", "while") and index < last:
            self._branch(index)
        elif token.text == "try_lock" and self._is_call(index):
            end = self.tokens[self.closing[index + 1]].end
            begin = self.tokens[self._object(index)].begin
            call = self.source[begin:end]
            self._add("lock", begin, end, f"({call}, true)")
        elif token.text in ("load", "store") and self._is_call(index):
            self._plain(index, token.text)
        elif token.text.startswith("compare_exchange_") and self._is_call(index):
            self._split(index)

    def _is_spaced(self, token: Token) -> bool:
        """clang-format writes spaces around a comparison and none around template arguments."""
        return self.source[token.begin - 1].isspace() and self.source[token.end].isspace()

    def _is_call(self, index: int) -> bool:
        return (index + 1 in self.closing and self.tokens[index + 1].text == "("
                and self.tokens[index - 1].text in (".", "->"))\
            or (self.tokens[index].text == "try_lock" and index + 1 in self.closing)

    def _branch(self, index: int) -> None:
        opening = index + 1
        if self.tokens[opening].text == "constexpr":
            return
        closing = self.closing.get(opening)
        if closing is None or ";" in (t.text for t in self.tokens[opening:closing]):
            return
        begin, end = self.tokens[opening].end, self.tokens[closing].begin
        condition = self.source[begin:end]
        text = [token.text for token in self.tokens[opening + 1 : closing]]
        # A condition that declares something has no other form.
        if "=" in text:
            return
        self._add("branch", begin, end, f"false && ({condition})")
        if self.tokens[index].text == "if":
            self._add("branch", begin, end, f"true || ({condition})")

    def _object(self, index: int) -> int:
        """The first token of `a.b[c]->` before a member's name."""
        at = index
        opening_of = {closing: opening for opening, closing in self.closing.items()}
        while at > 0:
            before = self.tokens[at - 1].text
            if before in (".", "->", "::"):
                at -= 2
                while self.tokens[at].text in (")", "]") and at in opening_of:
                    at = opening_of[at] - 1
            else:
                return at
        return at

    def _arguments(self, opening: int) -> list[str]:
        """The arguments of a call, as they are written."""
        closing = self.closing[opening]
        parts, start, index = [], opening + 1, opening + 1
        while index < closing:
            if self.tokens[index].text in ("(", "{", "["):
                index = self.closing[index]
            elif self.tokens[index].text == ",":
                parts.append(self.source[slice(*self._range(start, index - 1))])
                start = index + 1
            index += 1
        if start < closing:
            parts.append(self.source[slice(*self._range(start, closing - 1))])
        return parts

    def _plain(self, index: int, word: str) -> None:
        first = self._object(index)
        # Nothing lies behind a temporary, such as std::atomic_ref<T>(...).
        if self.tokens[index - 1].text != "." or self.tokens[first].text == ">":
            return
        atomic = self.source[self.tokens[first].begin : self.tokens[index - 1].begin]
        begin, end = self.tokens[first].begin, self.tokens[self.closing[index + 1]].end
        arguments = self._arguments(index + 1)
        new = (f"::pto_planted::plain_load({atomic})" if word == "load"
               else f"::pto_planted::plain_store({atomic}, {arguments[0]})")
        self._add("plain", begin, end, new)

    def _split(self, index: int) -> None:
        first = self._object(index)
        atomic = self.source[self.tokens[first].begin : self.tokens[index - 1].begin]
        begin, end = self.tokens[first].begin, self.tokens[self.closing[index + 1]].end
        expected, desired = self._arguments(index + 1)[:2]
        self._add("split", begin, end, f"::pto_planted::split_exchange({atomic}, {expected}, {desired})")
