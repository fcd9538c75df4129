"""Holds faults against layers: plants them in the slot of each preset, all bugs or all mutants at once
behind switches, builds the layers' programs, runs them with one fault after the other, and keeps what
came out, so that a run that ends early is continued by the next.

    build/bugs/matrix.json, mutants.json   the results, for one state of the sources
"""

import hashlib
import json
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commands.bugs.layers import Layer
from commands.bugs.mutants import FOLDER, Mutant
from commands.bugs.switches import SWITCH_HEADER, Switches, names_in, noting
from commands.kit import build, child, jsonfile, packages, project
from commands.kit.console import CommandError, Progress, say

PLANTED = ("src", "sim")
# What a result depends on.
SOURCES = (*PLANTED, "fuzz", "stress", "bugs", "tests/unit", "tests/property", "tests/weave",
           "tests/bugs", "commands/bugs/layers.py", "weave/src")
# For one program, and for all of a preset.
BUILD_SECONDS_MAX = 600
BUILD_ALL_SECONDS_MAX = 3600
MAILPROOF_PLANT = project.ROOT / "tests" / "bugs" / "plant.py"


# Where the compiler sees an error: its first word and a place.
ERROR_PLACE = re.compile(r"(?m)^(/[^:\n]+):(\d+):\d+: error: ")


def _succeeded(outcome: child.Outcome) -> bool:
    return outcome.status == 0 and not outcome.timed_out


class OutOfTime(Exception):
    """The budget is used up; what is there has been kept."""


@dataclass(frozen=True)
class Clock:
    """A budget of the clock."""

    deadline: float

    @classmethod
    def of_minutes(cls, minutes: float) -> "Clock":
        """From now on."""
        return cls(time.monotonic() + 60 * minutes)

    def check(self) -> None:
        """Ends the campaign when the time is up."""
        if time.monotonic() > self.deadline:
            raise OutOfTime


class Results:
    """A file of cells by fault and layer. Results of other sources are dropped."""

    def __init__(self, name: str) -> None:
        self._path = project.BUILD / "bugs" / name
        self._path.parent.mkdir(parents=True, exist_ok=True)
        digest = digest_of_sources()
        try:
            content = json.loads(self._path.read_text())
        except (OSError, ValueError):
            content = {}
        same = content.get("sources") == digest
        self.faults: dict[str, dict] = content["faults"] if same else {}
        self._digest = digest

    def keep(self, fault: str, key: str, value) -> None:
        """Writes one result at once."""
        self.faults.setdefault(fault, {})[key] = value
        jsonfile.replace(self._path, {"sources": self._digest, "faults": self.faults})

    def get(self, fault: str, key: str):
        """The result of an earlier run, or None."""
        return self.faults.get(fault, {}).get(key)


def digest_of_sources() -> str:
    """A digest of everything that a result depends on."""
    digest = hashlib.sha1(usedforsecurity=False)
    for folder in SOURCES:
        for path in [project.ROOT / folder, *sorted((project.ROOT / folder).rglob("*"))]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(project.ROOT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


class Slots:
    """The copies of the product, one for each preset, with the same fault in all of them."""

    def __init__(self, layers: list[Layer]) -> None:
        self._presets: dict[str, list[str]] = {}
        for preset, program in dict.fromkeys((layer.preset, layer.program) for layer in layers):
            self._presets.setdefault(preset, []).append(f"layer_{program}")
        # Which fault a slot has; nothing is known of what an earlier run left.
        self._planted: dict[str, object] = {}

    def prepare(self) -> None:
        """Builds the ordinary programs, as the layers need their seeds."""
        packages.ensure()
        for preset, programs in self._presets.items():
            build.build(preset, [name for name in project.listed_targets()
                                 if f"layer_{name}" in programs and not name.endswith("_weave")])

    def build(self, layer: Layer, fault: "Fault") -> bool:
        """Plants the fault and builds the layer's program; False if that does not compile."""
        return _succeeded(self._build(layer.preset, [f"layer_{layer.program}"], fault,
                                      BUILD_SECONDS_MAX))

    def build_all(self, fault: "Fault") -> set[str]:
        """Plants the faults and builds the programs of all layers; returns the mutants in the lines
        that the compiler rejects."""
        progress = Progress()
        failed: set[str] = set()
        for number, preset in enumerate(self._presets, start=1):
            progress.show(f"with all faults: building the layers of {preset}, {number} of "
                          f"{len(self._presets)}")
            failed |= self._rejected(preset, fault)
        progress.clear()
        return failed

    def _rejected(self, preset: str, fault: "Fault") -> set[str]:
        outcome = self._build(preset, self._presets[preset], fault, BUILD_ALL_SECONDS_MAX)
        if _succeeded(outcome):
            return set()
        found: set[str] = set()
        for path, line in ERROR_PLACE.findall(outcome.output):
            lines = Path(path).read_text().splitlines() if Path(path).is_file() else []
            found |= names_in("".join(lines[int(line) - 1 : int(line)]))
        if not found:
            raise CommandError(f"the layers of {preset} do not compile with the faults:\n"
                               + "\n".join(build.first_errors(outcome.output)))
        return found

    def _build(self, preset: str, programs: list[str], fault: "Fault",
               seconds_max: float) -> child.Outcome:
        """One that does not compile does not keep the others from it."""
        if self._planted.get(preset) is not fault:
            self._restore(preset, fault.files)
            fault.plant(self._folder(preset))
            self._planted[preset] = fault
        return child.run(["cmake", "--build", project.BUILD / preset, "--parallel",
                          os.cpu_count() or 1, "--target", *programs, "--", "-k", "0"],
                         seconds_max)

    @staticmethod
    def _folder(preset: str) -> Path:
        return project.BUILD / preset / "slot"

    def _restore(self, preset: str, left: frozenset[Path]) -> None:
        """Only what differs is written, so that little is built again; `left` is what a fault writes
        as a whole."""
        for folder in PLANTED:
            for path in (project.ROOT / folder).rglob("*.h"):
                copy = self._folder(preset) / path.relative_to(project.ROOT)
                if path.relative_to(project.ROOT) in left:
                    continue
                if not copy.is_file() or copy.read_bytes() != path.read_bytes():
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, copy)


class Fault:
    """Something that can be planted."""

    name = ""
    # The files of a slot that plant() writes as a whole.
    files: frozenset[Path] = frozenset()

    def plant(self, slot: Path) -> None:
        """Writes it into a slot that has no fault but in those files."""
        raise NotImplementedError


class SeededBug(Fault):
    """A file of bugs/."""

    def __init__(self, path: Path) -> None:
        self.name, self.subject, self.path = path.stem, path.parent.name, path
        # It cannot stand behind a switch.
        self.is_alone = re.search("(?m)^alone: ", path.read_text()) is not None

    def plant(self, slot: Path) -> None:
        _plant(slot, self.path)


class SwitchedBugs(Fault):
    """Bugs of bugs/, each behind its switch."""

    def __init__(self, bugs: list[SeededBug]) -> None:
        self._paths = [bug.path for bug in bugs]
        self.files = frozenset(path.relative_to(project.ROOT) for folder in PLANTED
                               for path in (project.ROOT / folder).rglob("*.h"))

    def plant(self, slot: Path) -> None:
        _plant(slot, "--switched", *self._paths)


def _plant(slot: Path, *arguments: str | Path) -> None:
    outcome = child.run([sys.executable, MAILPROOF_PLANT, project.ROOT, slot, *arguments])
    if outcome.status != 0:
        raise CommandError(outcome.output.strip())


class SwitchedMutants(Fault):
    """All mutants at once, each behind its switch."""

    def __init__(self, switches: Switches) -> None:
        runtime = FOLDER.relative_to(project.ROOT)
        self._texts = {Path(name) if name == SWITCH_HEADER.name else runtime / name: text
                       for name, text in switches.texts(FOLDER).items()}
        self.files = frozenset(self._texts)
        self.names = names_in("".join(self._texts.values()))

    def plant(self, slot: Path) -> None:
        for name, text in self._texts.items():
            if not (slot / name).is_file() or (slot / name).read_text() != text:
                (slot / name).write_text(text)


def build_switched(slots: Slots, mutants: list[Mutant]) -> set[str]:
    """Builds every layer's program with all mutants that compile behind a switch, and returns their
    names."""
    left_out: frozenset[str] = frozenset()
    while True:
        fault = SwitchedMutants(Switches(mutants, left_out))
        failed = slots.build_all(fault)
        if not failed:
            return fault.names
        left_out |= failed


@dataclass(frozen=True)
class Reach:
    """What one layer does without a fault: its seconds, and the faults whose places it reaches."""

    layer: Layer
    seconds: float
    names: frozenset[str]


def reaches_of(layers: list[Layer], names: list[str]) -> list[Reach]:
    """Each layer once without a fault, the quick ones first. One that finds something would kill
    everything."""
    progress = Progress()
    reaches = []
    for number, layer in enumerate(layers, start=1):
        progress.show(f"without a fault: {layer.name}, {number} of {len(layers)}")
        cell, reached = noting(names, lambda switch, one=layer: one.run(1, switch))
        if cell.killed:
            progress.clear()
            raise CommandError(f"{layer.name} finds '{cell.verdict}' without any fault")
        reaches.append(Reach(layer, cell.seconds, reached))
    progress.clear()
    return sorted(reaches, key=lambda reach: reach.seconds)


class SideBySide:
    """Pieces of work, one for each processor, until the time is up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._is_interrupted = False

    def check(self) -> None:
        """Ends a piece of work when the time is up."""
        if self._is_interrupted:
            raise OutOfTime
        self._clock.check()

    def run(self, items: list, work: Callable[[Any], Any],
            keep: Callable[[Any, Any], None]) -> None:
        """keep(item, work(item)) for each item for which there is time; keep() is called by one
        thread at a time."""
        def one(item: Any) -> None:
            try:
                self.check()
                result = work(item)
            except OutOfTime:
                return
            with self._lock:
                # What its children end with after an interrupt is not what the faults did.
                if not self._is_interrupted:
                    keep(item, result)

        pool = ThreadPoolExecutor(os.cpu_count())
        try:
            list(pool.map(one, items))
        except KeyboardInterrupt:
            self._is_interrupted = True
            child.end_all()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def said_at_the_end(done: int, wanted: int) -> None:
    """After a campaign whose time was up."""
    say(f"the time is up after {done} of {wanted}; the same command continues")
