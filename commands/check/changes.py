"""The lines of src/ that have changed since a commit, comments left out."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from commands.kit import project
from commands.kit.console import CommandError

FOLDER = "src"
# A comment, or a string or character in which one could seem to begin.
TOKEN = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


@dataclass(frozen=True)
class Change:
    """A file, and the numbers of its changed lines, as they are now. Where lines were only removed,
    the line before them stands for them."""

    file: str
    lines: tuple[int, ...]


def default_base(root: Path = project.ROOT) -> str:
    """HEAD while src/ has changes that are not committed, else the commit before."""
    return "HEAD" if _git(root, "status", "--porcelain", "--", FOLDER).strip() else "HEAD~1"


def since(commit: str, root: Path = project.ROOT) -> list[Change]:
    """The files whose code differs from the commit's."""
    names = _git(root, "diff", "--name-only", commit, "--", FOLDER).splitlines()
    names += _git(root, "ls-files", "--others", "--exclude-standard", "--", FOLDER).splitlines()
    found = [_change(root, commit, name) for name in sorted(set(names))]
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
        return None if path.exists() else Change(name, ())
    code = code_of(path.read_text())
    before = subprocess.run(["git", "show", f"{commit}:{name}"], cwd=root, capture_output=True,
                            text=True, check=False)
    if before.returncode != 0:
        return Change(name, tuple(_numbers_of_code(code)))
    if code_of(before.stdout).split() == code.split():
        return None
    coded = set(_numbers_of_code(code))
    lines: set[int] = set()
    for first, count in HUNK.findall(_git(root, "diff", "-U0", commit, "--", name)):
        begin, size = int(first), int(count or 1)
        lines.update(range(begin, begin + size) if size else [max(1, begin)])
    return Change(name, tuple(sorted(lines & coded)))


def _numbers_of_code(code: str) -> list[int]:
    return [number for number, line in enumerate(code.splitlines(), start=1) if line.strip()]


def _git(root: Path, *words: str) -> str:
    run = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        last = (run.stderr.strip().splitlines() or ["?"])[-1]
        raise CommandError(f"git {' '.join(words[:2])}: {last}")
    return run.stdout
