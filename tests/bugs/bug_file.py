"""A seeded bug: one fault planted in a copy of src/ and sim/, and the checks that must turn red.

bugs/SUBJECT/NAME.bug is a few `key: value` lines, then the old lines and the new ones:

    why: what an engineer might do, and why it is wrong
    guarantee: the sentence of the contract that breaks
    check: CHECK PRESET VERDICT [| VERDICT ...]
    --- old
    ...
    --- new
    ...

A bug may have several checks; one under the key `quick` instead of `check` is in the quick tier.
CHECK is a fuzz target, whose corpus must show the bug; unit:STEM:FILTER, the GoogleTest cases of
tests/unit/STEM.cpp that FILTER names; stress:JOB, a few seconds of a stress job; or explored:STEM,
tests/weave/STEM.cpp under weave. PRESET is the build: asan-ubsan or tsan, and dev for weave. The
report must contain one of the verdicts: a fault on real threads may show in more than one way.

All bugs of a check are in one program, each behind a switch (switched.py). A bug that changes more
than bodies of functions has a program of its own, and says why between guarantee and check:

    alone: it changes a constant

The old lines must stand exactly once in src/ and sim/, so a bug whose code has moved on is an error
and not a check that silently tests nothing.
"""

import pathlib
from dataclasses import dataclass

PLANTED = ("src", "sim")
PRESETS = ("asan-ubsan", "tsan", "dev")


class BadBug(Exception):
    """A bug file that breaks the format."""


@dataclass(frozen=True)
class Check:
    """One way to find the bug."""

    check: str
    preset: str
    verdicts: tuple[str, ...]
    is_quick: bool

    @property
    def subject(self) -> str:
        """What is proved alive by it: a fuzz target, a stress job, or the units of a build."""
        return f"units {self.preset}" if self.check.startswith("unit:") else self.check


class Bug:
    """The content of one file."""

    def __init__(self, path):
        path = pathlib.Path(path)
        self.name = path.stem
        head, found_old, rest = path.read_text().partition("\n--- old\n")
        old, found_new, new = rest.partition("\n--- new\n")
        if not found_old or not found_new:
            raise BadBug(f"{path}: needs '--- old' and '--- new'")
        self.old = old
        self.new = new.removesuffix("\n")
        fields = [line.partition(": ") for line in head.splitlines()]
        keys = [key for key, _, _ in fields]
        self.is_alone = keys[2:3] == ["alone"]
        first = 3 if self.is_alone else 2
        if (keys[:2] != ["why", "guarantee"] or not keys[first:]
                or set(keys[first:]) - {"check", "quick"}):
            raise BadBug(f"{path}: the fields must be why, guarantee, perhaps alone, then check or "
                         "quick")
        self.why, self.guarantee = fields[0][2], fields[1][2]
        self.checks = [_check(path, key, value) for key, _, value in fields[first:]]

    def plant(self, root, destination):
        """Writes a copy of the folders PLANTED of `root`, with the bug in it, to `destination`."""
        files = product_files(root)
        path = place_of(self, files)
        files[path] = files[path].replace(self.old, self.new)
        write_copy(files, root, destination)


def product_files(root) -> dict[pathlib.Path, str]:
    """What bugs are planted in: the headers of the checkout `root`."""
    return {path: path.read_text() for folder in PLANTED
            for path in sorted((root / folder).rglob("*.h"))}


def place_of(bug: Bug, files: dict[pathlib.Path, str]) -> pathlib.Path:
    """The file that has the bug's old lines."""
    places = [path for path, text in files.items() for _ in range(text.count(bug.old))]
    if len(places) != 1:
        raise BadBug(f"{bug.name}: the old lines stand {len(places)} times in {', '.join(PLANTED)}")
    return places[0]


def write_copy(files: dict[pathlib.Path, str], root, destination) -> None:
    """Writes the files of `root` to `destination`, but for those that are the same there."""
    for path, text in files.items():
        copy = destination / path.relative_to(root)
        if copy.exists() and copy.read_text() == text:
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text)


def all_bugs(root) -> list[Bug]:
    """Every bug of the checkout `root`, by name."""
    return sorted(map(Bug, pathlib.Path(root).glob("bugs/*/*.bug")), key=lambda bug: bug.name)


def _check(path, key: str, value: str) -> Check:
    words = value.split(" ", 2)
    if len(words) != 3 or words[1] not in PRESETS:
        raise BadBug(f"{path}: 'check: {value}' is not CHECK PRESET VERDICT, "
                     f"PRESET one of {', '.join(PRESETS)}")
    return Check(words[0], words[1], tuple(words[2].split(" | ")), key == "quick")
