"""A whole program, compiled with weave-cc or weave-c++, as a scenario of the audit."""

import json
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from commands.orders.scenario import Outcome

# More than a search needs to end after its time is up.
GRACE_SECONDS = 120


class Program:
    """`words` are the options of weave that the user gave; a mode of theirs decides how to search.
    Without one the search is exhaustive, and then, if that was not complete, weave's default."""

    def __init__(self, path: Path, words: list[str], again: list[str], arguments: list[str],
                 kept: Path) -> None:
        self.name = path.name
        self._path = path
        self._words = words
        self._again = again
        self._arguments = arguments
        self._kept = kept
        has_mode = any(word.startswith("mode=") for word in words)
        self._modes = [[]] if has_mode else [["mode=exhaustive"], []]

    def run(self, weakened: list[str], sites: Path | None, seconds: float) -> Outcome:
        outcome = Outcome("none", False, 0, 0.0)
        executions = 0
        for mode in self._modes:
            outcome = self._search(mode, weakened, sites, seconds / len(self._modes))
            executions += outcome.executions
            if outcome.is_finding or outcome.is_complete:
                break
        return Outcome(outcome.verdict, outcome.is_complete, executions, outcome.seconds,
                       outcome.what, outcome.reproduce)

    def _search(self, mode: list[str], weakened: list[str], sites: Path | None,
                seconds: float) -> Outcome:
        environment = {**os.environ, "WEAVE_WEAKEN": ",".join(weakened),
                       "WEAVE_REPLAY": shlex.join(self._again)}
        if sites is not None:
            environment["WEAVE_SITES"] = str(sites)
        with tempfile.TemporaryDirectory(prefix="orders-") as folder:
            result = Path(folder) / "result.json"
            environment["WEAVE_OPTIONS"] = ":".join(
                [*mode, *self._words, f"seconds={max(1, round(seconds))}", f"json={result}"])
            run = subprocess.run([self._path, *self._arguments], env=environment, check=False,
                                 cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True, errors="replace",
                                 timeout=seconds + GRACE_SECONDS)
            if not result.is_file():
                last = run.stderr.splitlines()[-1] if run.stderr else "it printed nothing"
                return Outcome("none", False, 0, 0.0, last)
            read = json.loads(result.read_text())
            reproduce = self._keep(Path(folder), read["reproduce"], weakened)
        return Outcome(read["verdict"], read["complete"], read["executions"], read["seconds"],
                       read["what"], reproduce)

    def _keep(self, folder: Path, reproduce: str, weakened: list[str]) -> str:
        """Moves the schedule of a finding where the command that repeats it can read it."""
        if not reproduce:
            return ""
        schedule = reproduce.split("replay=")[1].split()[0]
        self._kept.mkdir(parents=True, exist_ok=True)
        where = "-".join(weakened).replace("=", "-")[:80] or "as-it-is"
        target = self._kept / f"{where}-{schedule}"
        target.write_bytes((folder / schedule).read_bytes())
        return f"WEAVE_WEAKEN={','.join(weakened)} {reproduce.replace(schedule, str(target))}"
