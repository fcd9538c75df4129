"""Runs one job to its end, or to its limit, and brings all that it found to the disk.

The stacks of a job that hangs are saved, then all its processes are ended; that is a finding. A job
that an earlier run of the night did not finish is first asked for what it found, then runs again.
"""

import dataclasses
import signal
import time

from commands.kit.child import Child, Outcome, read_log
from commands.kit.console import CommandError, Progress
from commands.kit.marks import Mark
from commands.nightly import stacks
from commands.nightly.job import Finding, Harvest, Job, Work, problem_of
from commands.nightly.night import Night

POLL_SECONDS = 0.1
LOG_BYTES_MAX = 64 << 20
LOG_TAIL_BYTES = 1 << 20
HANG = "hang"
# For a job that was killed together with this command: not a success, and not its own fault.
STATUS_UNKNOWN = 1
LOG_SHOWN_BYTES = 8 << 10
UNREADABLE = (ValueError, KeyError, TypeError, OSError, CommandError)


def run(night: Night, job: Job, seconds: int) -> dict:
    """Runs the job and returns its record; its findings are stored by then."""
    salvage(night, job)
    work = night.work(job, seconds)
    job.prepare(work)
    start = time.monotonic()
    outcome = _run(job, work, _mark(night, job))
    harvest = _harvest(job, work, outcome, time.monotonic() - start)
    for finding in [*harvest.findings, *_hang(job, work, outcome)]:
        night.keep(_with_stacks(finding, work), job.name)
    took = time.monotonic() - start
    return _record(job, seconds, took, harvest, night.findings_of(job.name))


def left_out(job: Job, why: str, status: str = "left-out") -> dict:
    """The record of a job that did not run."""
    return {**_record(job, 0, 0.0, Harvest(problem=why), []), "status": status}


def salvage(night: Night, job: Job) -> None:
    """Ends what a killed run of the job has left running, stores what it had found, and deletes
    its files."""
    work = night.interrupted_work(job)
    if work is None:
        return
    _mark(night, job).end()
    if work.log.exists():
        outcome = Outcome(STATUS_UNKNOWN, read_log(work.log, LOG_TAIL_BYTES))
        for finding in _harvest(job, work, outcome, work.seconds).findings:
            night.keep(finding, job.name)
    for path in (work.results, work.log, work.stacks):
        path.unlink(missing_ok=True)


def _mark(night: Night, job: Job) -> Mark:
    return Mark("MAILPROOF_NIGHTLY_JOB", f"{night.folder}/{job.name}")


def _run(job: Job, work: Work, mark: Mark) -> Outcome:
    """Runs the job's command; it ends by itself or at its limit."""
    environment = {**job.environment(work), **mark.environment}
    command = job.command(work)
    with open(work.log, "wb") as log:
        # When this command is killed, the job must not compete with the next start.
        child = Child(command, log, environment, at_our_death=signal.SIGTERM)
    try:
        overdue = _watch(job, work, mark, child)
    finally:
        child.end()
        mark.kill()
    output = read_log(work.log, LOG_TAIL_BYTES)
    if work.log.stat().st_size > LOG_BYTES_MAX:
        return Outcome(1, f"ended because it had written {LOG_BYTES_MAX >> 20} MB of log\n")
    return Outcome(child.status or 0, output, timed_out=overdue)


def _watch(job: Job, work: Work, mark: Mark, child: Child) -> bool:
    """Waits for the job. True if its time limit came first; False also if its log is too long.

    Stacks are saved as soon as the job is late, not only when its limit comes: a program inside the
    job may have its own limit and end earlier.
    """
    progress = Progress()
    due = work.seconds + job.extra_seconds
    while not child.wait(POLL_SECONDS):
        progress.show(f"{job.name} {child.seconds:.0f}/{work.seconds} s")
        if work.log.stat().st_size > LOG_BYTES_MAX:
            break
        overdue = child.seconds > due + job.overtime_seconds
        is_late = child.seconds > due + job.late_seconds
        if job.overtime_is_hang and (overdue or is_late and not work.stacks.exists()):
            work.stacks.write_text(stacks.of_marked(mark))
        if overdue:
            progress.clear()
            return True
    progress.clear()
    return False


def _harvest(job: Job, work: Work, outcome: Outcome, seconds: float) -> Harvest:
    """Results that cannot be read are a problem of this job, not of the night."""
    try:
        return job.harvest(work, outcome, seconds)
    except UNREADABLE as error:
        return Harvest(problem=f"{problem_of(outcome)} (its results: {error!r})")


def _hang(job: Job, work: Work, outcome: Outcome) -> list[Finding]:
    if not outcome.timed_out or not job.overtime_is_hang:
        return []
    limit = work.seconds + job.extra_seconds + job.overtime_seconds
    sentence = f"still running after {limit} s, of which it was to use {work.seconds}"
    reproduce = job.reproduce(work)
    return [Finding(job.target, HANG, sentence, job.group, outcome.output[-LOG_SHOWN_BYTES:],
                    reproduce, settings=f"{reproduce}\n")]


def _with_stacks(finding: Finding, work: Work) -> Finding:
    """A hang is reported with the stacks of all threads first."""
    if finding.verdict not in (HANG, "timeout") or not work.stacks.exists():
        return finding
    stacks = work.stacks.read_text()
    return dataclasses.replace(finding, text=f"{stacks.strip()}\n\n{finding.text}")


def _record(job: Job, planned: int, seconds: float, harvest: Harvest,
            findings: list[str]) -> dict:
    problem = "" if findings else harvest.problem
    return {
        "name": job.name, "group": job.group, "target": job.target,
        "status": "finding" if findings else "broken" if problem else "ok",
        "seconds_planned": planned, "seconds": round(seconds, 1), "figures": harvest.figures,
        "series": harvest.series,
        "speed": harvest.speed and {"value": harvest.speed.value, "unit": harvest.speed.unit},
        "problem": problem, "remarks": harvest.remarks,
        "findings": findings,
    }
