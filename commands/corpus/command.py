"""`mailproof corpus`: looks after the inputs that are kept in git."""

import tempfile
from pathlib import Path
from typing import Callable

from commands.corpus import check, convert, edges, programs
from commands.corpus.cover import cover
from commands.corpus.siblings import SIBLINGS
from commands.fuzz.exchange import content_name
from commands.kit import build, commandline, jsonfile, packages, project, storage
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, complain, count,
                                  format_table, say)
from commands.kit.project import WEAVE

NAME = "corpus"
GROUP = commandline.INPUTS
SUMMARY = "Measure, shrink, merge and check the kept inputs"
DETAILS = ("Works on corpus/TARGET, which is in git. Inputs that a generator writes and regressions "
           "count as given: what they show needs no other input.")

STABILITY_RUNS = 5
# What an input shows once may be luck on real threads.
COVER_RUNS = 3
TABLE_HEADER = ["target", "inputs", "bytes", "product edges", "states", "read pairs", "replay ms",
                "stable %"]


def add_options(command) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, (text, _) in ACTIONS.items():
        action = actions.add_parser(name, help=text, description=text)
        if name == "merge":
            action.add_argument("folder", metavar="DIR",
                                help="a folder with a folder of inputs for each target, as "
                                     "`fuzz --sync` fills it")
        action.add_argument("targets", nargs="*", metavar="TARGET", help="default: every target")
        if name == "stats":
            commandline.add_json(action)


def run(options) -> int:
    targets = project.check_targets(options.targets)
    packages.ensure()
    return ACTIONS[options.action][1](options, targets)


def _stats(options, targets: list[str]) -> int:
    jsonfile.check(options.json)
    _build(targets, with_fuzzers=True)
    figures = [_figures(target) for target in targets]
    say(format_table(TABLE_HEADER, [_row(one) for one in figures]))
    jsonfile.write(options.json, {"targets": figures})
    unstable = [one["target"] for one in figures
                if one["target"] in project.explored_targets() and one["stable_inputs"] < 1]
    for target in unstable:
        complain(f"{target}: an input under weave must reach the same in every run")
    return EXIT_FINDING if unstable else EXIT_OK


def _figures(target: str) -> dict:
    progress = Progress()
    progress.show(f"measuring {target}")
    files = project.corpus_files(target)
    program, fuzzer = _replay_program(target), _fuzzer(target)
    replayed = programs.replay_each(program, files)
    runs = [programs.measure(fuzzer, files) for _ in range(STABILITY_RUNS)]
    stable = sum(len({run.features[file] for run in runs}) == 1 for file in files)
    product = edges.product_edges(fuzzer)
    features = frozenset().union(*runs[0].features.values())
    reached = frozenset().union(*(one.states for one in replayed.values()))
    progress.clear()
    return {
        "target": target, "inputs": len(files),
        "bytes": sum(one.bytes for one in replayed.values()),
        "product_edges": len(product & runs[0].edges), "product_edges_all": len(product),
        "states_reached": len(reached),
        "states": len(programs.all_states(program, min(files, key=lambda f: f.stat().st_size))),
        "read_pairs": edges.read_pairs(fuzzer, features),
        "replay_seconds": round(sum(one.seconds for one in replayed.values()), 6),
        "stable_inputs": stable / len(files)}


def _row(one: dict) -> list[str]:
    is_explored = one["target"] in project.explored_targets()
    return [one["target"], f"{one['inputs']:,}", f"{one['bytes']:,}",
            f"{one['product_edges']}/{one['product_edges_all']}",
            f"{one['states_reached']}/{one['states']}",
            f"{one['read_pairs']:,}" if is_explored else "-",
            f"{1000 * one['replay_seconds']:,.0f}", f"{100 * one['stable_inputs']:.1f}"]


def _minimize(_options, targets: list[str]) -> int:
    _build(targets, with_fuzzers=True)
    for target in targets:
        files = [file for file in check.inputs_of(target) if file.parent.name == target
                 and project.CORPUS / target in file.parents]
        if not files:
            continue
        given = [file for file in project.corpus_files(target) if file not in files]
        chosen = choose(target, given, files)
        for file in set(files) - set(chosen):
            file.unlink()
        say(f"{target}: {count(len(files), 'input')}, {len(chosen)} left")
    return EXIT_OK


def _merge(options, targets: list[str]) -> int:
    shared = Path(options.folder)
    if not shared.is_dir():
        raise CommandError(f"no such folder: {shared}")
    _build(targets, with_fuzzers=True)
    for target in targets:
        with tempfile.TemporaryDirectory(prefix="corpus-") as name:
            arrived = _candidates(target, shared, Path(name))
            given = project.corpus_files(target)
            chosen = choose(target, given, arrived) if arrived else []
            for file in chosen:
                content = file.read_bytes()
                (project.CORPUS / target).mkdir(exist_ok=True)
                storage.write_atomic(project.CORPUS / target / content_name(content), content)
            say(f"{target}: {count(len(arrived), 'new input')}, {len(chosen)} show more")
    return EXIT_OK


def _candidates(target: str, shared: Path, folder: Path) -> list[Path]:
    """The inputs of the shared folder that are new, and what the siblings' inputs are in this
    target's format, as files of `folder`."""
    contents = [file.read_bytes() for file in _files(shared / target)]
    for (fed, feeder), translate in SIBLINGS.items():
        if fed == target:
            contents += [translate(file.read_bytes())
                         for file in (*_files(shared / feeder), *project.corpus_files(feeder))]
    known = {content_name(file.read_bytes()) for file in project.corpus_files(target)}
    found = {}
    for content in contents:
        name = content_name(content)
        if len(content) <= check.INPUT_BYTES_MAX and name not in known:
            found[name] = content
    for name, content in found.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in sorted(found)]


def choose(target: str, given: list[Path], files: list[Path]) -> list[Path]:
    """Those of `files` that show, besides the given inputs, all that all of them show: features in
    every run, and states in any. An input that fails is none of them; `fuzz` reports it."""
    progress = Progress()
    progress.show(f"choosing inputs of {target}")
    everything = [*given, *files]
    runs = [programs.measure(_fuzzer(target), everything).features for _ in range(COVER_RUNS)]
    shown = {file: frozenset.intersection(*(run[file] for run in runs)) for file in everything}
    sound = [file for file in everything if any(run[file] for run in runs)]
    replays = [programs.replay_each(_replay_program(target), sound) for _ in range(COVER_RUNS)]
    # A state that is reached by luck is kept with every input that may reach it first.
    states = {file: frozenset().union(*(replayed[file].states for replayed in replays))
              for file in sound}
    progress.clear()
    items = {file: shown[file] | states[file] for file in sound}
    already = frozenset().union(*(items[file] for file in given if file in items))
    own = {file: items[file] for file in files if file in items}
    return cover(own, {file: file.stat().st_size for file in own}, already) if own else []


def _check(_options, targets: list[str]) -> int:
    _build(targets)
    problems = [problem for target in targets
                for problem in check.problems(target, _replay_program(target))]
    problems += check.list_problems()
    for problem in problems:
        say(problem)
    say(f"checked the inputs of {count(len(targets), 'target')}: "
        f"{count(len(problems), 'problem')}")
    return EXIT_FINDING if problems else EXIT_OK


def _convert(_options, targets: list[str]) -> int:
    _build(targets)
    for target in targets:
        convert.convert(target, _replay_program(target))
    return EXIT_OK


def _build(targets: list[str], with_fuzzers: bool = False) -> None:
    wanted = [(_sanitizer(target).replay_preset, target) for target in targets]
    if with_fuzzers:
        wanted += [project.libfuzzer_program(target, _sanitizer(target)) for target in targets]
    for preset in dict.fromkeys(preset for preset, _ in wanted):
        build.build(preset, [name for of, name in wanted if of == preset])


def _sanitizer(target: str) -> project.Sanitizer:
    """Coverage of a target on real threads is measured without ThreadSanitizer too, whose schedules
    are slower."""
    return WEAVE if target in project.explored_targets() else project.ADDRESS


def _replay_program(target: str) -> Path:
    return project.binary(_sanitizer(target).replay_preset, target)


def _fuzzer(target: str) -> Path:
    return project.binary(*project.libfuzzer_program(target, _sanitizer(target)))


def _files(folder: Path) -> list[Path]:
    return project.files_below(folder) if folder.is_dir() else []


ACTIONS: dict[str, tuple[str, Callable]] = {
    "stats": ("inputs, bytes, edges of src/, states, pairs of a read and its store, time and "
              "stability of each target", _stats),
    "minimize": ("remove inputs whose edges and states others show", _minimize),
    "merge": ("take from a fleet's folder, and from sibling targets, what shows more", _merge),
    "check": ("fail if a format has changed, a regression means something else, or an input is too "
              "large or slow", _check),
    "convert": ("bring inputs of an older format to the format of the programs", _convert),
}
