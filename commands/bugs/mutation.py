"""`mailproof bugs --mutants`: a part of the mutants against the layers of their subject, the cheap ones
first, up to the first that kills. A mutant that survives all is probed: a program that ends where the
mutation would take effect says whether its place is reached at all.

    killed        a layer found it
    survived      no layer did, though its place is reached: a hole
    not-reached   no layer runs its place
    not-built     it does not compile, and counts for nothing

No mutant is called equivalent here: that needs a proof.
"""

import collections
import json
import random

from commands.bugs import campaign
from commands.bugs.campaign import Clock, OutOfTime, PlantedMutant, Results, Slots
from commands.bugs.layers import Layer, layers_of, subject_of
from commands.bugs.mutants import OPERATORS, Mutant, all_mutants
from commands.kit import jsonfile
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, count,
                                  format_table, say)

RESULTS = "mutants.json"
# Compiled out where faults are planted, so nothing could see a change.
LEFT_OUT = frozenset({"pto_assert.h"})
FATES = ("killed", "survived", "not-reached", "not-built")


def listed() -> list[Mutant]:
    """Every mutant that can be planted."""
    return [mutant for mutant in all_mutants() if mutant.header not in LEFT_OUT]


def part_of(mutants: list[Mutant], sample: int, seed: int) -> list[Mutant]:
    """A part that rotates: consecutive seeds have different mutants until all have had their turn."""
    shuffled = random.Random(0).sample(mutants, len(mutants))
    start = seed * sample % len(shuffled)
    return (shuffled + shuffled)[start : start + min(sample, len(shuffled))]


def run(names: list[str], minutes: int, sample: int, seed: int, is_list: bool,
        json_name: str | None) -> int:
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
    results = Results(RESULTS)
    left = [mutant for mutant in chosen if results.get(mutant.name, "fate") is None]
    if left:
        _hold_all(left, results, Clock.of_minutes(minutes))
    return _conclude(chosen, results, seed, json_name)


def _list(mutants: list[Mutant]) -> None:
    for mutant in mutants:
        entry = mutant.as_json()
        say(f"{entry['name']:32} {entry['place']:44} {entry['old'][:40]} -> {entry['new'][:48]}")
    by_operator = collections.Counter(mutant.operator for mutant in mutants)
    say(f"{count(len(mutants), 'mutant')}: "
        + ", ".join(f"{by_operator[operator]} {operator}" for operator in OPERATORS))


def _hold_all(mutants: list[Mutant], results: Results, clock: Clock) -> None:
    subjects = dict.fromkeys(subject_of(mutant.header) for mutant in mutants)
    layers = list(dict.fromkeys(layer for subject in subjects
                                for layer in mutant_layers(subject)))
    slots = Slots(layers)
    slots.prepare()
    campaign.check_clean(slots, layers, 1)
    progress = Progress()
    done = 0
    try:
        for mutant in mutants:
            progress.show(f"{mutant.name}, {done + 1} of {len(mutants)}")
            fate = _fate(slots, mutant, clock)
            results.keep(mutant.name, "layer", fate[1])
            results.keep(mutant.name, "verdict", fate[2])
            results.keep(mutant.name, "fate", fate[0])
            done += 1
    except OutOfTime:
        progress.clear()
        campaign.said_at_the_end(done, len(mutants))
    progress.clear()


def mutant_layers(subject: str) -> list[Layer]:
    """All layers but the two that search with a fresh budget each time; a night has the matrix."""
    return [layer for layer in layers_of(subject) if layer.kind not in ("fuzz", "property")]


def _fate(slots: Slots, mutant: Mutant, clock: Clock) -> tuple[str, str, str]:
    """Its fate, the layer that killed it and the verdict."""
    layers = mutant_layers(subject_of(mutant.header))
    fault = PlantedMutant(mutant)
    for number, layer in enumerate(layers):
        clock.check()
        cell = campaign.hold(slots, fault, layer, 1)
        if cell is None and number == 0:
            return "not-built", "", ""
        if cell is not None and cell.killed:
            return "killed", layer.name, cell.verdict
    probe = PlantedMutant(mutant, is_probe=True)
    for layer in layers:
        clock.check()
        cell = campaign.hold(slots, probe, layer, 1)
        # A probe that does not compile proves nothing, so the mutant counts as a hole.
        if cell is None or cell.killed:
            return "survived", "", ""
    return "not-reached", "", ""


def _conclude(mutants: list[Mutant], results: Results, seed: int, json_name: str | None) -> int:
    entries = [{**mutant.as_json(), **results.faults.get(mutant.name, {})} for mutant in mutants]
    known = [entry for entry in entries if entry.get("fate")]
    rows = []
    for operator in OPERATORS:
        own = collections.Counter(entry["fate"] for entry in known
                                  if entry["operator"] == operator)
        if own:
            rows.append([operator, *(str(own[fate]) for fate in FATES)])
    say(format_table(["operator", *FATES], rows))
    by_layer = collections.Counter(entry["layer"] for entry in known if entry["layer"])
    for layer, times in by_layer.most_common():
        say(f"  {layer} killed {times}")
    holes = [entry for entry in known if entry["fate"] in ("survived", "not-reached")]
    for entry in holes:
        say(f"{entry['fate']}: {entry['name']} at {entry['place']}: {entry['old'][:60]} -> "
            f"{entry['new'][:60] or 'nothing'}")
    killed = sum(entry["fate"] == "killed" for entry in known)
    built = sum(entry["fate"] != "not-built" for entry in known)
    say(f"seed {seed}: {killed} of {count(built, 'mutant')} killed"
        + (f", {killed / built:.0%}" if built else ""))
    jsonfile.write(json_name, json.loads(json.dumps(
        {"seed": seed, "mutants": known, "killed": killed, "built": built})))
    return EXIT_FINDING if holes else EXIT_OK
