"""`mailproof replay`: runs kept inputs again, under each sanitizer that suits their target."""

from pathlib import Path

from commands.kit import (commandline, explained, explained_page, project, replay, reproducer,
                          storage, subject)
from commands.kit.console import EXIT_FINDING, EXIT_OK, CommandError, say
from commands.kit.project import WEAVE
from commands.kit.replay import Failure

NAME = "replay"
GROUP = commandline.INPUTS
SUMMARY = "Run inputs again"
DETAILS = ("Without a FILE, it runs the whole corpus. What a named input of a target under weave "
           "finds is explained: the order of operations that it takes, how sure that is, and the "
           "part of the timeline that matters. Its operations are kept, so that a later build "
           "finds the failing execution again where the input's bytes lead elsewhere.")
# Each explanation takes some seconds.
EXPLAINED_MAX = 3


def add_options(command) -> None:
    command.add_argument("files", nargs="*", metavar="FILE", help="an input, or a folder of inputs")
    commandline.add_target(command)
    subject.add_option(command)
    subject.add_export(command)
    commandline.add_sanitizer(command, "default: address, and thread too for *_threads")
    command.add_argument("--all", action="store_true",
                         help="show every event of an explained finding")
    command.add_argument("--html", metavar="OUT",
                         help="write the first explained finding as a page, which needs no other "
                              "file and no network")


def run(options) -> int:
    tree = subject.use(options)
    storage.check_file("--html", options.html)
    sanitizers = [project.SANITIZERS[options.sanitizer]] if options.sanitizer else None
    targets = (list(_chosen_inputs(options.files, options.target)) if options.files
               else project.check_targets([options.target] if options.target else []))
    if options.html and not any(target in project.explored_targets() for target in targets):
        raise CommandError("--html: only an input of a target under weave has such a page")
    replay.prepare(targets, sanitizers)
    # After the build, which writes the seeds.
    inputs = _chosen_inputs(options.files, options.target)
    failures = replay.replay_all(inputs, sanitizers)
    explained_ones = _explain(failures, options) if options.files else {}
    recalled = _recall(inputs, failures, options) if options.files else []
    for failure in failures:
        known = explained_ones.get(failure.input)
        say(known.page() if known else failure.output.rstrip("\n"))
        say(f"{failure.target}: {failure.report.verdict}: {project.shown(failure.input)} "
            f"(under {failure.sanitizer.title})")
    for known in recalled:
        say(known.page())
        say(f"{known.target}: {known.facts['verdict']}: {project.shown(known.input)} leads "
            "elsewhere now, and the execution was found again by its operations")
    if options.html:
        _write_page(Path(options.html), [*explained_ones.values(), *recalled])
    say(replay.summary(inputs, failures))
    if tree and options.export:
        reproducer.export(tree, [(failure.target, failure.sanitizer, failure.input, failure.report)
                                 for failure in failures],
                          Path(options.export).absolute(), options.gtest)
    return EXIT_FINDING if failures or recalled else EXIT_OK


def _explain(failures: list[Failure], options) -> dict[Path, explained.Explained]:
    """What weave explains of the first failures that are its own."""
    own = [failure for failure in failures
           if failure.sanitizer is WEAVE and failure.input.is_file()]
    known = {failure.input: explained.explain(failure.target, failure.input, options.all)
             for failure in own[:EXPLAINED_MAX]}
    for one in known.values():
        explained.keep_operations(one)
    return known


def _recall(inputs: dict[str, list[Path]], failures: list[Failure],
            options) -> list[explained.Explained]:
    """The inputs that passed although the execution that once failed fails still."""
    failed = {failure.input for failure in failures}
    passed = [(target, path) for target, paths in inputs.items()
              if target in project.explored_targets() for path in paths if path not in failed]
    found = (explained.recall(target, path, options.all) for target, path in passed)
    return [known for known in found if known]


def _write_page(out: Path, explained_ones: list[explained.Explained]) -> None:
    """Writes the page of the first one that weave could explain."""
    first = next((known for known in explained_ones if known.facts), None)
    if first is None:
        say("no page is written: weave has found nothing in these inputs")
        return
    out.write_text(explained_page.render(first))
    say(f"wrote {out}")


def _chosen_inputs(names: list[str], target: str | None) -> dict[str, list[Path]]:
    """Files by target: the named ones, or the whole corpus of one target or of all."""
    targets = project.check_targets([target] if target else [])
    if not names:
        return {name: project.corpus_files(name) for name in targets}
    return project.inputs_by_target(names, target)
