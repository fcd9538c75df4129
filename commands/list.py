"""`mailproof list`: the fuzz targets."""

from pathlib import Path

from commands.kit import commandline, project
from commands.kit.console import EXIT_OK, count, say

NAME = "list"
GROUP = commandline.INPUTS
SUMMARY = "List the fuzz targets"


def run(_options) -> int:
    """Prints a line for each target; the name comes first, so that a script can cut it out."""
    for target in project.listed_targets():
        kept, regress = (_file_count(folder) for folder in (
            project.CORPUS / target, project.CORPUS / "regress" / target))
        say(f"{target:20} {count(kept, 'kept input')}, {regress:,} that once failed, "
            f"fuzzed under {project.fuzz_sanitizer(target).title}")
    return EXIT_OK


def _file_count(folder: Path) -> int:
    return len(project.files_below(folder)) if folder.is_dir() else 0
