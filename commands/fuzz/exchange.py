"""The folder of `fuzz --sync`, in which machines leave inputs for each other.

DIR/<target>/ holds the union of the machines' kept corpora, whatever fuzzer found an input. A file
appears whole or not at all, under a name made from its content, so that two machines never write
different things to one file: the folder may be on a network disk, and no machine needs a name. It
is also an ordinary corpus folder, which any other fuzzer may fill and any merge may read.

A network disk can fail for a while. That is said once, and the run goes on by itself.
"""

import hashlib
import os
import socket
from pathlib import Path

from commands.kit.console import CommandError, complain


def content_name(content: bytes) -> str:
    """libFuzzer's way to name an input, used for all: equal inputs get one name."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def check(name: str | None) -> None:
    """A folder that is missing may be a disk that is not mounted, so it is not made here."""
    if name is not None and not os.access(Path(name), os.R_OK | os.W_OK | os.X_OK):
        raise CommandError(f"--sync: no folder {name} that can be read and written")


def read_input(path: Path) -> bytes:
    """Nothing when it is gone: libFuzzer deletes an input when it has a shorter one, a merge
    many."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


class Exchange:
    """One target's exchange between the kept corpus and the folder."""

    def __init__(self, folder: Path, target: str, corpus: Path) -> None:
        self._shared = folder / target
        self._corpus = corpus
        self._shared_seen: set[str] = set()
        self._corpus_seen: set[str] = set()
        self._told = False

    def run(self) -> list[Path]:
        """Takes what is new, gives what is missing; returns what is new in the kept corpus."""
        arrived: list[Path] = []
        try:
            self._shared.mkdir(exist_ok=True)
            self._take(arrived)
            self._give()
        except OSError as error:
            self._tell(error)
        return arrived

    def _take(self, arrived: list[Path]) -> None:
        for path in _unseen(self._shared, self._shared_seen):
            content = read_input(path)
            own = self._corpus / content_name(content)
            if content and not own.exists():
                own.write_bytes(content)
                arrived.append(own)
            self._shared_seen.add(path.name)

    def _give(self) -> None:
        for path in _unseen(self._corpus, self._corpus_seen):
            content = read_input(path)
            shared = self._shared / content_name(content)
            if content and shared.name not in self._shared_seen and not shared.exists():
                _write_whole(shared, content)
            self._shared_seen.add(shared.name)
            self._corpus_seen.add(path.name)

    def _tell(self, error: OSError) -> None:
        if not self._told:
            complain(f"--sync: {error.strerror}: {self._shared}; trying again now and then")
        self._told = True


def _unseen(folder: Path, seen: set[str]) -> list[Path]:
    """A name that begins with a dot is a file that a machine is still writing."""
    with os.scandir(folder) as entries:
        return sorted(Path(entry.path) for entry in entries
                      if entry.name not in seen and entry.name[0] != "." and entry.is_file())


def _write_whole(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
