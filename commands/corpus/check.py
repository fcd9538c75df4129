"""What must hold for the inputs that are in git.

Each target's corpus has the version of its program's format, each regression still means what its
text says, no input is too large or too slow, and no state needs a longer input than fuzzers make.
tests/corpus runs this on every build.
"""

import collections
from pathlib import Path

from commands.corpus import programs
from commands.fuzz.exchange import content_name
from commands.kit import project, storage
from commands.kit.console import CommandError
from commands.triage.keep import DESCRIBED, FOLDER, LIST, text_of

# An input in git is replayed in every build, with sanitizers.
INPUT_BYTES_MAX = 16 << 10
TARGET_BYTES_MAX = 1 << 20
# Time of the processor, so that a busy machine does not matter.
INPUT_SECONDS_MAX = 10.0
TARGET_SECONDS_MAX = 60.0

FORMATS = project.CORPUS / "formats"
VERSION_FIRST = 1


def inputs_of(target: str) -> list[Path]:
    """The target's inputs that are in git."""
    return [file for folder in (project.CORPUS / target, FOLDER / target) if folder.is_dir()
            for file in project.files_below(folder)]


def versions() -> dict[str, int]:
    """The version of the format in which each target's inputs are written. Only targets whose
    version has risen are in the file."""
    lines = FORMATS.read_text().splitlines() if FORMATS.exists() else []
    try:
        found = {target: int(number) for target, number in (line.split() for line in lines)}
        return collections.defaultdict(lambda: VERSION_FIRST, found)
    except ValueError as error:
        raise CommandError(f"{project.shown(FORMATS)}: a line is not 'TARGET VERSION'") from error


def write_versions(found: dict[str, int]) -> None:
    """Replaces the file of versions()."""
    lines = "".join(f"{target} {number}\n" for target, number in sorted(found.items()))
    storage.write_atomic(FORMATS, lines.encode())


def problems(target: str, program: Path) -> list[str]:
    """What is wrong with the inputs of the target; `program` is its replay program."""
    files = inputs_of(target)
    if not files:
        return []
    found = _format_problems(target, program)
    if found:
        return found
    replayed = programs.replay_each(program, files)
    return [*_size_problems(target, files), *_twins(files), *_time_problems(target, replayed),
            *_text_problems(target, program), *_state_problems(target, program)]


def list_problems() -> list[str]:
    """Differences between the regressions, their texts and their list."""
    inputs = {f"{path.parent.name}/{path.name}" for path in FOLDER.glob("*/*")
              if path.is_file() and path.parent != DESCRIBED}
    texts = {f"{path.parent.name}/{path.stem}" for path in DESCRIBED.glob("*/*.txt")}
    listed = {line.split("`")[1] for line in LIST.read_text().splitlines()
              if line.startswith("| `")}
    list_name = project.shown(LIST)
    return [*(f"corpus/regress/{name} has no line in {list_name}"
              for name in sorted(inputs - listed)),
            *(f"{list_name} names {name}, which does not exist"
              for name in sorted(listed - inputs)),
            *(f"corpus/regress/described/{name}.txt has no input"
              for name in sorted(texts - inputs))]


def _format_problems(target: str, program: Path) -> list[str]:
    known, needed = versions()[target], programs.version(program)
    return [] if known == needed else [f"the inputs of {target} have format {known}, its program reads {needed}: "
            "./mailproof corpus convert"]


def _size_problems(target: str, files: list[Path]) -> list[str]:
    sizes = {file: file.stat().st_size for file in files}
    found = [f"{project.shown(file)} has {size} bytes, more than {INPUT_BYTES_MAX}"
             for file, size in sizes.items() if size > INPUT_BYTES_MAX]
    total = sum(sizes.values())
    if total > TARGET_BYTES_MAX:
        found.append(f"the inputs of {target} have {total} bytes, more than {TARGET_BYTES_MAX}: "
                     "./mailproof corpus minimize")
    return found


def _twins(files: list[Path]) -> list[str]:
    first: dict[str, Path] = {}
    found = []
    for file in files:
        twin = first.setdefault(content_name(file.read_bytes()), file)
        if twin != file:
            found.append(f"{project.shown(file)} is the same as {project.shown(twin)}")
    return found


def _time_problems(target: str, replayed: dict[Path, programs.Replayed]) -> list[str]:
    found = [f"{project.shown(file)} takes {one.seconds:.1f} s, more than {INPUT_SECONDS_MAX:g}"
             for file, one in replayed.items() if one.seconds > INPUT_SECONDS_MAX]
    total = sum(one.seconds for one in replayed.values())
    if total > TARGET_SECONDS_MAX:
        found.append(f"the inputs of {target} take {total:.0f} s, more than "
                     f"{TARGET_SECONDS_MAX:g}")
    return found


def _text_problems(target: str, program: Path) -> list[str]:
    found = []
    for file in project.files_below(FOLDER / target) if (FOLDER / target).is_dir() else []:
        text = programs.describe(program, file)
        kept = text_of(file)
        if text is None:
            found.append(f"{project.shown(file)} cannot be described")
        elif not kept.exists():
            found.append(f"{project.shown(kept)} is missing")
        elif kept.read_text() != text:
            found.append(f"{project.shown(file)} does not mean what {project.shown(kept)} says; "
                         "if only the words are new, write the text again with ./mailproof describe")
    return found


def _state_problems(target: str, program: Path) -> list[str]:
    """A state that only inputs longer than the fuzzers' reach is one that fuzzing does not.
    Generated seeds count."""
    length = int(project.fuzzer_options(target)["max_len"])
    files = [file for folder in project.corpus_folders(target)
             for file in project.files_below(folder)]
    short = [file for file in files if file.stat().st_size <= length]
    missed = programs.missed_states(program, short) if short else None
    if missed == []:
        return []
    never = programs.missed_states(program, files)
    only_long = [state for state in missed or programs.all_states(program, files[0])
                 if state not in never]
    return [f"{target}: no input of at most {length} bytes, as fuzzers make them, reaches the "
            f"state: {state}" for state in only_long]
