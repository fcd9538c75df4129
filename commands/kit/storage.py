"""Files that are whole or absent, even if the write is interrupted; and whether they can be
written, which is asked before the work.
"""

import os
from pathlib import Path

from commands.kit.console import CommandError


def check_file(option: str, name: str | None) -> None:
    """Fails if the file that an option names cannot be written. It may exist."""
    if name is None:
        return
    path = Path(name)
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise CommandError(f"{option}: cannot write {name}")


def check_replaced(option: str, path: Path) -> None:
    """The same for a file of write_atomic(), which would put a file in the place of a device."""
    if (path.exists() and not path.is_file()) or not os.access(path.parent, os.W_OK):
        raise CommandError(f"{option}: cannot write {path}")


def check_folder(option: str, name: str | None) -> None:
    """Fails if the folder that an option names cannot be written, or made."""
    if name is None:
        return
    path = Path(name).absolute()
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise CommandError(f"{option}: cannot write into {name}")


def write_atomic(path: Path, content: bytes) -> None:
    """Replaces the file in one step: a reader, or a restart after a crash, sees the old content or
    the new one."""
    new = path.with_name(path.name + ".new")
    with open(new, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Waits until a file's content, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def bytes_below(folder: Path) -> int:
    """The size of all files below a folder; files that vanish meanwhile do not count."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue
    return total
