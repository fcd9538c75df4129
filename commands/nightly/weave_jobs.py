"""Programs under weave: those that explore the product's own headers, and the litmus tests."""

import shlex

from commands import weave
from commands.kit import project
from commands.kit.cause import same_as
from commands.kit.child import Outcome
from commands.kit.report import Report
from commands.nightly.job import (INPUT, MAILPROOF, Finding, Harvest, Job, Speed, Work, died,
                                  problem_of)

PROGRAMS = project.ROOT / "tests" / "weave"
MODES = ["mix", "pct"]
# weave's verdicts that are neither a pass nor a finding.
UNDECIDED = ("limit", "unsupported")


class ExploreJob(Job):
    """One program, explored in one mode."""

    def __init__(self, program: str, mode: str) -> None:
        super().__init__("explore", f"{program}/{mode}", program)
        self.mode = mode
        self._binary = project.binary(weave.PRESET, f"explored_{program}")

    def builds(self) -> dict[str, list[str]]:
        return {weave.PRESET: [self._binary.name]}

    def command(self, work: Work) -> list:
        """Runs in the job's folder, where weave writes the schedule of a finding."""
        return ["/usr/bin/env", "-C", work.folder, self._binary]

    def environment(self, work: Work) -> dict[str, str]:
        return {"WEAVE_OPTIONS": f"{self._options(work)}:json={work.results}"}

    def reproduce(self, work: Work) -> str:
        return f"WEAVE_OPTIONS={self._options(work)} {self._shown_binary()}"

    def harvest(self, work: Work, outcome: Outcome, seconds: float) -> Harvest:
        result = work.read_results()
        if result is None:
            return Harvest(died(self, work, outcome), problem=problem_of(outcome))
        if result["verdict"] in UNDECIDED:
            return Harvest(problem=f"undecided, {result['verdict']}: {result['what']}")
        if result["verdict"] != "ok":
            return Harvest([self._finding(work, result)])
        figures = {name: result[name] for name in ("executions", "steps", "seconds")}
        return Harvest(figures=figures,
                       speed=Speed(result["executions"] / result["seconds"], "executions/s"))

    def _finding(self, work: Work, result: dict) -> Finding:
        schedule = work.folder / f"weave-{result['verdict']}-{result['first_finding']}.schedule"
        seen = Report(result["verdict"], result["what"], result["what"])
        reproduce = f"WEAVE_OPTIONS=replay={INPUT} {self._shown_binary()}"
        return Finding(self.target, result["verdict"], result["what"],
                       same_as(seen, result["report"]), result["report"], reproduce,
                       settings=schedule.read_text())

    def _options(self, work: Work) -> str:
        return f"mode={self.mode}:executions=0:seconds={work.seconds}:seed={work.seed}"

    def _shown_binary(self) -> str:
        return shlex.quote(project.shown(self._binary))


class LitmusJob(Job):
    """All tests of the memory model; their time cannot be chosen."""

    seconds_min = 10
    seconds_max = 10
    overtime_seconds = 300

    def __init__(self) -> None:
        super().__init__("litmus", "all", "litmus")

    def builds(self) -> dict[str, list[str]]:
        return {weave.PRESET: ["litmus"]}

    def command(self, work: Work) -> list:
        return [*MAILPROOF, "litmus", "--json", work.results]

    def reproduce(self, work: Work) -> str:
        return "./mailproof litmus"

    def harvest(self, work: Work, outcome: Outcome, seconds: float) -> Harvest:
        written = work.read_results()
        if written is None:
            return Harvest(problem=problem_of(outcome))
        tests = written["tests"]
        figures = {"tests": len(tests), "skipped": sum(test["skipped"] for test in tests),
                   "executions": sum(test["executions"] for test in tests)}
        failed = [test["name"] for test in tests if not test["passed"] and not test["skipped"]]
        return Harvest([_failed_test(name, outcome.output) for name in failed], figures,
                       speed=Speed(len(tests) / seconds, "tests/s"))


def _failed_test(name: str, log: str) -> Finding:
    lines = [line for line in log.splitlines() if name in line]
    reproduce = f"./mailproof litmus {name}"
    return Finding(name, "litmus", "an outcome that is not allowed, or an allowed one unseen",
                   "litmus", "\n".join(lines) + "\n", reproduce, settings=f"{reproduce}\n")


def all_jobs() -> list[Job]:
    """A job for each program and mode, and the litmus tests."""
    programs = sorted(path.stem for path in PROGRAMS.glob("*.cpp"))
    return [*(ExploreJob(program, mode) for program in programs for mode in MODES), LitmusJob()]
