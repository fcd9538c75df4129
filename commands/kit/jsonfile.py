"""JSON files: that of `--json`, and those that keep a state from run to run.

The file of `--json` is checked before the work, written after it, and read again to compare.
"""

import json
from pathlib import Path
from typing import Callable

from commands.kit import storage
from commands.kit.console import CommandError


def check(name: str | None) -> None:
    """Fails now if the file cannot be written, instead of at the end of a long run."""
    storage.check_file("--json", name)


def write(name: str | None, content: dict) -> None:
    """Writes the file of `--json`, if there is one. It may be a device, so it is not replaced."""
    if name is not None:
        Path(name).write_text(_as_text(content))


def replace(path: Path, content: dict | list) -> None:
    """Replaces a file at once: after a crash it has the old content or the new one."""
    storage.write_atomic(path, _as_text(content).encode())


def _as_text(content: dict | list) -> str:
    return json.dumps(content, indent=2) + "\n"


def read_old(name: str | None, command: str, comparable: Callable[[dict], dict]) -> dict | None:
    """What `comparable` makes of the command's earlier file; any other file is an error."""
    if name is None:
        return None
    try:
        return comparable(json.loads(Path(name).read_text()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CommandError(f"{name} is not what {command} --json writes: {error!r}") from error
