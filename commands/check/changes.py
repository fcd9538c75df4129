"""The lines of src/, or of another tree, that have changed since a commit, comments left out."""

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from commands.kit import project
from commands.kit.console import CommandError

# A comment, or a string or character in which one could seem to begin.
TOKEN = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


@dataclass(frozen=True)
class Change:
    """A file of a repository, and the numbers of its changed lines, as they are now. Where lines were
    only removed, the line before them stands for them."""

    file: str
    lines: tuple[int, ...]
    root: Path = field(default=project.ROOT, compare=False)

    @property
    def path(self) -> Path:
        return self.root / self.file


class Repository:
    """The repository that a tree is in, and its folders with the code that is checked."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self._root = Path(_git(folders[0], "rev-parse", "--show-toplevel").strip())

    def default_base(self) -> str:
        """HEAD while the folders have changes that are not committed, else the commit before."""
        status = _git(self._root, "status", "--porcelain", "--", *self._folders)
        return "HEAD" if status.strip() else "HEAD~1"

    def since(self, commit: str) -> list[Change]:
        """The files whose code differs from the commit's."""
        names = _git(self._root, "diff", "--name-only", commit, "--", *self._folders).splitlines()
        names += _git(self._root, "ls-files", "--others", "--exclude-standard", "--",
                      *self._folders).splitlines()
        found = [_change(self._root, commit, name) for name in sorted(set(names))]
        return [one for one in found if one is not None]


def code_of(text: str) -> str:
    """The text with its comments as spaces, so that lines keep their numbers."""
    def blank(match: re.Match) -> str:
        token = match[0]
        return re.sub(r"[^\n]", " ", token) if token.startswith("/") else token

    return TOKEN.sub(blank, text)


def _change(root: Path, commit: str, name: str) -> Change | None:
    path = root / name
    if path.suffix not in (".h", ".cpp") or not path.exists():
        return None if path.exists() else Change(name, (), root)
    code = code_of(path.read_text())
    before = subprocess.run(["git", "show", f"{commit}:{name}"], cwd=root, capture_output=True,
                            text=True, check=False)
    if before.returncode != 0:
        return Change(name, tuple(_numbers_of_code(code)), root)
    if code_of(before.stdout).split() == code.split():
        return None
    coded = set(_numbers_of_code(code))
    lines: set[int] = set()
    for first, count in HUNK.findall(_git(root, "diff", "-U0", commit, "--", name)):
        begin, size = int(first), int(count or 1)
        lines.update(range(begin, begin + size) if size else [max(1, begin)])
    return Change(name, tuple(sorted(lines & coded)), root)


def _numbers_of_code(code: str) -> list[int]:
    return [number for number, line in enumerate(code.splitlines(), start=1) if line.strip()]


def _git(root: Path, *words) -> str:
    run = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        last = (run.stderr.strip().splitlines() or ["?"])[-1]
        raise CommandError(f"git {' '.join(words[:2])}: {last}")
    return run.stdout
