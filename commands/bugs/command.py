"""`mailproof bugs`: proves that every seeded bug is found; holds bugs and mutants against each layer of
checks."""

import time

from commands.bugs import matrix, mutation
from commands.kit import commandline, jsonfile, suite
from commands.kit.console import CommandError

NAME = "bugs"
GROUP = commandline.CHECKS
SUMMARY = "Prove that every seeded bug is found"
DETAILS = ("With --matrix, each bug is held against each layer of checks that looks at its subject; "
           "with --mutants, faults are made from src/ by operator. Both keep what they have done in "
           "build/bugs/, and the same command continues there. docs/mutants.md says more.")

MINUTES_DEFAULT = 10
SAMPLE_DEFAULT = 20
SECONDS_OF_A_DAY = 86400


def add_options(command) -> None:
    command.add_argument("names", nargs="*", metavar="NAME",
                         help="a file of bugs/ without its suffix, or with --mutants a mutant; "
                              "default: all")
    kind = command.add_mutually_exclusive_group()
    kind.add_argument("--matrix", action="store_true", help="every bug against every layer")
    kind.add_argument("--mutants", action="store_true", help="a part of the mutants of src/")
    command.add_argument("--list", action="store_true",
                         help="with --mutants: list them, run none")
    command.add_argument("--minutes", type=commandline.positive, default=MINUTES_DEFAULT,
                         metavar="N", help="the time, builds included (default: %(default)s)")
    command.add_argument("--sample", type=commandline.positive, default=SAMPLE_DEFAULT,
                         metavar="N", help="with --mutants: how many (default: %(default)s)")
    command.add_argument("--seed", type=commandline.seed, metavar="S",
                         help="with --mutants: which part; default: another one every day")
    command.add_argument("--seeds", type=commandline.positive, default=1, metavar="N",
                         help="with --matrix: runs of what is random (default: %(default)s)")
    command.add_argument("--docs", action="store_true",
                         help="with --mutants: write the table into docs/mutants.md")
    commandline.add_again(command)
    commandline.add_json(command)


def run(options) -> int:
    jsonfile.check(options.json)
    for name in ("list", "docs"):
        if getattr(options, name) and not options.mutants:
            raise CommandError(f"--{name} needs --mutants")
    if options.json and not (options.matrix or options.mutants):
        raise CommandError("--json needs --matrix or --mutants")
    if options.matrix:
        return matrix.run(options.names, options.minutes, options.seeds, options.json)
    if options.mutants:
        seed = int(time.time()) // SECONDS_OF_A_DAY if options.seed is None else options.seed
        return mutation.run(options.names, options.minutes, options.sample, seed, options.list,
                            options.json, options.docs)
    return suite.run_bugs(options)
