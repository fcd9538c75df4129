"""The command line: finds the commands, and builds one parser from what each says of itself.

A command is a module: commands/X.py, or commands/X/command.py for one that needs several files.
Each defines

    NAME                    the word on the command line
    GROUP                   its heading in `./mailproof --help`, one of GROUPS
    SUMMARY                 one line, without a full stop
    DETAILS                 more for its own --help; may be missing
    add_options(command)    adds its options to an argparse parser; may be missing
    run(options)            does the work and returns the exit status

Nothing else lists the commands: a new file is a new command.
"""

import argparse
import importlib
import sys
from pathlib import Path
from types import ModuleType

from commands.kit.console import EXIT_USAGE, CommandError, complain
from commands.kit.project import SANITIZERS

FOLDER = Path(__file__).resolve().parents[1]
REQUIRED = ["NAME", "GROUP", "SUMMARY", "run"]

# In the order of --help.
START = "start here"
INPUTS = "inputs"
CHECKS = "more checks"
LONG = "longer runs"
GROUPS = [START, INPUTS, CHECKS, LONG]

EPILOG = ("./mailproof COMMAND --help explains a command and its options.\n\n"
          "Exit status: 0 all is well, 1 a finding or a failed test, 2 wrong usage or work that "
          "could\nnot be done, 130 interrupted.")


class Parser(argparse.ArgumentParser):
    """Wrong usage is one line, like every other error."""

    def error(self, message: str):
        """Prints the line and ends with status 2."""
        complain(f"{message} (see {self.prog} --help)")
        sys.exit(EXIT_USAGE)

    def parse_args(self, words=None, namespace=None):
        """argparse gives a list of words only those before the next option. A command takes the others
        too if its `more_words` names that list."""
        options, left = self.parse_known_args(words, namespace)
        takes_more = hasattr(options, "more_words")
        if left and (not takes_more or any(word.startswith("-") for word in left)):
            self.error(f"unrecognized arguments: {' '.join(left)}")
        if left:
            getattr(options, options.more_words).extend(left)
        return options


def find_commands(folder: Path = FOLDER, package: str = "commands") -> list[ModuleType]:
    """Every command, in the order of --help: by group, then by name."""
    files = [path for path in (*folder.glob("*.py"), *folder.glob("*/command.py"))
             if path.name != "__init__.py"]
    modules = [_load(path.relative_to(folder), package) for path in files]
    return sorted(modules, key=lambda module: (GROUPS.index(module.GROUP), module.NAME))


def _load(path: Path, package: str) -> ModuleType:
    module = importlib.import_module(".".join([package, *path.with_suffix("").parts]))
    missing = [name for name in REQUIRED if not hasattr(module, name)]
    if missing:
        raise CommandError(f"commands/{path} is not a command: it has no {missing[0]}")
    if module.GROUP not in GROUPS:
        raise CommandError(f"commands/{path}: GROUP '{module.GROUP}' is not one of: "
                           f"{', '.join(GROUPS)}")
    return module


def build_parser(modules: list[ModuleType]) -> Parser:
    """The parser of the whole command line; its result has the command's run() as `run`."""
    formatter = argparse.RawDescriptionHelpFormatter
    top = Parser(prog="./mailproof", usage="./mailproof COMMAND ...", formatter_class=formatter,
                 description=_overview(modules), epilog=EPILOG)
    # Without a help text here: the overview has them in groups.
    commands = top.add_subparsers(metavar="COMMAND", required=True, prog=top.prog,
                                  help=argparse.SUPPRESS)
    for module in modules:
        details = getattr(module, "DETAILS", "")
        command = commands.add_parser(module.NAME,
                                      description=f"{module.SUMMARY}. {details}".strip())
        command.set_defaults(run=module.run)
        if hasattr(module, "add_options"):
            module.add_options(command)
    return top


def _overview(modules: list[ModuleType]) -> str:
    width = max(len(module.NAME) for module in modules)
    lines = ["Tests, fuzzes and measures the completion runtime."]
    for group in GROUPS:
        members = [module for module in modules if module.GROUP == group]
        if members:
            lines += ["", f"{group}:"]
            lines += [f"  {module.NAME:{width}}  {module.SUMMARY}" for module in members]
    return "\n".join(lines)


def positive(text: str) -> int:
    """An argument type: a whole number above 0."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def seed(text: str) -> int:
    """An argument type: a whole number of 64 bits."""
    if not text.isdecimal() or int(text) >= 1 << 64:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 to 2^64 - 1")
    return int(text)


def add_json(command: Parser) -> None:
    """The option --json, which kit/jsonfile handles."""
    command.add_argument("--json", metavar="FILE", help="also write the results to FILE as JSON")


def add_again(command: Parser) -> None:
    """The option --again."""
    command.add_argument("--again", action="store_true",
                         help="also the tests that have passed and that nothing has changed for")


def add_target(command: Parser) -> None:
    """The option --target."""
    command.add_argument("--target", metavar="TARGET",
                         help="the fuzz target; default: the name of the folder with the file")


def add_sanitizer(command: Parser, text: str) -> None:
    """The option --sanitizer."""
    command.add_argument("--sanitizer", choices=sorted(SANITIZERS), help=text)
