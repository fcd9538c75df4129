"""Makes minimal inputs regression tests: corpus/regress/TARGET/NAME is the input,
corpus/regress/described/TARGET/NAME.txt the same as text, and corpus/regress/README.md has a line
for each. The text shows when an input no longer means what it meant.
"""

from pathlib import Path

from commands.kit import explained, project, storage
from commands.kit.console import CommandError, say
from commands.triage.store import Group

FOLDER = project.CORPUS / "regress"
DESCRIBED = FOLDER / "described"
LIST = FOLDER / "README.md"


def text_of(path: Path) -> Path:
    """The text that is kept of a regression."""
    return DESCRIBED / path.parent.name / f"{path.name}.txt"


def keep_all(groups: list[Group]) -> None:
    """Keeps the minimal input of each cause that has one; says so of the others."""
    for group in groups:
        if group.minimised.exists():
            _keep(group)
        else:
            say(f"not kept, it has no minimal input: {group.facts['id']}")


def _keep(group: Group) -> None:
    target = group.facts["target"]
    name = group.facts["id"].removeprefix(f"{target}-")
    path = FOLDER / target / name
    # The line comes last: what has one is complete.
    _write_once(path, group.minimised.read_bytes())
    _write_once(text_of(path), group.schedule.read_bytes())
    if project.fuzz_sanitizer(target) is project.WEAVE:
        explained.keep_operations(explained.explain(target, path))
    lines = LIST.read_text()
    if f"| `{target}/{name}` |" not in lines:
        storage.write_atomic(LIST, f"{lines.rstrip()}\n{_line(group, name)}\n".encode())
    say(f"kept {project.shown(path)}; see its line in {project.shown(LIST)}")


def _line(group: Group, name: str) -> str:
    facts = group.facts
    cause = "; ".join([*facts["places"], *facts["guarantees"]]) or "not known yet"
    cells = (f"`{facts['target']}/{name}`", f"{facts['verdict']}: {facts['sentence']}", cause)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _write_once(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() != content:
        raise CommandError(f"{project.shown(path)} exists and is another input")
    path.parent.mkdir(parents=True, exist_ok=True)
    storage.write_atomic(path, content)
