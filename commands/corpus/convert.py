"""Keeps old inputs alive when the version of a format rises.

corpus/formats says in which version the inputs of a target are, if not in the first. `convert` applies the converters
of commands/corpus/converters/ one after the other, up to the version of the program, and writes the
new version. The inputs are in git, so a conversion can be taken back.
"""

import importlib
import importlib.util
from pathlib import Path
from typing import Callable

from commands.corpus import check, programs
from commands.fuzz.exchange import content_name
from commands.kit import project, storage
from commands.kit.console import CommandError, count, say
from commands.triage.keep import FOLDER, text_of

Converter = Callable[[bytes], bytes | None]
PACKAGE = "commands.corpus.converters"


def converter(target: str, version: int) -> Converter:
    """The converter of an input of that version to the next."""
    name = f"{PACKAGE}.{target}_{version}"
    if importlib.util.find_spec(name) is None:
        raise CommandError(f"no commands/corpus/converters/{target}_{version}.py, which would "
                           f"convert the inputs of {target} from version {version}")
    return importlib.import_module(name).convert


def convert(target: str, program: Path) -> None:
    """Brings the inputs of the target to the version of its program."""
    known = check.versions()
    needed = programs.version(program)
    if known[target] > needed:
        raise CommandError(f"{project.shown(check.FORMATS)}: {target} has version "
                           f"{known[target]}, its program reads {needed}")
    files = check.inputs_of(target)
    steps = [converter(target, version) for version in range(known[target], needed) if files]
    changed = {file: _converted(file.read_bytes(), steps) for file in files}
    for file, content in changed.items():
        _replace(file, content)
    if needed > known[target]:
        check.write_versions({**known, target: needed})
    if steps:
        for file in project.files_below(FOLDER / target) if (FOLDER / target).is_dir() else []:
            storage.write_atomic(text_of(file), (programs.describe(program, file) or "").encode())
        say(f"{target}: {count(len(changed), 'input')} now of version {needed}")


def _converted(content: bytes, steps: list[Converter]) -> bytes | None:
    for step in steps:
        converted = step(content)
        if converted is None:
            return None
        content = converted
    return content


def _replace(file: Path, content: bytes | None) -> None:
    """A regression keeps its name. The name of another input is made from its content."""
    if content == file.read_bytes():
        return
    is_regression = FOLDER in file.parents
    if content is None and is_regression:
        raise CommandError(f"{project.shown(file)} has no counterpart in the new format: remove it "
                           "with its line and its text")
    if content is not None:
        new = file if is_regression else file.with_name(content_name(content))
        storage.write_atomic(new, content)
        if new == file:
            return
    file.unlink()
