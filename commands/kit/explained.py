"""Why an input of a target under weave fails: what weave explains of it, with the scenario and the
guarantee that is broken."""

import json
import re
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

from commands.kit import cause, child, guarantees, project, storage
from commands.kit.project import WEAVE

# weave ends an explanation after some seconds; a sanitizer or a busy machine takes longer.
SECONDS_MAX = 300
WIDTH_MAX = 120
GUARANTEES_SHOWN = 3
# A copy of the product in a build folder, as one with a planted bug.
COPY = re.compile(r"build/[\w./-]+/(?=(?:src|sim)/[\w./-]+:\d)")
OWN_CALL = re.compile(r"    (?:\S*/)?fuzz/\S+:\d+ in ")
ROW = re.compile(r"[> ] *\d+ \|")
PLACE = re.compile(r"(?P<path>.+):(?P<line>\d+)$")
CHOICES = re.compile(r"^choices:")
THREAD = re.compile(r"(?:producer|consumer|pusher|popper|FIN thread) \d+$")


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
        lines += [f"breaks: {guarantee}" for guarantee in self.guarantees[:GUARANTEES_SHOWN]]
        if len(self.guarantees) > GUARANTEES_SHOWN:
            lines[-1] += f", or {len(self.guarantees) - GUARANTEES_SHOWN} more that show like this"
        lines += self.text.rstrip("\n").splitlines()
        return "\n".join(wrapped for line in lines for wrapped in _wrap(line))


def _wrap(line: str) -> list[str]:
    """The line, or of a long one several, each further in than the first. Rows of the timeline
    are as wide as they have to be."""
    if len(line) <= WIDTH_MAX or ROW.match(line):
        return [line.rstrip()]
    margin = len(line) - len(line.lstrip()) + 4
    return textwrap.wrap(line, WIDTH_MAX, subsequent_indent=" " * margin, break_long_words=False,
                         break_on_hyphens=False, drop_whitespace=True)


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
    # A thread without operations has only a name.
    scenario = [line for line, after in zip(scenario, [*scenario[1:], ""])
                if not THREAD.match(line) or after.startswith("  ")]
    return Explained(target, path, scenario, broken_guarantees(target, facts), shorten(run.output), facts,
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
    """The report from the finding on, with paths from the checkout on, and without the line that
    says again what the first one says. What comes before are the assertions of the executions that
    the explanation took."""
    lines = project.below_root(report).splitlines()
    begin = next((at for at, line in enumerate(lines) if line.startswith("FINDING ")), 0)
    kept = (_plain(line) for line in _without_own_callers(lines[begin:])
            if not line.startswith("weave: FINDING "))
    return "\n".join(kept) + "\n"


def _without_own_callers(lines: list[str]) -> list[str]:
    """Without those calls of stacks that only say how the target calls the product, if it does."""
    return [line for before, line in zip(["", *lines], lines)
            if before == "  stack:" or not OWN_CALL.match(line)]


def _plain(line: str) -> str:
    """The line with short paths, and without what its functions take, if it names a function at its
    end."""
    line = COPY.sub("", line)
    before, found, function = line.partition(" in ")
    if line.startswith("FINDING ") or not found or "allocated by" in before:
        return before if "allocated by" in before else line
    while (shorter := re.sub(r"<[^<>]*>|\([^()]*\)( const)?(?=$|::)", "", function)) != function:
        function = shorter
    return before + found + function


def broken_guarantees(target: str, facts: dict) -> list[str]:
    """The guarantees whose planted bugs change a line that is part of the cause: one whose memory
    order is too weak, if there is one. What an oracle has found says itself what is broken: there
    it is that of the bugs that show like this, and of these the ones that change such a line."""
    by_line = guarantees.of_lines(_lines_of_cause(facts))
    if not facts.get("is_judged"):
        return by_line
    by_verdict = guarantees.of_verdict(target, facts["verdict"])
    return ([one for one in by_verdict if one in by_line]
            or guarantees.likely(target, facts["verdict"]))


def _lines_of_cause(facts: dict) -> set[tuple[str, int]]:
    events = facts.get("events", [])
    cause_events = ([event for event in events if event["is_weak"]]
                    or [event for event in events if event["is_cause"]])
    return set(filter(None, (_place_in_checkout(event["path"]) for event in cause_events)))


def _place_in_checkout(place: str) -> tuple[str, int] | None:
    """File and line of a source in this checkout that weave names."""
    match = PLACE.match(place)
    own = cause.own_path(match["path"]) if match else None
    return own and (own, int(match["line"]))
