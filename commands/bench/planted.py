"""What both parts of `bench fuzzing` share: planted bugs by name, seeds, runs that a limit ends, and the tables
of docs/fuzzing.md."""

import re
import signal
from pathlib import Path

from commands.kit import child, documents, project
from commands.kit.console import CommandError

PAGE = project.ROOT / "docs" / "fuzzing.md"


def check_of(name: str, check: re.Pattern, kind: str) -> re.Match:
    """What `check` matches in the file of a bug; `kind` says which check that is."""
    files = list((project.ROOT / "bugs").glob(f"*/{name}.bug"))
    match = check.search(files[0].read_text()) if files else None
    if match is None:
        raise CommandError(f"bugs/ has no bug '{name}' with a check by {kind}")
    return match


def generate(program: Path, folder: Path) -> None:
    """Has a target's program write its seeds."""
    outcome = child.run([program, "--generate", folder])
    if outcome.status != 0:
        raise CommandError(f"{program.name} ended with status {outcome.status}: "
                           f"{outcome.output.strip()[-500:]}")


def is_over(outcome: child.Outcome) -> bool:
    """Has a limit of time ended the run?"""
    return outcome.timed_out or outcome.status in (-signal.SIGXCPU, -signal.SIGKILL)


def write_table(begin: str, end: str, header: list[str], rows: list[list[str]],
                conditions: str) -> None:
    """Renews the table between two marks, and the sentence on how it was measured."""
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|",
             *("| " + " | ".join(row) + " |" for row in rows), "",
             f"{conditions} On {project.machine()}."]
    documents.replace_between(PAGE, begin, end, "".join(f"{line}\n" for line in lines))
