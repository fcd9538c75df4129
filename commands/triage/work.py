"""The steps of a triage: judge every input, group by cause, minimise one input of each cause,
write the pages. Each step skips what an earlier run has done.
"""

import math
import shlex
import time
from dataclasses import dataclass
from pathlib import Path

from commands.kit import project, storage
from commands.kit.console import Progress, count
from commands.triage import judge
from commands.triage.judge import SameCause
from commands.triage.minimiser import Minimiser, sizes_of
from commands.triage.store import Group, Known, Seen


@dataclass(frozen=True)
class Found:
    """A cause, and the inputs of this run that have it."""

    group: Group
    inputs: list[Path]
    seen: list[Seen]

    def as_json(self) -> dict:
        """The entry of --json."""
        facts = self.group.facts
        return {
            **{name: facts[name] for name in ("id", "target", "verdict", "sentence", "places",
                                              "guarantees", "sanitizer", "commit")},
            "failed": facts["failed"], "runs": facts["runs"],
            "inputs": [project.shown(path) for path in self.inputs],
            "times": len(self.seen),
            "folder": project.shown(self.group.folder),
            "input": project.shown(self.group.input),
            "minimised": self.group.minimised.exists(),
            "reproduce": reproduce(self.group),
        }


def triage(inputs: dict[str, list[Path]], seconds: float, seconds_total: float,
           judge_seconds: float = math.inf) -> list[Found]:
    """Brings the inputs of each target to their causes. Minimising one cause takes `seconds` at
    most, all of them together `seconds_total`. After `judge_seconds` only the first input of a
    target is still judged; the others are left for the next run. The programs must be built."""
    judge_until = time.monotonic() + judge_seconds
    found = [cause for target, files in inputs.items()
             for cause in judge_all(target, files, judge_until)]
    deadline = time.monotonic() + seconds_total
    for cause in found:
        left = min(seconds, deadline - time.monotonic())
        minimise(cause.group, left)
        write_page(cause)
    return found


def judge_all(target: str, files: list[Path], until: float = math.inf) -> list[Found]:
    """The causes of the inputs; those that did not fail, and left no report, have none, nor have
    those for which there was no time."""
    known = Known(target)
    programs = judge.programs_digest(target)
    progress = Progress()
    by_cause: dict[str, list[Path]] = {}
    for number, path in enumerate(files, start=1):
        progress.show(f"judging {target}: {number} of {count(len(files), 'input')}")
        seen = known.seen(path.read_bytes(), programs)
        if seen is None:
            if number > 1 and time.monotonic() > until:
                continue
            judged = judge.judge(target, path) or judge.of_kept_report(target, _report_of(path))
            seen = known.remember(path, judged, programs)
        if seen.cause:
            by_cause.setdefault(seen.cause, []).append(path)
    progress.clear()
    return [Found(known.group(cause), paths, known.inputs_of(cause))
            for cause, paths in by_cause.items()]


def minimise(group: Group, seconds: float) -> None:
    """Minimises the cause's input, from where an earlier run was. An input that failed once and
    never again cannot be minimised."""
    if not group.minimised.exists() and group.facts["failed"] and seconds > 0:
        target = group.facts["target"]
        progress = Progress()
        progress.show(f"minimising {group.facts['id']}")
        same = SameCause(group.sanitizer, group.cause)
        minimiser = Minimiser(judge.format_of(target), same.first_failing,
                              lambda smaller: storage.write_atomic(group.smallest, smaller),
                              seconds)
        smallest, complete = minimiser.run(group.input.read_bytes())
        progress.clear()
        if complete:
            group.write_once(group.minimised, smallest)
            group.smallest.unlink(missing_ok=True)
    if group.minimised.exists():
        text = judge.describe(group.facts["target"], group.minimised)
        group.write_once(group.schedule, text.encode())


def reproduce(group: Group) -> str:
    """The command that runs the cause's smallest input again."""
    words = ["./mailproof", "replay", *project.subject_words()]
    if group.sanitizer not in project.replay_sanitizers(group.facts["target"]):
        words += ["--sanitizer", group.sanitizer.name]
    return shlex.join([*words, project.shown(group.input)])


def write_page(found: Found) -> None:
    """Writes cause.md, if what it says has changed."""
    text = page(found).encode()
    path = found.group.page
    if not path.exists() or path.read_bytes() != text:
        storage.write_atomic(path, text)


def page(found: Found) -> str:
    """The cause in words."""
    group, facts = found.group, found.group.facts
    form = judge.format_of(facts["target"])
    lines = [f"# {facts['target']}: {facts['verdict']}", "", facts["sentence"], ""]
    lines += [f"- where: {place}" for place in facts["places"]]
    lines += [f"- breaks: {guarantee}" for guarantee in facts["guarantees"]]
    lines += [f"- fails in {facts['failed']} of {count(facts['runs'], 'run')} under "
              f"{group.sanitizer.title}",
              f"- seen with {count(len(found.seen), 'input')}",
              f"- commit: {facts['commit']}",
              f"- original: {sizes_of(group.original.read_bytes(), form)}"]
    if group.minimised.exists():
        lines.append(f"- minimised: {sizes_of(group.minimised.read_bytes(), form)}")
    lines += ["", "Reproduce:", "", f"    {reproduce(group)}", ""]
    if group.schedule.exists():
        schedule = group.schedule.read_text(errors="replace").splitlines()
        lines += ["The schedule:", "", *(f"    {line}".rstrip() for line in schedule), ""]
    return "\n".join(lines)


def _report_of(path: Path) -> str:
    """The report that `fuzz` kept of an input, or nothing."""
    kept = project.FINDINGS / "reports" / path.parent.name / f"{path.name}.txt"
    return kept.read_text(errors="replace") if kept.exists() else ""
