"""`check` on weakened memory orders of the product, as many as there is time for, drawn anew each night.

An order that `check` does not call broken is a remark: it is a hole in what `check` runs.
"""

import sys

from commands.kit import project
from commands.kit.child import Outcome
from commands.nightly.job import Harvest, Job, Work, problem_of

PROGRAM = project.ROOT / "tests" / "command" / "weakened_orders.py"


class CheckJob(Job):
    """Orders weakened in a copy of the tree. Its time has to cover the copy's build, too."""

    seconds_min = 300
    # The answer that is due when the time is up.
    overtime_seconds = 300
    overtime_is_hang = False

    def __init__(self) -> None:
        super().__init__("check", "orders", "src")

    def command(self, work: Work) -> list:
        return [sys.executable, PROGRAM, "--seconds", work.seconds, "--seed", work.seed, "--json",
                work.results]

    def reproduce(self, work: Work) -> str:
        return f"python3 {project.shown(PROGRAM)} --seed {work.seed}"

    def harvest(self, work: Work, outcome: Outcome, seconds: float) -> Harvest:
        answers = work.read_results()
        if not answers:
            return Harvest(problem=problem_of(outcome))
        holes = [one for one in answers if one["answer"] != one["expected"]]
        figures = {"changes": len(answers), "as expected": len(answers) - len(holes)}
        remarks = [f"{one['change']}: {one['answer']}, and not {one['expected']}" for one in holes]
        return Harvest(figures=figures, remarks=remarks)


def all_jobs() -> list[Job]:
    """The one job."""
    return [CheckJob()]
