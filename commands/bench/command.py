"""`mailproof bench`: measures a subject next to its peers, or fuzzing by seeded bugs."""

from commands.bench import fuzzing, mailbox, scheduler, weave
from commands.kit import commandline
from commands.kit.console import CommandError

NAME = "bench"
GROUP = commandline.LONG
SUMMARY = "Measure the mailbox, the scheduler or weave next to its peers, or fuzzing"
DETAILS = ("The mailbox is measured next to other queues, the scheduler next to the one that it "
           "replaced, weave next to Relacy. Prints ratios of times taken in one run, with "
           "quartiles. The first two renew their table in docs/benchmarks.md and the plots in "
           "docs/bench/. Fuzzing is measured by how soon it finds seeded bugs, and renews "
           "docs/fuzzing.md.")

PARTS = {"weave": ("finding", "search"), "fuzzing": ("schedules",)}
SUBJECTS = {"mailbox": mailbox, "scheduler": scheduler, "weave": weave,
            "fuzzing": fuzzing}


def add_options(command) -> None:
    rounds = "; ".join(f"{subject.ROUNDS_DEFAULT} for {name}, about {subject.ROUND_SECONDS} s each"
                       for name, subject in SUBJECTS.items() if hasattr(subject, "ROUNDS_DEFAULT"))
    command.add_argument("subject", nargs="?", choices=list(SUBJECTS), default="mailbox",
                         help="what to measure (default: %(default)s)")
    command.add_argument("--rounds", type=commandline.positive, metavar="N",
                         help=f"default: {rounds}")
    command.add_argument("--compare", metavar="OLD.json",
                         help="name the ratios that worsened beyond the spread of this run and of "
                              "the one that wrote OLD.json; exit status 1 if there are any")
    command.add_argument("--keep-docs", action="store_true",
                         help="leave the tables and the plots in docs/ as they are")
    commandline.add_json(command)
    command.add_argument("--only", choices=[part for parts in PARTS.values() for part in parts],
                         help="bench weave: how soon its choosers find known faults, or how large "
                              "and fast its exhaustive search is, in the place of speed; bench "
                              "fuzzing: how soon weave finds ordering faults, by who makes its "
                              "choices")
    fuzzing.add_options(command)


def run(options) -> int:
    if options.only and options.only not in PARTS.get(options.subject, ()):
        raise CommandError(f"--only {options.only}: bench {options.subject} has no such part")
    return SUBJECTS[options.subject].run(options)
