"""The parts of documents that commands write: each is between two marks, which stay."""

from pathlib import Path

from commands.kit import project
from commands.kit.console import CommandError


def replace_between(document: Path, begin: str, end: str, content: str) -> None:
    """Replaces the text between two marks of a document by `content`, which ends with a newline."""
    before, found_begin, rest = document.read_text().partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise CommandError(f"{project.shown(document)} has lost its marks '{begin}' and '{end}'")
    document.write_text(f"{before}{begin}\n{content}{end}{after}")
