"""A part of the mutants of src/, another one every night.

A mutant that no layer sees is a remark and not a finding: it may be the same program in other words.
The share that is killed is compared with earlier nights.
"""

from commands.bugs import mutation
from commands.kit.child import Outcome
from commands.nightly.job import MAILPROOF, Harvest, Job, Speed, Work, problem_of

# More than a night has time for.
SAMPLE = 1000
SECONDS_OF_A_MINUTE = 60
REMARKS_MAX = 20


class MutantJob(Job):
    """`bugs --mutants`. Its time has to cover the builds, too."""

    seconds_min = 20 * SECONDS_OF_A_MINUTE
    # The mutants that run when the time is up end first, each layer within its own limits.
    overtime_seconds = 15 * SECONDS_OF_A_MINUTE
    overtime_is_hang = False

    def __init__(self) -> None:
        super().__init__("mutants", "mutants", "src")

    def command(self, work: Work) -> list:
        return [*MAILPROOF, "bugs", "--mutants", "--minutes", work.seconds // SECONDS_OF_A_MINUTE,
                "--sample", SAMPLE, "--seed", work.seed, "--json", work.results]

    def reproduce(self, work: Work) -> str:
        return f"./mailproof bugs --mutants --sample {SAMPLE} --seed {work.seed}"

    def harvest(self, work: Work, outcome: Outcome, seconds: float) -> Harvest:
        written = work.read_results()
        if written is None or not written["counted"]:
            return Harvest(problem=problem_of(outcome))
        remarks = [f"{one['fate']}: {one['name']} at {one['place']}" for one in written["mutants"]
                   if one["fate"] in mutation.HOLES]
        figures = {"mutants": written["counted"], "killed": written["killed"]}
        return Harvest(figures=figures,
                       speed=Speed(written["killed"] / written["counted"], "killed"),
                       remarks=remarks[:REMARKS_MAX])


def all_jobs() -> list[Job]:
    """The one job."""
    return [MutantJob()]
