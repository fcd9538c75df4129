"""C++ read as tokens: enough to find the bodies of functions, without a compiler.

Comments, strings and preprocessor lines are seen as such; templates and macros are not expanded.
"""

import re
from dataclasses import dataclass

TOKEN = re.compile(r"""
    (?P<space>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<line>\#(?:\\\n|[^\n])*)
  | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])+')
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>0[xX][0-9A-Fa-f']+[uUlL]*|\d[\d.']*(?:[eE][+-]?\d+)?[uUlLfF]*)
  | (?P<sign><<=|>>=|<=>|\+\+|--|->|::|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[^\s\w])
""", re.VERBOSE | re.DOTALL)

PAIRS = {"(": ")", "{": "}", "[": "]"}
# What may stand between a parameter list and a body.
QUALIFIERS = frozenset({"noexcept", "const", "override", "final"})
# Words before a bracket that does not hold parameters.
NOT_NAMES = frozenset({"alignas", "requires", "decltype"})


@dataclass(frozen=True)
class Token:
    """A token that is not space, and where it lies."""

    kind: str
    text: str
    begin: int
    end: int


@dataclass(frozen=True)
class Body:
    """The tokens [first, end) of a function's body. `name` stands before the parameters; of a
    constructor with members to initialise it is the last of these."""

    name: str
    first: int
    end: int


def tokens_of(source: str) -> list[Token]:
    """The tokens, without space, comments and preprocessor lines."""
    return [Token(match.lastgroup, match[0], match.start(), match.end())
            for match in TOKEN.finditer(source) if match.lastgroup not in ("space", "line")]


def closing_brackets(tokens: list[Token]) -> dict[int, int]:
    """For the index of each opening bracket that of the closing one."""
    stack, result = [], {}
    for index, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        if token.text in PAIRS:
            stack.append(index)
        elif token.text in PAIRS.values() and stack:
            result[stack.pop()] = index
    return result


def function_bodies(tokens: list[Token], closing: dict[int, int]) -> list[Body]:
    """The body of each function: a brace after a parameter list, or after what may follow one. What
    is defined inside a body belongs to it."""
    opening = {last: first for first, last in closing.items()}
    bodies, index = [], 0
    while index < len(tokens):
        name = _name_before(tokens, opening, index) if tokens[index].text == "{" else ""
        if name:
            bodies.append(Body(name, index + 1, closing[index]))
            index = closing[index]
        index += 1
    return bodies


def _name_before(tokens: list[Token], opening: dict[int, int], brace: int) -> str:
    """The name of the function whose body begins with a brace; empty if it begins something else."""
    at = brace - 1
    while at > 0 and tokens[at].text in QUALIFIERS:
        at -= 1
    if at not in opening or tokens[at].text != ")":
        return ""
    name = tokens[opening[at] - 1]
    is_function = (name.text not in NOT_NAMES if name.kind == "word"
                   else tokens[opening[at] - 2].text == "operator")
    return name.text if is_function else ""
