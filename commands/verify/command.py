"""`mailproof verify`: proves guarantees of the product within stated bounds."""

import concurrent.futures
import hashlib
import json
import os
from pathlib import Path

from commands.kit import commandline, documents, jsonfile, packages, project, subject
from commands.kit.console import EXIT_FINDING, EXIT_OK, Progress, complain, count, say
from commands.orders.scenario import Outcome
from commands.verify import scenarios
from commands.verify.scenarios import Search

NAME = "verify"
GROUP = commandline.CHECKS
SUMMARY = "Prove guarantees of the product within bounds, by searching every execution"
DETAILS = ("Each scenario is a few threads on a part of the product, small enough for weave to "
           "search all of its executions. A scenario passes if the search is complete, finds "
           "nothing, and has as many executions as when it was pinned.")

# The limit of one scenario, so that one that has grown does not eat the time of all.
SECONDS_EACH = 120
DOCUMENT = project.ROOT / "docs" / "guarantees.md"
BEGIN = "<!-- written by ./mailproof verify --docs -->"
END = "<!-- end of what ./mailproof verify writes -->"


def add_options(command) -> None:
    command.add_argument("names", nargs="*", metavar="SCENARIO",
                         help="a scenario, or a subject for all of its own; default: every one "
                              "that is not deep")
    command.add_argument("--deep", action="store_true",
                         help="the deep ones too, without a limit of time; each search is kept "
                              "twice a second, and a run that was ended continues it")
    command.add_argument("--docs", action="store_true",
                         help="write what is proved into docs/guarantees.md")
    subject.add_option(command)
    commandline.add_json(command)


def run(options) -> int:
    jsonfile.check(options.json)
    subject.use(options)
    packages.ensure()
    everything = scenarios.prepare()
    chosen = [one for one in scenarios.select(everything, options.names)
              if options.deep or options.names or not one.is_deep]
    done = Done() if options.deep else None
    results = search_all(chosen, 0 if options.deep else SECONDS_EACH, done)
    problems = [problem for one, outcome in results if (problem := problem_of(one, outcome))]
    for line in table(results):
        say(line)
    for one, outcome in results:
        if outcome.is_finding:
            say(f"\n{one.name} breaks: {one.guarantee}\n{outcome.report.rstrip()}")
            say(f"reproduce: {outcome.reproduce}")
    for problem in problems:
        complain(problem)
    say(f"{count(len(results) - len(problems), 'scenario')} proved, {len(problems)} not")
    if options.docs:
        documents.replace_between(DOCUMENT, BEGIN, END, document(results))
    jsonfile.write(options.json, {"scenarios": [entry(one, outcome) for one, outcome in results]})
    return EXIT_FINDING if problems else EXIT_OK


class Done:
    """What is complete already, and was found right, with the same program; and where a search that
    is not is kept."""

    def __init__(self) -> None:
        self._folder = project.BUILD / "verify"
        self._path = self._folder / "done.json"
        self._content: dict[str, dict] = {}
        try:
            self._content = json.loads(self._path.read_text())
        except (OSError, ValueError):
            pass

    def find(self, one: Search) -> Outcome | None:
        known = self._content.get(self._key(one))
        return known and Outcome("ok", True, known["executions"], known["seconds"])

    def add(self, one: Search, outcome: Outcome) -> None:
        self._content[self._key(one)] = {"executions": outcome.executions,
                                         "seconds": outcome.seconds}
        self._folder.mkdir(parents=True, exist_ok=True)
        jsonfile.replace(self._path, self._content)

    def state(self, one: Search) -> Path:
        """The file of the search. That of another program has another name."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / (self._key(one).replace("/", "-").replace(" ", "-") + ".state")

    @staticmethod
    def _key(one: Search) -> str:
        digest = hashlib.sha1(one.program.read_bytes(), usedforsecurity=False).hexdigest()
        return f"{one.name} {digest}"


def search_all(chosen: list[Search], seconds: float,
               done: Done | None = None) -> list[tuple[Search, Outcome]]:
    """Searches the scenarios, as many at a time as there are processors."""
    folder = project.FINDINGS / "verify"
    folder.mkdir(parents=True, exist_ok=True)
    progress = Progress()
    results: dict[str, Outcome] = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        waiting = {}
        for one in chosen:
            known = done and done.find(one)
            if known:
                results[one.name] = known
            else:
                kept = folder / f"{one.name.replace('/', '-')}.schedule"
                kept.unlink(missing_ok=True)
                state = done.state(one) if done else None
                waiting[pool.submit(one.run, [], None, seconds, kept, state=state)] = one
        for future in concurrent.futures.as_completed(waiting):
            one, outcome = waiting[future], future.result()
            results[one.name] = outcome
            if done and outcome.is_ok and outcome.is_complete:
                done.add(one, outcome)
            progress.show(f"{len(results)} of {count(len(chosen), 'scenario')}: {one.name} "
                          f"{outcome.verdict}")
    progress.clear()
    return [(one, results[one.name]) for one in chosen]


def problem_of(one: Search, outcome: Outcome) -> str:
    """Why the scenario is not proved; empty if it is."""
    if outcome.is_finding:
        return f"{one.name}: {outcome.what}"
    if not outcome.is_ok:
        return f"{one.name}: no answer: {outcome.verdict} {outcome.what}".rstrip()
    if not outcome.is_complete:
        return (f"{one.name}: not complete after {outcome.executions:,} executions in "
                f"{outcome.seconds:.0f} s")
    if one.pinned and outcome.executions != one.pinned:
        return (f"{one.name}: {outcome.executions:,} executions, but {one.pinned:,} are pinned in "
                "tests/verify: the search or the product's steps have changed")
    return ""


def entry(one: Search, outcome: Outcome) -> dict:
    """The scenario's entry of the JSON file."""
    return {"name": one.name, "verdict": outcome.verdict, "complete": outcome.is_complete,
            "executions": outcome.executions, "seconds": round(outcome.seconds, 3),
            "bound": one.bound, "guarantee": one.guarantee}


def document(results: list[tuple[Search, Outcome]]) -> str:
    """What is proved, as Markdown."""
    lines = ["| scenario | what is proved | bound | executions |", "| --- | --- | --- | ---: |"]
    lines += [f"| `{one.name}` | {one.guarantee} | {one.bound} | {outcome.executions:,} |"
              for one, outcome in results if outcome.is_ok and outcome.is_complete]
    return "\n".join(lines) + "\n"


def table(results: list[tuple[Search, Outcome]]) -> list[str]:
    """A line for each scenario."""
    rows = [["scenario", "verdict", "complete", "executions", "seconds", "bound"]]
    rows += [[one.name, outcome.verdict, "yes" if outcome.is_complete else "no",
              f"{outcome.executions:,}", f"{outcome.seconds:.1f}", one.bound]
             for one, outcome in results]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.rjust(width) if column in (3, 4) else cell.ljust(width)
                      for column, (cell, width) in enumerate(zip(row, widths))).rstrip()
            for row in rows]
