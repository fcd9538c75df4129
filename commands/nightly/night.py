"""A night on disk: nights/<id>/, with its state, its findings, and its jobs' files.

    night.json              what has been done so far; replaced as a whole after every step
    findings/<id>/          finding.json, report.txt, and `input` if it is not kept elsewhere;
                            the folder appears with all of them in it
    jobs/<job>/             a job's log and results; when it is done, only the log's end stays
    report.html, junit.xml, results.json

What was reported as done is on the disk, not only in the system's cache.
"""

import dataclasses
import json
import shutil
import time
from pathlib import Path

from commands.kit import jsonfile, project, storage
from commands.kit.child import read_log
from commands.nightly.job import INPUT, Finding, Job, Work

NIGHTS = project.ROOT / "nights"
STATE_NAME = "night.json"
STARTED_NAME = "started.json"
NEW = ".new"
# The initial state of a night; `closed` is the reason why it was not resumed.
NOTHING_DONE = {"finished": None, "closed": "", "spent_seconds": 0.0, "interruptions": 0}
# The part of a job's log that is kept: its end.
LOG_BYTES_MAX = 256 << 10
REPORT_BYTES_MAX = 256 << 10


class Night:
    """One night; `state` is what night.json holds."""

    def __init__(self, folder: Path, state: dict) -> None:
        self.folder = folder
        self.state = {**NOTHING_DONE, "builds": {}, "jobs": {}, **state}

    @staticmethod
    def create(parent: Path, hours: float, source: str, machine: str, seed: int) -> "Night":
        """A new night in `parent`, named after the current time."""
        now = time.time()
        stem = time.strftime("%Y-%m-%dT%H-%M-%SZ", time.gmtime(now))
        folder = next(path for path in _names(parent, stem) if not path.exists())
        (folder / "findings").mkdir(parents=True)
        night = Night(folder, {"id": folder.name, "started": now, "hours": hours,
                               "source": source, "machine": machine, "seed": seed})
        night.save()
        storage.sync(parent)
        return night

    @staticmethod
    def load(folder: Path) -> "Night":
        """The night that was saved in the folder."""
        return Night(folder, json.loads((folder / STATE_NAME).read_text()))

    @property
    def id(self) -> str:
        """The name of the night's folder."""
        return self.state["id"]

    @property
    def is_finished(self) -> bool:
        """Whether the night has ended and is not to be resumed."""
        return self.state["finished"] is not None

    @property
    def jobs(self) -> dict[str, dict]:
        """The records of the jobs that are done, by name."""
        return self.state["jobs"]

    @property
    def seconds_left(self) -> float:
        """The rest of the time budget; it may be negative."""
        return self.state["hours"] * 3600 - self.state["spent_seconds"]

    def save(self) -> None:
        """Writes the state to the disk."""
        jsonfile.replace(self.folder / STATE_NAME, self.state)

    def spend(self, seconds: float) -> None:
        """Takes time off the budget; on disk with the next save()."""
        self.state["spent_seconds"] = round(self.state["spent_seconds"] + seconds, 1)

    def work(self, job: Job, seconds: int) -> Work:
        """The work of a job that starts now."""
        folder = self._job_folder(job.name)
        folder.mkdir(parents=True, exist_ok=True)
        jsonfile.replace(folder / STARTED_NAME, {"seconds": seconds})
        return Work(folder, seconds, job.seed(self.state["seed"]))

    def interrupted_work(self, job: Job) -> Work | None:
        """The work of a job that was started and is not done; None for all other jobs."""
        folder = self._job_folder(job.name)
        if not (folder / STARTED_NAME).exists():
            return None
        seconds = json.loads((folder / STARTED_NAME).read_text())["seconds"]
        return Work(folder, seconds, job.seed(self.state["seed"]))

    def finish_job(self, record: dict) -> None:
        """Marks the job as done, also after a kill. Of its files, the end of the log is kept."""
        self.jobs[record["name"]] = record
        self.save()
        folder = self._job_folder(record["name"])
        if folder.is_dir():
            log = read_log(folder / "log.txt", LOG_BYTES_MAX)
            shutil.rmtree(folder)
            folder.with_name(folder.name + ".log").write_text(log)

    def keep(self, finding: Finding, job: str) -> None:
        """Stores a finding with its input. A finding that is stored already only gets this job's
        name added."""
        folder = self.folder / "findings" / finding.id
        if not folder.exists():
            self._store(finding, job, folder)
        stored = json.loads((folder / "finding.json").read_text())
        if job not in stored["jobs"]:
            self.update({**stored, "jobs": [*stored["jobs"], job]})

    def update(self, stored: dict) -> None:
        """Replaces a stored finding."""
        jsonfile.replace(self.folder / "findings" / stored["id"] / "finding.json", stored)

    def findings(self) -> list[dict]:
        """The findings stored so far, in the order in which they came."""
        found = [json.loads(path.read_text())
                 for path in (self.folder / "findings").glob("*/finding.json")
                 if path.parent.suffix != NEW]
        return sorted(found, key=lambda finding: (finding["time"], finding["id"]))

    def findings_of(self, job: str) -> list[str]:
        """The ids of the job's findings, including those of a run that was killed."""
        return [stored["id"] for stored in self.findings() if job in stored["jobs"]]

    def report_of(self, stored: dict) -> str:
        """The report of a stored finding."""
        path = self.folder / "findings" / stored["id"] / "report.txt"
        return path.read_text(errors="replace")

    def _job_folder(self, name: str) -> Path:
        return self.folder / "jobs" / name.replace("/", ".")

    def _store(self, finding: Finding, job: str, folder: Path) -> None:
        new = folder.with_name(folder.name + NEW)
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        own_input = finding.input is None
        path = folder / "input" if own_input else finding.input
        if own_input:
            storage.write_atomic(new / "input", finding.settings.encode())
        elif path.exists():
            storage.sync(path)
            storage.sync(path.parent)
        text = finding.text.encode()[:REPORT_BYTES_MAX]
        storage.write_atomic(new / "report.txt", text)
        shown = project.shown(path)
        content = {key: value for key, value in dataclasses.asdict(finding).items()
                   if key not in ("text", "settings")}
        jsonfile.replace(new / "finding.json", {
            "id": finding.id, "jobs": [job], "time": time.time(), **content, "input": shown,
            "reproduce": finding.reproduce.replace(INPUT, shown), "repeated": None})
        new.rename(folder)
        storage.sync(folder.parent)


def all_nights(parent: Path = NIGHTS) -> list[Night]:
    """The nights on disk, the oldest first. A folder without a state was killed at its start."""
    if not parent.is_dir():
        return []
    return [Night.load(folder) for folder in sorted(parent.iterdir())
            if (folder / STATE_NAME).is_file()]


def _names(parent: Path, stem: str):
    yield parent / stem
    number = 2
    while True:
        yield parent / f"{stem}-{number}"
        number += 1
