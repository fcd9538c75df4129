"""`mailproof litmus`: weave's memory model against the litmus tests."""

from pathlib import Path

from commands.kit import build, commandline, jsonfile, packages, project
from commands.kit.child import run_through

NAME = "litmus"
GROUP = commandline.CHECKS
SUMMARY = "Check weave's memory model against the litmus tests"

PRESET = "dev"


def add_options(command) -> None:
    command.add_argument("names", nargs="*", metavar="TEST", help="default: every test")
    commandline.add_json(command)


def run(options) -> int:
    jsonfile.check(options.json)
    packages.ensure()
    build.build(PRESET, ["litmus"])
    command = [project.BUILD / PRESET / "bin" / "litmus", *options.names]
    if options.json:
        command += ["--json", Path(options.json).absolute()]
    return run_through(command)
