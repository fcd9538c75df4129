"""The file of `--json`: checked before the work, written after it, and read again to compare."""

import json
import os
from pathlib import Path
from typing import Callable

from commands.kit.console import CommandError


def check(name: str | None) -> None:
    """A long run must not end with a file that cannot be written."""
    if name is None:
        return
    folder = Path(name).parent
    if not folder.is_dir() or not os.access(folder, os.W_OK) or Path(name).is_dir():
        raise CommandError(f"cannot write {name}")


def write(name: str | None, content: dict) -> None:
    if name is not None:
        Path(name).write_text(json.dumps(content, indent=2) + "\n")


def read_old(name: str | None, command: str, comparable: Callable[[dict], dict]) -> dict | None:
    """What `comparable` makes of an earlier file of the command's; it fails on any other file."""
    if name is None:
        return None
    try:
        return comparable(json.loads(Path(name).read_text()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CommandError(f"{name} is not what {command} --json writes: {error!r}") from error
