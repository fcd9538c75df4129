"""Why an input of a target under weave fails: what weave explains of it, with the scenario and the
guarantee that is broken."""

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from commands.kit import cause, child, project, storage
from commands.kit.project import WEAVE

# weave ends an explanation after some seconds; a sanitizer or a busy machine takes longer.
SECONDS_MAX = 300
BUG = re.compile(r"^guarantee: (?P<guarantee>.+?)$.*?^--- old\n(?P<old>.*?)^--- new\n(?P<new>.*)",
                 re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"(?P<path>.+):(?P<line>\d+)$")
CHOICES = re.compile(r"^choices:")


@dataclass(frozen=True)
class Explained:
    """`facts` is weave's explanation as JSON, `text` the report, `operations` what a later build
    needs to find the failing execution again. A run without a finding of weave has no facts."""

    target: str
    input: Path
    scenario: list[str]
    guarantees: list[str]
    text: str
    facts: dict
    operations: str = ""

    def page(self) -> str:
        """One screen: scenario, guarantee, finding, why, timeline."""
        lines = ["scenario:", *(f"  {line}" for line in self.scenario)]
        lines += [f"breaks: {guarantee}" for guarantee in self.guarantees]
        return "\n".join([*lines, self.text.rstrip("\n")])


def explain(target: str, path: Path, shows_all: bool = False, program: Path | None = None,
            recalled: Path | None = None) -> Explained:
    """Runs the input once more and lets weave explain what it finds: in the target's own program,
    which must be built, or in another build of it. If the input finds nothing, weave looks for the
    execution whose operations are in the file `recalled`."""
    program = program or project.binary(WEAVE.replay_preset, target)
    described = child.run([program, "--describe", path], SECONDS_MAX).output
    with tempfile.TemporaryDirectory(prefix="explain-") as folder:
        written = {name: Path(folder) / name for name in ("WEAVE_EXPLANATION", "WEAVE_OPERATIONS")}
        run = child.run([program, path], SECONDS_MAX,
                        {"WEAVE_EXPLAIN": "all" if shows_all else "1",
                         **{name: str(file) for name, file in written.items()},
                         **({"WEAVE_RECALL": str(recalled)} if recalled else {})})
        content, operations = (file.read_text(errors="replace") if file.exists() else ""
                               for file in written.values())
    facts = json.loads(content) if content else {}
    scenario = [line for line in described.splitlines() if not CHOICES.match(line)]
    return Explained(target, path, scenario, broken_guarantees(facts), shorten(run.output), facts,
                     operations)


def operations_file(target: str, path: Path) -> Path:
    """Where the operations of an input's failing execution are kept: beside the text of an input
    of corpus/regress, and below findings/operations of any other."""
    regress = project.CORPUS / "regress"
    if path.is_relative_to(regress):
        return regress / "described" / target / f"{path.name}.operations"
    return project.FINDINGS / "operations" / target / f"{path.name}.txt"


def keep_operations(known: Explained) -> None:
    """Keeps what a later build needs, unless it is kept already."""
    file = operations_file(known.target, known.input)
    if known.operations and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        storage.write_atomic(file, known.operations.encode())


def recall(target: str, path: Path, shows_all: bool = False,
           program: Path | None = None) -> Explained | None:
    """The failure of an input that fails no more, found again by the operations that were kept of
    it; None if none were kept, or nothing is found near them."""
    kept = operations_file(target, path)
    if not kept.is_file():
        return None
    known = explain(target, path, shows_all, program, kept)
    return known if known.facts else None


def shorten(report: str) -> str:
    """The report with paths from the checkout on, and without the line that says again what the
    first one says."""
    lines = project.below_root(report).splitlines()
    return "\n".join(line for line in lines if not line.startswith("weave: FINDING ")) + "\n"


def broken_guarantees(facts: dict) -> list[str]:
    """The guarantees whose planted bugs change a line that is part of the cause: one whose memory
    order is too weak, if there is one."""
    events = facts.get("events", [])
    cause_events = ([event for event in events if event["is_weak"]]
                    or [event for event in events if event["is_cause"]])
    causes = {_place_in_checkout(event["path"]) for event in cause_events}
    texts = {path: (project.ROOT / path).read_text(errors="replace")
             for path, _ in filter(None, causes)}
    found: dict[str, None] = {}
    for file in sorted((project.ROOT / "bugs").glob("*/*.bug")):
        bug = BUG.search(file.read_text())
        if bug and any((path, line) in causes for path, text in texts.items()
                       for line in _changed_lines(bug, text)):
            found[bug["guarantee"]] = None
    return list(found)


def _changed_lines(bug: re.Match, text: str) -> set[int]:
    """The lines of a file that a bug changes, or may have changed."""
    lines: set[int] = set()
    for changed in filter(None, (bug["old"].rstrip("\n"), bug["new"].rstrip("\n"))):
        for found in re.finditer(re.escape(changed), text):
            first = text.count("\n", 0, found.start()) + 1
            lines |= set(range(first, first + changed.count("\n") + 1))
    return lines


def _place_in_checkout(place: str) -> tuple[str, int] | None:
    """File and line of a source in this checkout that weave names."""
    match = PLACE.match(place)
    own = cause.own_path(match["path"]) if match else None
    return own and (own, int(match["line"]))
