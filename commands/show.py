"""`mailproof list` and `mailproof describe`: the targets, and one input as text."""

from pathlib import Path

from commands import build, project, setup
from commands.child import run_through
from commands.console import EXIT_OK, EXIT_USAGE, CommandError, count, say

DESCRIBE_PRESET = "dev"


def run_list(_options) -> int:
    """The name comes first, so that a script can cut it out."""
    for target in project.listed_targets():
        kept, regress = (_file_count(folder) for folder in (
            project.CORPUS / target, project.CORPUS / "regress" / target))
        say(f"{target:20} {count(kept, 'input')}, {regress:,} that once failed, "
            f"fuzzed with the {project.fuzz_sanitizer(target).name} sanitizer")
    return EXIT_OK


def run_describe(options) -> int:
    path = Path(options.file).absolute()
    if not path.is_file():
        raise CommandError(f"no such file: {options.file}")
    target = project.check_targets([options.target])[0] if options.target else (
        project.target_of(path))
    setup.ensure()
    build.build(DESCRIBE_PRESET, [target])
    status = run_through([project.binary(DESCRIBE_PRESET, target), "--describe", path])
    return EXIT_OK if status == 0 else EXIT_USAGE


def _file_count(folder: Path) -> int:
    return len(project.files_below(folder)) if folder.is_dir() else 0
