"""Which tests need not run again: they passed, and nothing has changed that they could read.

The digest of a test covers its command, and the files and folders that the command names. A program
of the builds reads nothing else, nor does a test labelled `closed`. Any other test is a script that
may read the whole checkout and run every program, so its digest covers all of them; one labelled
`no_product` runs none, and reads nothing below src/. A file of the checkout counts with its content,
a built file with its time, as for ninja. The system's files do not count.
"""

import dataclasses
import hashlib
import json
import os
from pathlib import Path

from commands.kit import jsonfile, project
from commands.kit.child import run

CLOSED = "closed"
NO_PRODUCT = "no_product"
# A line for each file that was built: start, end, the file's time, its name, a hash of the command.
NINJA_LOG = ".ninja_log"
# CMake's own, written anew now and then; what it says of a file is in the hash of the command.
NINJA_FILE = "build.ninja"


@dataclasses.dataclass(frozen=True)
class Test:
    """A test of a CTest run, its number there, and all that its digest covers. The number is that of
    `ctest --tests-information`, which counts the selected tests from 1."""

    name: str
    number: int
    command: tuple[str, ...]
    environment: tuple[str, ...]
    labels: frozenset[str]


def read_tests(listing: str) -> list[Test]:
    """The tests of `ctest --show-only=json-v1`."""
    tests = []
    for number, entry in enumerate(json.loads(listing)["tests"], start=1):
        properties = {item["name"]: item["value"] for item in entry.get("properties", [])}
        tests.append(Test(
            name=entry["name"], number=number,
            command=tuple(entry.get("command", ())),
            environment=tuple(properties.get("ENVIRONMENT", ())),
            labels=frozenset(properties.get("LABELS", ()))))
    return tests


class Digests:
    """The digests of tests, with each file read once. `builds` are the folders of the builds."""

    def __init__(self, builds: list[Path], root: Path = project.ROOT):
        self._root = root
        self._build = root / "build"
        self._stamps: dict[Path, str] = {}
        files = self._files_of_checkout()
        self._everything = _digest([self._stamp_of(files), *map(_stamp_of_build, builds)])
        self._no_product = self._stamp_of({file for file in files
                                           if root / "src" not in file.parents})

    def of(self, test: Test) -> str:
        parts = [test.name, *test.command, *test.environment]
        if CLOSED in test.labels or self._is_built(test.command):
            parts += [self._stamp(Path(word)) for word in test.command if os.path.isabs(word)]
        elif NO_PRODUCT in test.labels:
            parts.append(self._no_product)
        else:
            parts.append(self._everything)
        return _digest(parts)

    def _is_built(self, command: tuple[str, ...]) -> bool:
        """CTest lists no command if the program is missing."""
        return bool(command) and self._build in Path(command[0]).parents

    def _stamp(self, path: Path) -> str:
        if path not in self._stamps:
            self._stamps[path] = self._read_stamp(path)
        return self._stamps[path]

    def _read_stamp(self, path: Path) -> str:
        if path.is_dir():
            return _digest([f"{file} {self._stamp(file)}"
                            for file in sorted(path.rglob("*")) if file.is_file()])
        if not path.is_file():
            return "no file"
        if self._root in path.parents and self._build not in path.parents:
            return hashlib.blake2b(path.read_bytes()).hexdigest()
        status = path.stat()
        return f"{status.st_size} {status.st_mtime_ns}"

    def _stamp_of(self, files: set[Path]) -> str:
        return _digest([f"{file} {self._stamp(file)}" for file in sorted(files)])

    def _files_of_checkout(self) -> set[Path]:
        """Every file that git lists or would list; all of them where there is no git."""
        listed = run(["git", "-C", self._root, "ls-files", "-z", "--cached", "--others",
                      "--exclude-standard"])
        if listed.status == 0:
            return {self._root / name for name in listed.output.split("\0") if name}
        return {file for file in self._root.rglob("*")
                if file.is_file() and self._build not in file.parents}


def load(path: Path) -> dict[str, str]:
    """The digests of the tests that passed, by name; none if the file is missing or damaged."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def store(path: Path, passed: dict[str, str], digests: dict[str, str], results: dict) -> None:
    """Adds the tests that have passed in a run, and takes out all others that ran."""
    kept = {name: digest for name, digest in passed.items() if name not in digests}
    kept |= {test["name"]: digests[test["name"]] for test in results["tests"]
             if test["status"] == "passed" and test["name"] in digests}
    jsonfile.replace(path, kept)


def _stamp_of_build(build: Path) -> str:
    """Covers all that ninja has built: the last line of each file in its log, without the times."""
    lines = {}
    log = build / NINJA_LOG
    for line in log.read_text().splitlines() if log.exists() else ():
        fields = line.split("\t")
        if len(fields) == 5 and fields[3] != NINJA_FILE and (build / fields[3]).exists():
            lines[fields[3]] = f"{fields[2]} {fields[4]}"
    return _digest([f"{name} {line}" for name, line in sorted(lines.items())])


def _digest(parts: list[str]) -> str:
    return hashlib.blake2b("\0".join(parts).encode(errors="surrogateescape"),
                           digest_size=16).hexdigest()
