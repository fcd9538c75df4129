"""The file that `--json` names: checked before the work, written after it."""

import json
import os
from pathlib import Path

from commands.console import CommandError


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
