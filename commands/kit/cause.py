"""The cause of a failure: what all failing inputs of one fault have in common.

That is the target, the verdict, and where: the innermost functions of this checkout in the stacks
of a report, for a race those of both accesses. Lines do not count, since they move. The report of
an oracle has no place, so its sentence counts, without the numbers, which differ from input to
input. Two faults with the same verdict in the same functions, or in the same words, are one cause.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from commands.kit import project
from commands.kit.report import Report

# "    #3 0x55d0c1 in pto::drain(int) /home/me/mailproof/src/runtime/wait_list.h:88:5", and without
# the address.
FRAME = re.compile(r"^\s*#(\d+) (?:0x[0-9a-f]+ in )?(?:(\S.*?) (/[^:\s]+).*)?", re.MULTILINE)
# Weave's "  thread 1: plain write at step 7, src/runtime/mailbox.h:88 in pto::drain(int)".
WEAVE_ACCESS = re.compile(r"^ *thread \d+: .* at step \d+, (\S+):\d+ in (.+)$", re.MULTILINE)
TEMPLATE_ARGUMENTS = re.compile(r"<[^<>]*>")
ANONYMOUS = "(anonymous namespace)::"
# A race has two stacks; later ones say where threads and memory come from.
STACKS_COMPARED = 2
NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d+")
NUMBER_LIST = re.compile(r"N(?:, N)+(?: and N)?|N and N")
ORACLE_IDENTITY = "oracle "


@dataclass(frozen=True)
class Cause:
    """`where` is the places, or the words of a report without any."""

    target: str
    verdict: str
    where: str

    @property
    def id(self) -> str:
        """A word for folders and reports: target, verdict, and a digest of what makes it this
        cause."""
        digest = hashlib.sha1(f"{self.target}\n{self.verdict}\n{self.where}".encode(),
                              usedforsecurity=False).hexdigest()
        words = re.sub(r"[^A-Za-z0-9_]+", "-", f"{self.target}-{self.verdict}")[:80]
        return f"{words.strip('-')}-{digest[:8]}"


def of_report(target: str, seen: Report, text: str) -> Cause:
    """The cause of a failure with this report; `text` is the output that it was read from."""
    return Cause(target, seen.verdict, same_as(seen, text))


def same_as(seen: Report, text: str) -> str:
    """What two reports of one fault have in common, besides target and verdict."""
    return " ".join(places(seen, text)) or f"{_general(seen.identity)}: {_general(seen.sentence)}"


def places(seen: Report, text: str) -> list[str]:
    """Where it failed: 'function file' of this checkout, sorted, since the accesses of a race come
    in any order. The stack below an oracle's abort() says nothing."""
    accesses = [f"{_name(function)} {own_path(path) or path}"
                for path, function in WEAVE_ACCESS.findall(text)]
    if accesses:
        return sorted(accesses[:STACKS_COMPARED])
    if seen.identity.startswith(ORACLE_IDENTITY):
        return []
    return sorted(_own_frames(text)[:STACKS_COMPARED])


def _general(words: str) -> str:
    """The words with N for every number and for every list of numbers."""
    return NUMBER_LIST.sub("N", NUMBER.sub("N", words))


def _own_frames(text: str) -> list[str]:
    """The first function of each stack whose source is in this checkout."""
    frames: list[str] = []
    is_open = False
    for number, function, path in FRAME.findall(text):
        is_open = is_open or number == "0"
        own = own_path(path)
        if is_open and own:
            frames.append(f"{_name(function)} {own}")
            is_open = False
    return frames


def _name(function: str) -> str:
    """The name alone. One fault shows in every instantiation of a template, so its arguments do not
    count."""
    name = function.replace(ANONYMOUS, "")
    while (shorter := TEMPLATE_ARGUMENTS.sub("", name)) != name:
        name = shorter
    return name.split("(")[0]


def own_path(path: str) -> str | None:
    """The path inside the checkout of a source that a report names. The compiler's cache may have
    built it in another checkout, so the end of the path counts."""
    parts = Path(os.path.normpath(path.lstrip("/"))).parts if path else ()
    ends = (Path(*parts[first:]) for first in range(len(parts) - 1))
    return next((str(end) for end in ends if (project.ROOT / end).is_file()), None)
