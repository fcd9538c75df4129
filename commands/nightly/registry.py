"""The jobs of a night, and the weights by which they share its time.

Each kind of job lists its own from the tree, so a new stress job, fuzz target or explored program
is in the next night. A new kind is a file beside this one, a weight, and a line below.
"""

from commands.nightly import (bench_jobs, check_jobs, fuzz_jobs, mutant_jobs, stress_jobs,
                              weave_jobs)
from commands.nightly.job import Job

# A group's weight is divided evenly among its jobs; docs/nightly.md gives the reasons.
WEIGHTS = {
    "stress plain": 10,
    "stress tsan": 20,
    "stress asan": 10,
    "fuzz": 40,
    "merge": 4,
    "explore": 8,
    "litmus": 2,
    "bench": 6,
    "mutants": 8,
    "check": 4,
}


def all_jobs() -> list[Job]:
    """Every job, in the order of the night."""
    return [*stress_jobs.all_jobs(), *fuzz_jobs.all_jobs(), *weave_jobs.all_jobs(),
            *bench_jobs.all_jobs(), *mutant_jobs.all_jobs(), *check_jobs.all_jobs()]


def weights_of(jobs: list[Job]) -> dict[str, float]:
    """Each job's share of its group's weight, by its name."""
    groups = [job.group for job in jobs]
    return {job.name: WEIGHTS[job.group] / groups.count(job.group) for job in jobs}
