"""`mailproof describe`: one input as text."""

from pathlib import Path

from commands.kit import build, commandline, packages, project, subject
from commands.kit.child import run_through
from commands.kit.console import EXIT_OK, EXIT_USAGE, CommandError

NAME = "describe"
GROUP = commandline.INPUTS
SUMMARY = "Show an input as text"

PRESET = "dev"


def add_options(command) -> None:
    command.add_argument("file", metavar="FILE", help="an input")
    commandline.add_target(command)
    subject.add_option(command)


def run(options) -> int:
    path = Path(options.file).absolute()
    if not path.is_file():
        raise CommandError(f"no such file: {options.file}")
    subject.use(options)
    target = project.check_targets([options.target])[0] if options.target else (
        project.target_of(path))
    packages.ensure()
    build.build(PRESET, [target])
    status = run_through([project.binary(PRESET, target), "--describe", path])
    return EXIT_OK if status == 0 else EXIT_USAGE
