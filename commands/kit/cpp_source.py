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


def function_bodies(tokens: list[Token], closing: dict[int, int]) -> list[tuple[int, int]]:
    """The tokens [first, end) of each function's body: a brace after a parameter list, or after what
    may follow one. What is defined inside a body belongs to it."""
    opening = {last: first for first, last in closing.items()}
    bodies, index = [], 0
    while index < len(tokens):
        if tokens[index].text == "{" and _is_body(tokens, opening, index):
            end = closing[index]
            bodies.append((index + 1, end))
            index = end
        index += 1
    return bodies


def function_name(tokens: list[Token], closing: dict[int, int], first: int) -> str:
    """The name before the parameters of the function whose body begins with that token; of a
    constructor with members to initialise, the last of these."""
    opening = {last: first for first, last in closing.items()}
    at = first - 2
    while tokens[at].text in QUALIFIERS:
        at -= 1
    return tokens[opening[at] - 1].text


def _is_body(tokens: list[Token], opening: dict[int, int], brace: int) -> bool:
    at = brace - 1
    while at > 0 and tokens[at].text in QUALIFIERS:
        at -= 1
    if at not in opening or tokens[at].text != ")":
        return False
    name = opening[at] - 1
    if tokens[name].kind == "word":
        return tokens[name].text not in NOT_NAMES
    return tokens[name - 1].text == "operator"
