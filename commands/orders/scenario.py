"""What the audit runs: a program under weave, with some of its orders weakened at run time."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

# Findings end a search with one of these; anything else that is not ok decides nothing.
UNDECIDED = {"limit", "unsupported", "unrepeatable", "none"}


@dataclass(frozen=True)
class Outcome:
    """What one search found. `is_complete`: it has covered every execution within its bound."""

    verdict: str
    is_complete: bool
    executions: int
    seconds: float
    what: str = ""
    reproduce: str = ""
    report: str = ""

    @property
    def is_ok(self) -> bool:
        return self.verdict == "ok"

    @property
    def is_finding(self) -> bool:
        return not self.is_ok and self.verdict not in UNDECIDED


class Scenario(Protocol):
    """A bounded program whose executions weave searches."""

    name: str

    def run(self, weakened: list[str], sites: Path | None, seconds: float) -> Outcome:
        """Searches for at most that many seconds, with the operations of WEAVE_WEAKEN's words
        weakened, and has weave write the sites into the file."""


@dataclass
class Site:
    """A place of the source that an atomic operation is called from, and all copies that the
    compiler has made of it."""

    file: str
    line: int
    kind: str
    asked: str
    function: str
    pcs: dict[str, set[str]] = field(default_factory=dict)
    """By scenario, since each may be a program of its own."""

    @property
    def key(self) -> tuple:
        return (self.file, self.line, self.kind, self.asked)

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    def weakened(self, scenario: str, order: str) -> list[str]:
        """The words of WEAVE_WEAKEN that give the operation the order."""
        return [f"{pc}.{self.kind}={order}" for pc in sorted(self.pcs.get(scenario, ()))]


def read_sites(text: str, scenario: str, sites: dict[tuple, Site], root: Path) -> None:
    """Adds what weave wrote for WEAVE_SITES; paths below `root` become relative to it."""
    for line in text.splitlines():
        pc, kind, asked, place, function = line.split("\t")
        file, _, number = place.rpartition(":")
        file = os.path.normpath(file)
        if file.startswith(f"{root}/"):
            file = os.path.relpath(file, root)
        site = Site(file, int(number), kind, asked, short_name(function))
        sites.setdefault(site.key, site).pcs.setdefault(scenario, set()).add(pc)


def short_name(function: str) -> str:
    """A function without its arguments, those of its template, and its type."""
    name = re.sub(r"\(anonymous namespace\)::", "", function)
    while (shorter := re.sub(r"<[^<>]*>", "", name)) != name:
        name = shorter
    name = re.sub(r"\([^()]*\)( const)?$", "", name.replace("'lambda'(unsigned long)", "lambda"))
    return name.split("(")[0].split()[-1] if "operator" not in name else name


def is_of_a_library(site: Site) -> bool:
    """Does the C or C++ library ask for the order, and not the program?"""
    return site.line == 0 or site.file.startswith("/usr/") or "/include/c++/" in site.file
