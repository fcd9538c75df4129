"""Finds the first commit at which a cause shows: a search over the first parents of HEAD.

Each commit that is tried is checked out in one work tree below build/bisect/, where only the
replay program of the target is built. What a commit showed is kept with the cause, so a run that
was killed continues where it was. A commit counts as bad if the input fails there with the same
verdict, wherever that is; one that does not build says nothing, and its neighbours are tried.
"""

import json
import os
from pathlib import Path

from commands.kit import child, jsonfile, project, report
from commands.kit.console import CommandError, Progress
from commands.kit.project import THREAD
from commands.kit.replay import INPUT_SECONDS_MAX, RACE_REPETITIONS, memory_limits
from commands.kit.source import git
from commands.triage.store import Group

BAD = "bad"
GOOD = "good"
UNKNOWN = "unknown"
BUILD_SECONDS_MAX = 3600


def first_bad(group: Group, good: str) -> str:
    """The first bad commit and its subject, or why there is none. `good` names a commit that is
    known to be good; if it is empty, one is looked for, with doubled steps into the past."""
    commits = _commits(good)
    search = _Search(group, commits)
    try:
        if search.shows(0) != BAD:
            return "none: HEAD does not show it, so the changes since do, or it needs luck"
        last = search.last(bool(good))
        if search.shows(last) == BAD:
            if good:
                raise CommandError(f"--bisect {good}: that commit shows the failure too")
            return f"{_title(commits[last])} (there is no earlier one)"
        bad, sound = search.narrow(last)
        between = "" if sound == bad + 1 else (
            f" or one of the {sound - bad - 1} before it, which do not build")
        return f"{_title(commits[bad])}{between}"
    finally:
        search.clean()


def _commits(good: str) -> list[str]:
    """From HEAD back to `good`, or to the first of all."""
    if not good:
        commits = git("rev-list", "--first-parent", "HEAD").split()
    else:
        end = git("rev-parse", "--verify", "--quiet", f"{good}^{{commit}}").strip()
        if not end:
            raise CommandError(f"--bisect {good}: not a commit")
        commits = [*git("rev-list", "--first-parent", f"{end}..HEAD").split(), end]
    if not commits:
        raise CommandError("--bisect: git knows no commits here")
    return commits


def _title(commit: str) -> str:
    return git("log", "-1", "--format=%h %s", commit).strip()


class _Search:
    """The tried commits of one cause, numbered from HEAD into the past."""

    def __init__(self, group: Group, commits: list[str]) -> None:
        self._group = group
        self._commits = commits
        self._target = group.facts["target"]
        self._tree = project.BUILD / "bisect" / self._target
        self._tried: dict[str, str] = (
            json.loads(group.bisect.read_text()) if group.bisect.exists() else {})

    def shows(self, number: int) -> str:
        """BAD, GOOD or UNKNOWN."""
        commit = self._commits[number]
        if commit not in self._tried:
            progress = Progress()
            progress.show(f"trying {_title(commit)}")
            self._tried[commit] = self._try(commit)
            progress.clear()
            jsonfile.replace(self._group.bisect, self._tried)
        return self._tried[commit]

    def last(self, is_given: bool) -> int:
        """The end of the search: the oldest commit if it is given, else the first good one in
        doubled steps, or the oldest that builds."""
        oldest = len(self._commits) - 1
        if is_given:
            return oldest
        step, found = 1, 0
        while step < oldest and self.shows(step) != GOOD:
            found = step if self.shows(step) == BAD else found
            step *= 2
        end = min(step, oldest)
        return end if self.shows(end) != UNKNOWN else found

    def narrow(self, good: int) -> tuple[int, int]:
        """The oldest bad commit and the newest good one, without one between them that is known to
        be either."""
        bad = 0
        while True:
            middle = (bad + good) // 2
            between = sorted(range(bad + 1, good), key=lambda number: abs(number - middle))
            tried = next((number for number in between if self.shows(number) != UNKNOWN), None)
            if tried is None:
                return bad, good
            if self.shows(tried) == BAD:
                bad = tried
            else:
                good = tried

    def clean(self) -> None:
        """Removes the work tree."""
        if self._tree.exists():
            git("worktree", "remove", "--force", self._tree)

    def _try(self, commit: str) -> str:
        if not self._check_out(commit) or not self._build():
            return UNKNOWN
        on_threads = project.fuzz_sanitizer(self._target) is THREAD
        repetitions = RACE_REPETITIONS if on_threads else 1
        preset = self._group.sanitizer.replay_preset
        command = [self._tree / "build" / preset / "bin" / self._target,
                   *[self._group.input] * repetitions]
        outcome = child.run(command, INPUT_SECONDS_MAX + repetitions, memory_limits())
        seen = report.of_outcome(outcome)
        if seen is None:
            return GOOD if outcome.status == 0 else UNKNOWN
        return BAD if seen.verdict == self._group.facts["verdict"] else GOOD

    def _check_out(self, commit: str) -> bool:
        if (self._tree / ".git").exists():
            git("-C", self._tree, "checkout", "--quiet", "--detach", "--force", commit)
        else:
            self._tree.parent.mkdir(parents=True, exist_ok=True)
            git("worktree", "prune")
            git("worktree", "add", "--detach", self._tree, commit)
        return git("-C", self._tree, "rev-parse", "HEAD").strip() == commit

    def _build(self) -> bool:
        """Builds the replay program of the commit that is checked out."""
        preset = self._group.sanitizer.replay_preset
        binary = self._tree / "build" / preset / "bin" / self._target
        # Where a commit does not build, the program of another one must not speak for it.
        binary.unlink(missing_ok=True)
        configure = ["cmake", "-S", self._tree, "--preset", preset]
        compile_it = ["cmake", "--build", self._tree / "build" / preset, "--parallel",
                      str(os.cpu_count() or 1), "--target", self._target]
        built = all(child.run(command, BUILD_SECONDS_MAX).status == 0
                    for command in (configure, compile_it))
        return built and Path(binary).exists()
