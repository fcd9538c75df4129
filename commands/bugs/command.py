"""`mailproof bugs`: proves that every seeded bug is found."""

from commands.kit import commandline, suite

NAME = "bugs"
GROUP = commandline.CHECKS
SUMMARY = "Prove that every seeded bug is found"

run = suite.run_bugs


def add_options(command) -> None:
    command.add_argument("names", nargs="*", metavar="NAME",
                         help="the name of a file of bugs/, without its suffix; default: all")
