"""Fuzzes every target from its kept corpus, then merges that corpus.

An input that a fuzzer saves is in findings/TARGET/ or will be moved there, even if the run was
killed before it reported so. So every input counts that is new in that folder since the job began,
not only those that the command reports.
"""

import json
import os
import re
import shlex
import shutil
from pathlib import Path

from commands.fuzz import findings
from commands.fuzz.command import TARGET_SECONDS_MIN
from commands.fuzz.exchange import content_name
from commands.kit import jsonfile, project, replay, report
from commands.kit.cause import same_as
from commands.kit.child import Outcome
from commands.kit.console import CommandError
from commands.kit.project import THREAD
from commands.kit.replay import INPUT_SECONDS_MAX, Failure
from commands.kit.report import Report
from commands.nightly.job import MAILPROOF, Finding, Harvest, Job, Speed, Work, problem_of

# "fuzzing mailbox_step 15/60 s, 1,234 executions, 55 edges", a progress line of the command.
PROGRESS = re.compile(r"^fuzzing \S+ (\d+)/\d+ s, ([\d,]+) executions, ([\d,]+) edges",
                      re.MULTILINE)
# An interrupted run leaves a few inputs at most; those beyond this number are named, not judged.
JUDGED_MAX = 20
# The verdicts for libFuzzer's file names.
KINDS = {"crash": "crash", "leak": "leak", "oom": "out-of-memory", "timeout": "timeout"}
UNCONFIRMED = "saved by a run that was interrupted; the input alone does not fail again\n"
# What `fuzz` says of a fuzzer that did not even save an input when it was made to stop.
HUNG = re.compile(r"^mailproof: \S+: (hung: .*)$", re.MULTILINE)


class TargetJob(Job):
    """What fuzzing and merging share: they look for new files among the target's findings."""

    def builds(self) -> dict[str, list[str]]:
        return {preset: [target] for preset, target in _binaries(self.target)}

    def prepare(self, work: Work) -> None:
        """Notes the inputs that were saved before the job."""
        if not self._before(work).exists():
            jsonfile.replace(self._before(work), sorted(_saved(self.target)))

    def _before(self, work: Work) -> Path:
        return work.folder / "inputs-before.json"

    def _unreported(self, work: Work, reported: set[str]) -> tuple[list[Finding], list[str]]:
        """Judges the new inputs that are not among the reported ones; returns findings and
        remarks."""
        before = json.loads(self._before(work).read_text())
        names = sorted(_saved(self.target) - set(before) - reported)
        remarks = [f"not judged, too many: {project.shown(project.FINDINGS / self.target / name)}"
                   for name in names[JUDGED_MAX:]]
        return [_judge(self.target, name) for name in names[:JUDGED_MAX]], remarks


class FuzzJob(TargetJob):
    """One target, under the sanitizer that `fuzz` gives it."""

    seconds_min = TARGET_SECONDS_MIN
    # The corpus is replayed first, and findings are judged at the end.
    extra_seconds = 12
    overtime_seconds = 180

    def __init__(self, target: str) -> None:
        super().__init__("fuzz", target, target)

    def command(self, work: Work) -> list:
        return [*MAILPROOF, "fuzz", self.target, "--seconds", work.seconds, "--json", work.results]

    def reproduce(self, work: Work) -> str:
        return f"./mailproof fuzz {self.target} --seconds {work.seconds}"

    def harvest(self, work: Work, outcome: Outcome, seconds: float) -> Harvest:
        written = work.read_results()
        [result] = written["targets"] if written else [{"findings": []}]
        found = [_reported(self.target, entry) for entry in result["findings"]]
        reported = {entry["id"] for entry in result["findings"]}
        unreported, remarks = self._unreported(work, reported)
        found += [*unreported, *self._hung(work, outcome)]
        problem = "" if outcome.status in (0, 1) or found else problem_of(outcome)
        if written is None:
            return Harvest(found, problem=problem, remarks=remarks)
        figures = {name: result[name] for name in ("executions", "executions_per_second", "edges",
                                                   "corpus_inputs", "new_inputs")}
        # A run that a finding ended early says nothing about speed.
        speed = None if found else Speed(result["executions_per_second"], "executions/s")
        return Harvest(found, figures, _series(outcome.output, work, figures), speed, problem,
                       remarks)

    def _hung(self, work: Work, outcome: Outcome) -> list[Finding]:
        """The finding for a fuzzer that ran past its time and left no input."""
        match = HUNG.search(outcome.output)
        if not match:
            return []
        reproduce = self.reproduce(work)
        return [Finding(self.target, "hang", match[1], self.group, outcome.output, reproduce,
                        settings=f"{reproduce}\n")]


class MergeJob(TargetJob):
    """Reduces the kept corpus to the fewest inputs with the same coverage.

    The corpus is never moved. What libFuzzer chose is already in it; then what it did not choose is
    deleted. So a kill at any moment loses nothing.
    """

    seconds_min = 5
    seconds_max = 30
    extra_seconds = 1
    # Every input runs once, which takes long with a large corpus.
    overtime_seconds = 600
    overtime_is_hang = False

    def __init__(self, target: str) -> None:
        super().__init__("merge", target, target)
        self._corpus = project.BUILD / "fuzz-corpus" / target

    def command(self, work: Work) -> list:
        chosen = self._chosen(work)
        shutil.rmtree(chosen, ignore_errors=True)
        chosen.mkdir()
        self._corpus.mkdir(parents=True, exist_ok=True)
        jsonfile.replace(self._merged(work), sorted(path.name for path in self._corpus.iterdir()))
        preset, target = _fuzzer_binary(self.target)
        return [project.binary(preset, target), "-merge=1", "-set_cover_merge=1",
                f"-timeout={INPUT_SECONDS_MAX}", f"-artifact_prefix={work.folder}/", chosen,
                self._corpus]

    def harvest(self, work: Work, outcome: Outcome, seconds: float) -> Harvest:
        for path in sorted(work.folder.iterdir()):
            if path.name.startswith(tuple(f"{kind}-" for kind in KINDS)):
                findings.keep(self.target, path, path.name)
                path.unlink()
        found, remarks = self._unreported(work, set())
        if outcome.status != 0 or outcome.timed_out:
            problem = "out of time" if outcome.timed_out else problem_of(outcome)
            return Harvest(found, problem=f"the corpus is as it was: {problem}", remarks=remarks)
        with project.locked(project.BUILD / "fuzz-work" / f"{self.target}.lock"):
            merged = json.loads(self._merged(work).read_text())
            before, after = keep_only(self._corpus, merged, self._chosen(work))
        return Harvest(found, {"inputs_before": before, "inputs_after": after}, remarks=remarks)

    def _chosen(self, work: Work) -> Path:
        return work.folder / "chosen"

    def _merged(self, work: Work) -> Path:
        """The names of the inputs at the start of the merge."""
        return work.folder / "inputs-merged.json"


def keep_only(corpus: Path, merged: list[str], chosen: Path) -> tuple[int, int]:
    """Deletes the `merged` inputs of `corpus` whose content is not in `chosen`; newer inputs stay.
    Returns the numbers of inputs before and after. If nothing was chosen, nothing is deleted."""
    wanted = {content_name(path.read_bytes()): path for path in chosen.iterdir()}
    inputs = [corpus / name for name in merged if (corpus / name).exists()]
    if not wanted:
        return len(inputs), len(inputs)
    missing = set(wanted)
    surplus = []
    for path in inputs:
        name = content_name(path.read_bytes())
        if name in missing:
            missing.discard(name)
        else:
            surplus.append(path)
    for name in missing:
        shutil.copy(wanted[name], corpus / f"{name}.new")
        os.replace(corpus / f"{name}.new", corpus / name)
    for path in surplus:
        path.unlink()
    return len(inputs), len(wanted)


def all_jobs() -> list[Job]:
    """All jobs; the merge of each target follows its fuzzing."""
    return [job for target in project.check_targets([])
            for job in (FuzzJob(target), MergeJob(target))]


def _fuzzer_binary(target: str) -> tuple[str, str]:
    return project.libfuzzer_program(target, project.fuzz_sanitizer(target))


def _binaries(target: str) -> list[tuple[str, str]]:
    replayed = [(sanitizer.replay_preset, target)
                for sanitizer in project.replay_sanitizers(target)]
    return [_fuzzer_binary(target), *replayed]


def _saved(target: str) -> set[str]:
    folder = project.FINDINGS / target
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _series(log: str, work: Work, figures: dict) -> list[list[float]]:
    """Rows of (seconds, executions, edges), up to the end."""
    rows = [[int(number.replace(",", "")) for number in match]
            for match in PROGRESS.findall(log)]
    rows = [row for row in rows if row[0] < work.seconds]
    return [*rows, [work.seconds, figures["executions"], figures["edges"]]]


def _reported(target: str, entry: dict) -> Finding:
    """A finding that `fuzz` reported, with the report that it keeps beside the input. The minimal
    input of its cause stands for it."""
    text = _kept_report(target, entry["id"])
    if entry["minimised"] is None:
        path = project.ROOT / entry["input"]
        return _finding(target, path, entry["verdict"], text, entry["reproduce"])
    path = project.ROOT / entry["minimised"]
    reproduce = shlex.join(["./mailproof", "replay", entry["minimised"]])
    text = f"{text.rstrip()}\nseen {entry['times']} times; the cause: {entry['cause']}/cause.md\n"
    return _finding(target, path, entry["verdict"], text, reproduce)


def _judge(target: str, name: str) -> Finding:
    """The finding for an input that was not reported; the replay binary's verdict comes first."""
    path = project.FINDINGS / target / name
    reproduce = shlex.join(["./mailproof", "replay", project.shown(path)])
    failure = _failure(target, path)
    if failure:
        return _finding(target, path, failure.report.verdict, failure.output, reproduce)
    text = _kept_report(target, name) or UNCONFIRMED
    seen = report.of_text(text)
    verdict = seen.verdict if seen else KINDS.get(name.split("-")[0], "crash")
    return _finding(target, path, verdict, text, reproduce)


def _failure(target: str, path: Path) -> Failure | None:
    """How the input fails alone; None if it does not, or if there is no binary to run it."""
    try:
        failures = [failure for sanitizer in project.replay_sanitizers(target)
                    for failure in replay.replay(target, sanitizer, [path])]
    except (CommandError, OSError):
        return None
    return failures[0] if failures else None


def _kept_report(target: str, name: str) -> str:
    path = project.FINDINGS / "reports" / target / f"{name}.txt"
    return path.read_text(errors="replace") if path.exists() else ""


def _finding(target: str, path: Path, verdict: str, text: str, reproduce: str) -> Finding:
    seen = report.of_text(text) or Report(verdict, text.strip().split("\n")[0], verdict)
    again = [str(project.binary(THREAD.replay_preset, target)), str(path)]
    return Finding(target, verdict, seen.sentence, same_as(seen, text), text, reproduce, path,
                   again=again if project.fuzz_sanitizer(target) is THREAD else None)
