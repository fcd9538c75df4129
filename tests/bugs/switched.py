"""Many seeded bugs in one copy of the product, each behind a switch, so that one program serves all.

In the copy the body of a function that bugs change reads

    { if (::pto_planted::is("NAME")) { ITS BODY } else if (...) { ... } else { THE BODY } }

and the environment variable MAILPROOF_FAULT chooses the bug; without it the copy does what the sources
do. A bug that changes anything else, such as a declaration, is planted alone and its file says so.
"""

import difflib
import pathlib
from dataclasses import dataclass

from bug_file import BadBug, Bug, place_of, product_files, write_copy

from commands.kit.cpp_source import Token, closing_brackets, function_bodies, tokens_of

SWITCH_HEADER = pathlib.Path(__file__).with_name("planted_switch.h")


@dataclass(frozen=True)
class Change:
    """`new` stands at [begin, end) of a source that has the bug."""

    begin: int
    end: int
    new: str


def plant_switched(bugs: list[Bug], root, destination) -> None:
    """Writes a copy of the product of `root` with all the bugs, each behind its switch."""
    files = product_files(root)
    by_file: dict = {}
    for bug in bugs:
        by_file.setdefault(place_of(bug, files), []).append(bug)
    for path, own in by_file.items():
        files[path] = _with_include(switched(files[path], own))
    files[root / SWITCH_HEADER.name] = SWITCH_HEADER.read_text()
    write_copy(files, root, destination)


def switched(source: str, bugs: list[Bug]) -> str:
    """A source with bugs, each behind its switch."""
    tokens = tokens_of(source)
    bodies = [(tokens[body.first - 1].end, tokens[body.end].begin)
              for body in function_bodies(tokens, closing_brackets(tokens))]
    variants: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for bug in bugs:
        for body, changes in _by_body(bug, source, tokens, bodies).items():
            variants.setdefault(body, []).append((bug.name, _changed(source, *body, changes)))
    text, at = [], 0
    for (begin, end), own in sorted(variants.items()):
        text.append(source[at:begin])
        text += [f'if (::pto_planted::is("{name}")) {{{body}}} else ' for name, body in own]
        text.append(f"{{{source[begin:end]}}}")
        at = end
    return "".join(text) + source[at:]


def _by_body(bug: Bug, source: str, tokens: list[Token],
             bodies: list[tuple[int, int]]) -> dict:
    """What a bug changes in each body."""
    found: dict[tuple[int, int], list[Change]] = {}
    for change in _changes_of(bug, source, tokens):
        inside = [body for body in bodies if body[0] <= change.begin and change.end <= body[1]]
        if not inside:
            line = source.count("\n", 0, change.begin) + 1
            raise BadBug(f"{bug.name}: line {line} of its header is in no function's body, so it "
                         "needs a line 'alone: WHY'")
        found.setdefault(inside[0], []).append(change)
    return found


def _changes_of(bug: Bug, source: str, tokens: list[Token]) -> list[Change]:
    """The tokens that a bug changes, in order."""
    at = source.index(bug.old)
    begin, end = _whole_tokens(tokens, at, at + len(bug.old))
    old, new = source[begin:end], source[begin:at] + bug.new + source[at + len(bug.old) : end]
    before, after = tokens_of(old), tokens_of(new)
    matcher = difflib.SequenceMatcher(None, [token.text for token in before],
                                      [token.text for token in after], autojunk=False)
    changes = []
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag != "equal":
            where = _range(before, first, last, len(old))
            text = new[slice(*_range(after, new_first, new_last, len(new)))]
            changes.append(Change(begin + where[0], begin + where[1], f" {text} "))
    return changes


def _whole_tokens(tokens: list[Token], begin: int, end: int) -> tuple[int, int]:
    """The old lines may begin or end within a token."""
    for token in tokens:
        if token.begin < begin < token.end:
            begin = token.begin
        if token.begin < end < token.end:
            end = token.end
    return begin, end


def _range(tokens: list[Token], first: int, last: int, end: int) -> tuple[int, int]:
    """The text of tokens [first, last); an empty range is where the next token begins."""
    if first == last:
        place = tokens[first].begin if first < len(tokens) else end
        return place, place
    return tokens[first].begin, tokens[last - 1].end


def _changed(source: str, begin: int, end: int, changes: list[Change]) -> str:
    text, at = [], begin
    for change in changes:
        text += [source[at : change.begin], change.new]
        at = change.end
    return "".join(text) + source[at:end]


def _with_include(source: str) -> str:
    lines = source.splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if line.startswith("#include "))
    return "".join([*lines[: last + 1], f'#include "{SWITCH_HEADER.name}"\n', *lines[last + 1 :]])
