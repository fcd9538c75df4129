"""The scenarios: what tests/verify lists, and how one is searched."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from commands.kit import build, project
from commands.kit.console import CommandError
from commands.orders.scenario import Outcome

PRESET = "dev"
SOURCES = project.ROOT / "tests" / "verify"
MAIN = "verify_main"
# What a search may take to end after its time is up.
GRACE_SECONDS = 60


@dataclass(frozen=True)
class Search:
    """A scenario of a subject, and the program that searches it."""

    program: Path
    name: str
    guarantee: str
    bound: str
    pinned: int
    is_deep: bool

    def run(self, weakened: list[str], sites: Path | None, seconds: float,
            kept: Path | None = None, mode: str = "exhaustive",
            replay: Path | None = None, state: Path | None = None) -> Outcome:
        """Searches for at most that many seconds; 0: as long as it takes. The schedule of a finding goes to
        `kept`. `weakened` and `sites` are what WEAVE_WEAKEN and WEAVE_SITES get. `replay` is a
        schedule to repeat instead. `state` is the file that the search is kept in, and that it
        continues with."""
        environment = {**os.environ, "WEAVE_WEAKEN": ",".join(weakened)}
        if sites is not None:
            environment["WEAVE_SITES"] = str(sites)
        words = [self.program, self.name, "--mode", mode, "--seconds", f"{seconds:.1f}"]
        if kept is not None:
            words += ["--keep", kept]
        if replay is not None:
            words += ["--replay", replay]
        if state is not None:
            words += ["--state", state]
        try:
            run = subprocess.run(words, env=environment, check=False, text=True, errors="replace",
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE,
                                 timeout=seconds + GRACE_SECONDS if seconds else None)
        except subprocess.TimeoutExpired:
            return Outcome("none", False, 0, seconds, "it did not end after its time")
        try:
            read = json.loads(run.stdout.splitlines()[-1])
        except (IndexError, ValueError):
            lines = (run.stderr or run.stdout).strip().splitlines() or ["it printed nothing"]
            return Outcome("none", False, 0, 0.0, f"exit status {run.returncode}: {lines[-1]}")
        reproduce = ""
        if kept is not None and kept.exists():
            prefix = f"WEAVE_WEAKEN={','.join(weakened)} " if weakened else ""
            reproduce = (f"{prefix}{project.shown(self.program)} {self.name} "
                         f"--replay {project.shown(kept)}")
        return Outcome(read["verdict"], read["complete"], read["executions"], read["seconds"],
                       read["what"], reproduce, run.stderr)


def subjects() -> list[str]:
    """The subjects, one for each source file; of another tree those that it has."""
    if project.SUBJECT:
        has_wait_list = any(target.startswith("wait_list") for target in project.SUBJECT[2])
        return ["mailbox", *(["wait_list"] if has_wait_list else [])]
    return sorted(path.stem for path in SOURCES.glob("*.cpp") if path.stem != MAIN)


def prepare(names: list[str] | None = None) -> list[Search]:
    """Builds the programs of the subjects, and returns all their scenarios."""
    chosen = subjects() if names is None else names
    build.build(PRESET, [f"verify_{name}" for name in chosen])
    return [one for name in chosen for one in list_of(project.BUILD / PRESET / "bin" /
                                                    f"verify_{name}")]


def select(searches: list[Search], names: list[str]) -> list[Search]:
    """Those with the names; a name without a slash is all of a subject. All without names."""
    for name in names:
        if not any(_fits(one, name) for one in searches):
            known = ", ".join(one.name for one in searches)
            raise CommandError(f"no scenario '{name}'; there are: {known}")
    return [one for one in searches if not names or any(_fits(one, name) for name in names)]


def _fits(one: Search, name: str) -> bool:
    return one.name == name or one.name.split("/")[0] == name


def list_of(program: Path) -> list[Search]:
    """The scenarios of one program."""
    run = subprocess.run([program, "--list"], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise CommandError(f"{program.name} --list failed: {run.stderr.strip()}")
    found = []
    for line in run.stdout.splitlines():
        name, guarantee, bound, pinned, deep = line.split("\t")
        found.append(Search(program, name, guarantee, bound, int(pinned), deep == "1"))
    return found
