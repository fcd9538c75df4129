"""`mailproof replay`: runs kept inputs again, under each sanitizer that suits their target."""

from pathlib import Path

from commands.kit import commandline, project, replay, reproducer, subject
from commands.kit.console import EXIT_FINDING, EXIT_OK, say

NAME = "replay"
GROUP = commandline.INPUTS
SUMMARY = "Run inputs again"
DETAILS = "Without a FILE, it runs the whole corpus."


def add_options(command) -> None:
    command.add_argument("files", nargs="*", metavar="FILE", help="an input, or a folder of inputs")
    commandline.add_target(command)
    subject.add_option(command)
    subject.add_export(command)
    commandline.add_sanitizer(command, "default: address, and thread too for *_threads")


def run(options) -> int:
    tree = subject.use(options)
    sanitizers = [project.SANITIZERS[options.sanitizer]] if options.sanitizer else None
    targets = (list(_chosen_inputs(options.files, options.target)) if options.files
               else project.check_targets([options.target] if options.target else []))
    replay.prepare(targets, sanitizers)
    # After the build, which writes the seeds.
    inputs = _chosen_inputs(options.files, options.target)
    failures = replay.replay_all(inputs, sanitizers)
    for failure in failures:
        say(failure.output.rstrip("\n"))
        say(f"{failure.target}: {failure.report.verdict}: {project.shown(failure.input)} "
            f"(under {failure.sanitizer.title})")
    say(replay.summary(inputs, failures))
    if tree and options.export:
        reproducer.export(tree, [(failure.target, failure.sanitizer, failure.input, failure.report)
                                 for failure in failures],
                          Path(options.export).absolute(), options.gtest)
    return EXIT_FINDING if failures else EXIT_OK


def _chosen_inputs(names: list[str], target: str | None) -> dict[str, list[Path]]:
    """Files by target: the named ones, or the whole corpus of one target or of all."""
    targets = project.check_targets([target] if target else [])
    if not names:
        return {name: project.corpus_files(name) for name in targets}
    return project.inputs_by_target(names, target)
