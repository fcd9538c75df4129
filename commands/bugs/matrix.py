"""`mailproof bugs --matrix`: every seeded bug against every layer that looks at its subject.

A cell is the time of the layer until it found the bug, the median over seeds, or nothing. The table
marks bugs that one kind of layer alone finds, and kinds that find nothing alone.
"""

import collections
import statistics

from commands.bugs import campaign, page
from commands.bugs.campaign import (Clock, OutOfTime, Reach, Results, SeededBug, SideBySide,
                                    Slots, SwitchedBugs)
from commands.bugs.layers import KINDS, Cell, Layer, layers_of
from commands.bugs.switches import CHOSEN
from commands.kit import jsonfile, project
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, count,
                                  format_table, say)

RESULTS = "matrix.json"
PAGE = "matrix.html"


def run(names: list[str], minutes: int, seeds: int, json_name: str | None) -> int:
    """Holds the bugs, or the named ones, against their layers; prints and writes the matrix."""
    bugs = [SeededBug(path) for path in sorted((project.ROOT / "bugs").glob("*/*.bug"))]
    known = sorted(bug.name for bug in bugs)
    for name in names:
        if name not in known:
            raise CommandError(f"no seeded bug '{name}' in bugs/; there are: {', '.join(known)}")
    chosen = [bug for bug in bugs if not names or bug.name in names]
    results = Results(RESULTS)
    _hold_all(chosen, bugs, results, seeds, Clock.of_minutes(minutes))
    rows = [row_of(bug, results) for bug in chosen]
    _show(rows)
    path = project.BUILD / "bugs" / PAGE
    path.write_text(page.write(rows))
    say(f"heat map: {project.shown(path)}")
    jsonfile.write(json_name, {"bugs": rows})
    # A bug that every layer of its subject has missed.
    return EXIT_FINDING if any(row["is_complete"] and not row["kinds"] for row in rows) else EXIT_OK


def _hold_all(bugs: list[SeededBug], known: list[SeededBug], results: Results, seeds: int,
              clock: Clock) -> None:
    wanted = [(bug, layer) for bug in bugs for layer in layers_of(bug.subject)]
    left = [(bug, layer) for bug, layer in wanted if results.get(bug.name, layer.name) is None]
    if not left:
        return
    layers = list(dict.fromkeys(layer for _, layer in left))
    slots = Slots(layers)
    slots.prepare()
    switched = [bug for bug in known if not bug.is_alone]
    slots.build_all(SwitchedBugs(switched))
    reaches = campaign.reaches_of(layers, [bug.name for bug in switched])
    held = _Held(reaches, results, seeds, clock, len(left))
    held.hold_switched([(bug, layer) for bug, layer in left if not bug.is_alone])
    held.hold_alone([(bug, layer) for bug, layer in left if bug.is_alone], slots)
    held.say_what_is_left(len(wanted))


class _Held:
    """Bugs held against layers."""

    def __init__(self, reaches: list[Reach], results: Results, seeds: int, clock: Clock,
                 left: int) -> None:
        self._reached = {reach.layer: reach.names for reach in reaches}
        self._results, self._seeds, self._clock = results, range(1, seeds + 1), clock
        self._left, self._done = left, 0
        self._progress = Progress()

    def hold_switched(self, pairs: list[tuple[SeededBug, Layer]]) -> None:
        """Bugs behind their switches, side by side."""
        try:
            SideBySide(self._clock).run(pairs, self._cells, self._keep)
        finally:
            self._progress.clear()

    def _cells(self, pair: tuple[SeededBug, Layer]) -> list[Cell]:
        bug, layer = pair
        if bug.name not in self._reached[layer]:
            # It does what it does without the bug.
            return [Cell(False, "", 0.0)]
        return [layer.run(seed, {CHOSEN: bug.name}) for seed in self._seeds]

    def hold_alone(self, pairs: list[tuple[SeededBug, Layer]], slots: Slots) -> None:
        """Bugs that have to be planted one by one. One that does not compile in a layer has no cell
        there."""
        try:
            for bug, layer in pairs:
                self._clock.check()
                is_built = slots.build(layer, bug)
                self._keep((bug, layer), [layer.run(seed) for seed in self._seeds if is_built])
        except OutOfTime:
            pass
        finally:
            self._progress.clear()

    def _keep(self, pair: tuple[SeededBug, Layer], cells: list[Cell]) -> None:
        bug, layer = pair
        self._done += 1
        self._results.keep(bug.name, layer.name, [cell.as_json() for cell in cells])
        self._progress.show(f"{bug.name} against {layer.name}, {self._done} of {self._left}")

    def say_what_is_left(self, wanted: int) -> None:
        """After a matrix whose time was up."""
        if self._done < self._left:
            campaign.said_at_the_end(wanted - self._left + self._done, wanted)


def row_of(bug: SeededBug, results: Results) -> dict:
    """A bug, and for each kind of layer its best cell."""
    cells: dict[str, dict] = {}
    missing = 0
    for layer in layers_of(bug.subject):
        runs = results.get(bug.name, layer.name)
        if runs is None:
            missing += 1
            continue
        cell = median_of(runs)
        if cell and (layer.kind not in cells or _is_better(cell, cells[layer.kind])):
            cells[layer.kind] = {**cell, "layer": layer.name}
    killers = [kind for kind in KINDS if cells.get(kind, {}).get("killed")]
    return {"name": bug.name, "subject": bug.subject, "cells": cells, "kinds": killers,
            "is_complete": missing == 0}


def median_of(runs: list[dict]) -> dict | None:
    """A kill if most runs killed, with the median of their times."""
    killed = [run for run in runs if run["killed"]]
    if not runs:
        return None
    if 2 * len(killed) <= len(runs):
        return {"killed": False, "seconds": statistics.median(run["seconds"] for run in runs),
                "executions": None, "verdict": ""}
    counts = [run["executions"] for run in killed if run["executions"] is not None]
    return {"killed": True, "seconds": round(statistics.median(r["seconds"] for r in killed), 2),
            "executions": statistics.median(counts) if counts else None,
            "verdict": killed[0]["verdict"]}


def _is_better(cell: dict, other: dict) -> bool:
    return (not cell["killed"], cell["seconds"]) < (not other["killed"], other["seconds"])


def cell_text(row: dict, kind: str) -> str:
    """'0.4' seconds to the kill, '-' survived, nothing where the layer does not exist or has not
    run."""
    cell = row["cells"].get(kind)
    if cell is None:
        return ""
    return f"{cell['seconds']:.1f}" if cell["killed"] else "-"


def _show(rows: list[dict]) -> None:
    table = [[row["name"], *(cell_text(row, kind) for kind in KINDS),
              "one" if len(row["kinds"]) == 1 else "NONE" if row["is_complete"] and not row["kinds"]
              else ""] for row in rows if row["cells"]]
    say(format_table(["seconds to the kill", *KINDS, "found by"], table))
    alone = collections.Counter(row["kinds"][0] for row in rows if len(row["kinds"]) == 1)
    ran = [kind for kind in KINDS if any(kind in row["cells"] for row in rows)]
    for kind in ran:
        found = sum(kind in row["kinds"] for row in rows)
        note = "" if alone[kind] else "; nothing that no other layer finds"
        say(f"  {kind}: {count(found, 'bug')}, {alone[kind]} of them alone{note}")
    unknown = [row for row in rows if not row["is_complete"]]
    if unknown:
        say(f"{count(len(unknown), 'bug')} not held against every layer yet")
