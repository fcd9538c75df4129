"""`mailproof bugs --mutants`: a part of the mutants against the layers of their subject, the quick ones
first, up to the first that kills. One build serves all mutants (switches.py), and a run without any
notes which places each layer reaches, so that a layer is asked only where it can see something.

    killed        a layer found it
    survived      no layer did, though its place is reached: a hole
    equivalent    none did, and it is proved to do the same (equivalence.py): not counted
    argued        none did, and equivalent.toml says why none can (argued.py): not counted
    not-reached   no layer runs its place
    not-built     it does not compile, and counts for nothing
"""

import collections
import json
import random

from commands.bugs import argued, campaign
from commands.bugs.campaign import Clock, Reach, Results, SideBySide, Slots
from commands.bugs.equivalence import Proofs
from commands.bugs.layers import Layer, layers_of, subject_of
from commands.bugs.mutants import OPERATORS, Mutant, all_mutants
from commands.bugs.switches import CHOSEN
from commands.kit import documents, jsonfile, project
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, count,
                                  format_table, say)

RESULTS = "mutants.json"
DOCUMENT = project.ROOT / "docs" / "mutants.md"
BEGIN = "<!-- written by ./mailproof bugs --mutants --docs -->"
END = "<!-- end of what bugs --mutants writes -->"
# Compiled out where faults are planted, so nothing could see a change.
LEFT_OUT = frozenset({"pto_assert.h"})
FATES = ("killed", "survived", "equivalent", "argued", "not-reached", "not-built")
HOLES = ("survived", "not-reached")
UNCOUNTED = ("equivalent", "argued", "not-built")


def listed() -> list[Mutant]:
    """Every mutant that can be planted."""
    return [mutant for mutant in all_mutants() if mutant.header not in LEFT_OUT]


def part_of(mutants: list[Mutant], sample: int, seed: int) -> list[Mutant]:
    """A part that rotates: consecutive seeds have different mutants until all have had their turn."""
    shuffled = random.Random(0).sample(mutants, len(mutants))
    start = seed * sample % len(shuffled)
    return (shuffled + shuffled)[start : start + min(sample, len(shuffled))]


def run(names: list[str], minutes: int, sample: int, seed: int, is_list: bool,
        json_name: str | None, writes_docs: bool) -> int:
    """Holds a part of the mutants, or the named ones, against their layers."""
    mutants = listed()
    if names:
        by_name = {mutant.name: mutant for mutant in mutants}
        for name in names:
            if name not in by_name:
                raise CommandError(f"no mutant '{name}'; ./mailproof bugs --mutants --list has "
                                   "their names")
        chosen = [by_name[name] for name in names]
    else:
        chosen = mutants if is_list else part_of(mutants, sample, seed)
    if is_list:
        _list(chosen)
        jsonfile.write(json_name, {"mutants": [mutant.as_json() for mutant in chosen]})
        return EXIT_OK
    # Before a campaign: a reason for changed code is an error.
    reasons = argued.load(mutants)
    results = Results(RESULTS)
    left = [mutant for mutant in chosen if results.get(mutant.name, "fate") is None]
    if left:
        _hold_all(left, results, Clock.of_minutes(minutes))
    known = _known(chosen, results, reasons)
    if writes_docs:
        documents.replace_between(DOCUMENT, BEGIN, END, document(known, len(mutants), seed))
    return _conclude(known, reasons, seed, json_name)


def _list(mutants: list[Mutant]) -> None:
    for mutant in mutants:
        entry = mutant.as_json()
        say(f"{entry['name']:32} {entry['place']:44} {entry['old'][:40]} -> {entry['new'][:48]}")
    by_operator = collections.Counter(mutant.operator for mutant in mutants)
    say(f"{count(len(mutants), 'mutant')}: "
        + ", ".join(f"{by_operator[operator]} {operator}" for operator in OPERATORS))


def _hold_all(chosen: list[Mutant], results: Results, clock: Clock) -> None:
    subjects = list(dict.fromkeys(subject_of(mutant.header) for mutant in chosen))
    layers = list(dict.fromkeys(layer for subject in subjects
                                for layer in mutant_layers(subject)))
    slots = Slots(layers)
    slots.prepare()
    mutants = listed()
    names = [mutant.name for mutant in mutants]
    built = campaign.build_switched(slots, mutants)
    reaches = campaign.reaches_of(layers, names)
    _Campaign(reaches, Proofs(subjects, names), results, clock).hold(chosen, built)


class _Campaign:
    """Mutants side by side, one for each processor."""

    def __init__(self, reaches: list[Reach], proofs: Proofs, results: Results,
                 clock: Clock) -> None:
        self._reaches, self._proofs, self._results = reaches, proofs, results
        self._side_by_side = SideBySide(clock)

    def hold(self, mutants: list[Mutant], built: set[str]) -> None:
        """Keeps the fate of each mutant until the time is up."""
        progress = Progress()
        done = 0

        def keep(mutant: Mutant, fate: tuple[str, str, str]) -> None:
            nonlocal done
            done += 1
            for key, value in zip(("layer", "verdict", "fate"), (fate[1], fate[2], fate[0])):
                self._results.keep(mutant.name, key, value)
            progress.show(f"{mutant.name}: {fate[0]}, {done} of {len(mutants)}")

        try:
            self._side_by_side.run(mutants, lambda mutant: self._fate(mutant, built), keep)
        finally:
            progress.clear()
        if done < len(mutants):
            campaign.said_at_the_end(done, len(mutants))

    def _fate(self, mutant: Mutant, built: set[str]) -> tuple[str, str, str]:
        """Its fate, the layer that killed it and the verdict."""
        if mutant.name not in built:
            return "not-built", "", ""
        subject = subject_of(mutant.header)
        reaches = [reach for reach in self._reaches
                   if reach.layer in mutant_layers(subject) and mutant.name in reach.names]
        if not reaches:
            return "not-reached", "", ""
        for reach in reaches:
            self._side_by_side.check()
            cell = reach.layer.run(1, {CHOSEN: mutant.name})
            if cell.killed:
                return "killed", reach.layer.name, cell.verdict
        self._side_by_side.check()
        return ("equivalent" if self._proofs.hold(subject, mutant) else "survived"), "", ""


def mutant_layers(subject: str) -> list[Layer]:
    """All layers but the two that search with a fresh budget each time; a night has the matrix."""
    return [layer for layer in layers_of(subject) if layer.kind not in ("fuzz", "property")]


def _known(mutants: list[Mutant], results: Results, reasons: dict[str, str]) -> list[dict]:
    """The mutants that have been held, with their fates."""
    entries = [{**mutant.as_json(), **results.faults.get(mutant.name, {})} for mutant in mutants]
    return [_with_reason(entry, reasons) for entry in entries if entry.get("fate")]


def _rows(known: list[dict]) -> list[list[str]]:
    """A row for each operator: how many mutants have each fate."""
    rows = []
    for operator in OPERATORS:
        own = collections.Counter(entry["fate"] for entry in known
                                  if entry["operator"] == operator)
        if own:
            rows.append([operator, *(str(own[fate]) for fate in FATES)])
    return rows


def _score(known: list[dict]) -> tuple[int, int]:
    """How many are killed, and of how many."""
    return (sum(entry["fate"] == "killed" for entry in known),
            sum(entry["fate"] not in UNCOUNTED for entry in known))


def document(known: list[dict], listed_count: int, seed: int) -> str:
    """The table of a campaign, as Markdown."""
    killed, counted = _score(known)
    header = ["operator", *FATES]
    rows = [header, ["---", *["---:"] * len(FATES)], *_rows(known)]
    share = f", {killed / counted:.1%}" if counted else ""
    return (f"Of {count(listed_count, 'mutant')}, {len(known):,} were held (`--sample {len(known)} "
            f"--seed {seed}`):\n{killed:,} of the {counted:,} that count are killed{share}.\n\n"
            + "".join(f"| {' | '.join(row)} |\n" for row in rows))


def _conclude(known: list[dict], reasons: dict[str, str], seed: int,
              json_name: str | None) -> int:
    say(format_table(["operator", *FATES], _rows(known)))
    by_layer = collections.Counter(entry["layer"] for entry in known if entry["layer"])
    for layer, times in by_layer.most_common():
        say(f"  {layer} killed {times}")
    holes = [entry for entry in known if entry["fate"] in HOLES]
    for entry in holes:
        say(f"{entry['fate']}: {entry['name']} at {entry['place']}: {entry['old'][:60]} -> "
            f"{entry['new'][:60] or 'nothing'}")
    for entry in known:
        if entry["fate"] == "killed" and entry["name"] in reasons:
            say(f"killed: {entry['name']} at {entry['place']}, which cannot be, says "
                f"{argued.FILE.name}: {reasons[entry['name']]}")
    killed, counted = _score(known)
    say(f"seed {seed}: {killed} of {count(counted, 'mutant')} killed"
        + (f", {killed / counted:.0%}" if counted else ""))
    jsonfile.write(json_name, json.loads(json.dumps(
        {"seed": seed, "mutants": known, "killed": killed, "counted": counted})))
    return EXIT_FINDING if holes else EXIT_OK


def _with_reason(entry: dict, reasons: dict[str, str]) -> dict:
    """The entry of a mutant, with what is argued about one that no layer kills."""
    if entry["fate"] in HOLES and entry["name"] in reasons:
        return {**entry, "fate": "argued", "why": reasons[entry["name"]]}
    return entry
