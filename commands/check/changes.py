"""The lines of src/, or of another tree, that have changed since a commit, comments left out."""

import difflib
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from commands.kit import project
from commands.kit.console import CommandError

# A comment, or a string or character in which one could seem to begin.
TOKEN = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)


@dataclass(frozen=True)
class Change:
    """A file of a repository, and the numbers of its changed lines, as they are now. Where code was
    only removed, the line with code before it stands for it. Without lines, the file is gone."""

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
    now = _lines_of_code(read_source(path))
    old = subprocess.run(["git", "show", f"{commit}:{name}"], cwd=root, capture_output=True,
                         text=True, errors="replace", check=False)
    if old.returncode != 0:
        return Change(name, tuple(now), root)
    before = _lines_of_code(old.stdout)
    if " ".join(before.values()) == " ".join(now.values()):
        return None
    return Change(name, _changed_lines(before, now), root)


def read_source(path: Path) -> str:
    """A source file, which in another tree may not be UTF-8."""
    return path.read_text(errors="replace")


def _lines_of_code(text: str) -> dict[int, str]:
    """The lines with code, by number, each word with one space after the one before."""
    numbered = enumerate(code_of(text).splitlines(), start=1)
    return {number: " ".join(line.split()) for number, line in numbered if line.strip()}


def _changed_lines(before: dict[int, str], now: dict[int, str]) -> tuple[int, ...]:
    """The numbers of the lines that are new or different. Where code was only removed, the line
    before it is one of them, or else the first."""
    numbers = list(now)
    matcher = difflib.SequenceMatcher(None, list(before.values()), list(now.values()),
                                      autojunk=False)
    lines: set[int] = set()
    for kind, _, _, begin, end in matcher.get_opcodes():
        if kind == "delete":
            begin, end = max(0, begin - 1), max(1, begin)
        if kind != "equal":
            lines.update(numbers[begin:end])
    return tuple(sorted(lines))


def _git(root: Path, *words) -> str:
    run = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True,
                         errors="replace", check=False)
    if run.returncode != 0:
        last = (run.stderr.strip().splitlines() or ["?"])[-1]
        raise CommandError(f"git {' '.join(words[:2])}: {last}")
    return run.stdout
