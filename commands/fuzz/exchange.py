"""The folder of `fuzz --sync`, in which machines leave inputs for each other.

DIR/<target>/ holds the union of the machines' kept corpora, from either fuzzer. A file appears
whole or not at all, under a name made from its content, so two machines never write different
things to one file: the folder may be on a network disk, and no machine needs a name. It is an
ordinary corpus folder, which any other fuzzer may fill and any merge may read.

A network disk can fail for a while. That is reported once, and the run continues.
"""

import hashlib
import os
import socket
from pathlib import Path

from commands.kit.console import CommandError, complain


def content_name(content: bytes) -> str:
    """The name of an input, made as libFuzzer does, for both fuzzers: equal inputs have one
    name."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def check(name: str | None) -> None:
    """Fails without the folder. It is not created, since its disk may not be mounted."""
    if name is not None and not os.access(Path(name), os.R_OK | os.W_OK | os.X_OK):
        raise CommandError(f"--sync: no folder {name} that can be read and written")


def read_input(path: Path) -> bytes:
    """The input; empty if it was deleted, by libFuzzer for a shorter one or by a merge."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


class Exchange:
    """The exchange of one target, between the kept corpus and the folder."""

    def __init__(self, folder: Path, target: str, corpus: Path) -> None:
        self._shared = folder / target
        self._corpus = corpus
        self._shared_seen: set[str] = set()
        self._corpus_seen: set[str] = set()
        self._told = False

    def run(self) -> list[Path]:
        """Copies new inputs in both directions; returns those that are new in the kept corpus."""
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
    """New inputs. A name with a leading dot is a file that a machine is still writing."""
    with os.scandir(folder) as entries:
        return sorted(Path(entry.path) for entry in entries
                      if entry.name not in seen and entry.name[0] != "." and entry.is_file())


def _write_whole(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
