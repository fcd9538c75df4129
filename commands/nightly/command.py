"""The order in which a night happens.

First the builds, then each job with its share of the time that is left, then the report. If this
command ends early, for any reason, the next start resumes the same night. If the sources or the
hours have changed, or if the night is too old, that night is closed with a report of what it did,
and a new one begins.
"""

import argparse
import contextlib
import fcntl
import os
import random
import re
import time

from commands.kit import build, commandline, jsonfile, packages, project, source as sources, storage
from commands.kit.console import (EXIT_FINDING, EXIT_OK, EXIT_USAGE, CommandError, complain, count,
                                  format_table, say)
from commands.nightly import budget, history, page, registry, repeat, results, runner
from commands.nightly.job import Job
from commands.nightly.night import NIGHTS, Night, all_nights

NAME = "nightly"
GROUP = commandline.LONG
SUMMARY = "Run everything that takes long, within a time budget"
DETAILS = ("Stress jobs, fuzz targets, programs under weave and benchmarks, with a report in "
           "nights/. An interrupted night is resumed by the next start.")

HOURS_DEFAULT = 8.0
HOURS_MAX = 168.0
# A night that began longer ago than this, or than twice its hours, is not resumed.
RESUME_HOURS_MAX = 24


def add_options(command) -> None:
    command.add_argument("--hours", type=_hours, default=HOURS_DEFAULT, metavar="N",
                         help="the time for all of it, builds included (default: %(default)g); "
                              "fractions are allowed")
    command.add_argument("--list", action="store_true",
                         help="name the jobs and their shares of the time, run none")
    commandline.add_json(command)


def _hours(text: str) -> float:
    """An argument type. Refuses 'nan', 'inf' and '1e3', which float() takes."""
    if not re.fullmatch(r"\d+(\.\d+)?|\.\d+", text) or not 0 < float(text) <= HOURS_MAX:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a number of hours above 0, at most {HOURS_MAX:g}")
    return float(text)


def run(options) -> int:
    jsonfile.check(options.json)
    jobs = registry.all_jobs()
    if options.list:
        return _list(jobs, options.hours)
    packages.ensure()
    with _alone():
        night = _resumed_or_new(jobs, options.hours)
        _prune(night)
        try:
            work_through(night, jobs)
            night.state["finished"] = time.time()
        finally:
            _write_reports(night, options.json)
        _prune(night)
        return _conclude(night)


def _list(jobs: list[Job], hours: float) -> int:
    weights = registry.weights_of(jobs)
    plan = budget.plan(jobs, weights, hours * 3600, 0)
    rows = [[job.name, f"{weights[job.name]:.2f}", str(plan.get(job.name, "-"))] for job in jobs]
    say(format_table(["job", "weight", f"seconds of {hours:g} h"], rows))
    return EXIT_OK


@contextlib.contextmanager
def _alone():
    """Two nights in one checkout would take time and inputs from each other."""
    NIGHTS.mkdir(exist_ok=True)
    descriptor = os.open(NIGHTS / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise CommandError("another night is running in this checkout") from None
    try:
        yield
    finally:
        os.close(descriptor)


def _resumed_or_new(jobs: list[Job], hours: float) -> Night:
    source = sources.name()
    last = next(reversed(all_nights()), None)
    if last is not None and not last.is_finished:
        obstacle = _obstacle(last, hours, source)
        if obstacle is None:
            say(f"resuming the night of {last.id}: {count(len(last.jobs), 'job')} done")
            last.state["interruptions"] += 1
            last.save()
            return last
        say(f"closing the interrupted night of {last.id}: {obstacle}")
        _close(last, jobs, obstacle)
    night = Night.create(NIGHTS, hours, source, project.machine(), random.randrange(1 << 32))
    say(f"the night of {night.id}: {hours:g} h, {source}")
    return night


def _close(night: Night, jobs: list[Job], why: str) -> None:
    """Ends a night for good, and keeps what its interrupted job had found."""
    for job in jobs:
        runner.salvage(night, job)
    night.state |= {"finished": time.time(), "closed": why}
    _write_reports(night)


def _obstacle(night: Night, hours: float, source: str) -> str | None:
    """The reason why an interrupted night cannot be resumed; None if it can."""
    if night.state["source"] != source:
        return f"its sources were {night.state['source']}"
    if night.state["hours"] != hours:
        return f"it had {night.state['hours']:g} hours"
    if time.time() - night.state["started"] > max(RESUME_HOURS_MAX, 2 * hours) * 3600:
        return "it is too old"
    return None


def work_through(night: Night, jobs: list[Job]) -> None:
    """Builds and runs every job that is not done yet."""
    left = [job for job in jobs if job.name not in night.jobs]
    _build_all(night, left)
    _repeat(night)
    weights = registry.weights_of(jobs)
    for job in [job for job in left if _build_problem(night, job)]:
        _note(night, runner.left_out(job, _build_problem(night, job), "broken"))
        left.remove(job)
    while left:
        project.check_disk_space()
        plan = budget.plan(left, weights, night.seconds_left, night.state["seed"])
        job = left.pop(0)
        if job.name in plan:
            _run_job(night, job, plan[job.name])
        else:
            _note(night, runner.left_out(job, f"not enough time: {job.least_seconds} s are needed"))


def _build_all(night: Night, jobs: list[Job]) -> None:
    """A preset that cannot be built stops only its own jobs."""
    wanted: dict[str, set[str]] = {}
    for job in jobs:
        for preset, targets in job.builds().items():
            wanted.setdefault(preset, set()).update(targets)
    for preset, targets in wanted.items():
        start, problem = time.monotonic(), ""
        try:
            build.build(preset, sorted(targets))
        except CommandError as error:
            problem = str(error)
            complain(problem)
        seconds = time.monotonic() - start
        before = night.state["builds"].get(preset, {"seconds": 0})["seconds"]
        night.state["builds"][preset] = {"seconds": round(before + seconds, 1), "problem": problem}
        night.spend(seconds)
        night.save()


def _build_problem(night: Night, job: Job) -> str:
    problems = [night.state["builds"][preset]["problem"] for preset in job.builds()]
    return next(filter(None, problems), "")


def _run_job(night: Night, job: Job, seconds: int) -> None:
    """The job's findings are on disk before it counts as done, and are repeated after that."""
    start = time.monotonic()
    record = runner.run(night, job, seconds)
    night.spend(time.monotonic() - start)
    _note(night, record)
    _repeat(night)


def _repeat(night: Night) -> None:
    start = time.monotonic()
    repeat.repeat_all(night)
    night.spend(time.monotonic() - start)
    night.save()


def _note(night: Night, record: dict) -> None:
    night.finish_job(record)
    problem = f": {record['problem']}" if record["problem"] else ""
    say(f"{record['name']}: {record['status']}, {record['seconds']:.0f} s{problem}")


def _prune(night: Night) -> None:
    for old in history.prune(night):
        say(f"deleted the night of {old}: too many, or too large")


def _write_reports(night: Night, json_name: str | None = None) -> None:
    """Writes the reports of the night as it is now, even if it was interrupted."""
    earlier = [old for old in all_nights(night.folder.parent) if old.id < night.id]
    content = results.as_json(night, earlier)
    jsonfile.replace(night.folder / "results.json", content)
    jsonfile.write(json_name, content)
    storage.write_atomic(night.folder / "junit.xml", results.as_junit(night))
    storage.write_atomic(night.folder / "report.html", page.render(night, earlier).encode())
    night.save()


def _conclude(night: Night) -> int:
    found = night.findings()
    for stored in found:
        _show(stored)
    statuses = [record["status"] for record in night.jobs.values()]
    say()
    say(f"{count(len(statuses), 'job')}: {statuses.count('ok')} ok, {statuses.count('finding')} "
        f"with findings, {statuses.count('broken')} broken, {statuses.count('left-out')} left out")
    say(f"{count(len(found), 'finding') if found else 'no finding'}; "
        f"report: {project.shown(night.folder / 'report.html')}")
    if found:
        return EXIT_FINDING
    if statuses.count("left-out") == len(statuses):
        raise CommandError(f"no job fits into {night.state['hours']:g} hours")
    return EXIT_USAGE if "broken" in statuses else EXIT_OK


def _show(stored: dict) -> None:
    again = repeat.shown(stored)
    say()
    say(f"FINDING {stored['target']}: {stored['verdict']}{again and f', again in {again} runs'}")
    say(f"  what:      {stored['sentence']}")
    say(f"  reproduce: {stored['reproduce']}")
