"""Divides a night's time among its jobs, by weight, within a minimum and a maximum for each.

The plan is made again before every job, from the time that is left. So the time of a build, a hang
or a repeated finding is taken from all later jobs, and the time of a job that ended early goes to
them.
"""

import random

from commands.nightly.job import Job

HALVINGS = 60


def plan(jobs: list[Job], weights: dict[str, float], seconds: float, seed: int) -> dict[str, int]:
    """The seconds of each job, by name. If not even the minimums fit, `seed` decides at random
    which jobs are left out, so that over the nights every job has a turn."""
    chosen = _fitting(jobs, seconds, seed)
    shared = seconds - sum(job.extra_seconds for job in chosen)
    unit = _unit(chosen, weights, shared)
    return {job.name: int(_share(job, weights, unit)) for job in chosen}


def _fitting(jobs: list[Job], seconds: float, seed: int) -> list[Job]:
    """As many jobs as fit with their minimum seconds, in the given order."""
    names = set()
    for job in sorted(jobs, key=lambda job: random.Random(f"{seed} {job.name}").random()):
        if job.least_seconds <= seconds:
            seconds -= job.least_seconds
            names.add(job.name)
    return [job for job in jobs if job.name in names]


def _unit(jobs: list[Job], weights: dict[str, float], seconds: float) -> float:
    """The seconds for a weight of 1, such that all jobs together take `seconds`. The sum grows with
    it, so bisection finds it."""
    low, high = 0.0, max((seconds / weights[job.name] for job in jobs), default=0.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if sum(_share(job, weights, middle) for job in jobs) > seconds:
            high = middle
        else:
            low = middle
    return low


def _share(job: Job, weights: dict[str, float], unit: float) -> float:
    return min(max(weights[job.name] * unit, job.seconds_min), job.seconds_max)
