"""Causes on disk: a folder for each, which appears whole or not at all.

    findings/causes/TARGET/
        judged/SHA1.json    what is known of an input with that content
        ID/cause.json       the cause as it was first seen
        ID/original         the input of then, and the program's report
        ID/report.txt
        ID/smallest         the smallest input so far, while minimising is not done
        ID/minimised        the smallest input
        ID/schedule.txt     that input as text
        ID/bisect.json      the commits that were tried
        ID/cause.md         all of it for a person; the only file that is ever replaced

So a run that was killed leaves nothing half done, and the next one skips what is there.
"""

import dataclasses
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from commands.fuzz.exchange import content_name
from commands.kit import guarantees, jsonfile, project, source, storage
from commands.kit.cause import Cause, places
from commands.triage import judge
from commands.triage.judge import Judgement

FOLDER_NAME = "causes"
JUDGED = "judged"
NEW = ".new"
REPORT_BYTES_MAX = 256 << 10


@dataclass(frozen=True)
class Seen:
    """What is known of an input: the id of its cause, empty if it did not fail, and how often it
    failed. `programs` is the digest of the programs that judged it."""

    name: str
    cause: str
    failed: int
    runs: int
    programs: str


class Known:
    """The causes of one target."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.folder = project.FINDINGS / FOLDER_NAME / target

    def seen(self, content: bytes, programs: str) -> Seen | None:
        """What is known of an input with this content; None if other programs judged it."""
        try:
            found = Seen(**json.loads(self._record(content).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        known = not found.cause or (self.folder / found.cause).is_dir()
        return found if found.programs == programs and known else None

    def remember(self, path: Path, judged: Judgement | None, programs: str) -> Seen:
        """Stores what an input showed, and its cause if that is new."""
        content = path.read_bytes()
        found = Seen(path.name, "", 0, 0, programs)
        if judged is not None:
            self._store(content, judged)
            found = Seen(path.name, judged.cause.id, judged.failed, judged.runs, programs)
        record = self._record(content)
        record.parent.mkdir(parents=True, exist_ok=True)
        jsonfile.replace(record, dataclasses.asdict(found))
        return found

    def group(self, cause_id: str) -> "Group":
        """A cause that is stored."""
        return Group(self.folder / cause_id)

    def inputs_of(self, cause_id: str) -> list[Seen]:
        """The inputs with this cause, of all runs; equal inputs count once."""
        records = (json.loads(path.read_text())
                   for path in sorted((self.folder / JUDGED).glob("*.json")))
        return [Seen(**record) for record in records if record["cause"] == cause_id]

    def _record(self, content: bytes) -> Path:
        return self.folder / JUDGED / f"{content_name(content)}.json"

    def _store(self, content: bytes, judged: Judgement) -> None:
        folder = self.folder / judged.cause.id
        if folder.exists():
            return
        new = folder.with_name(folder.name + NEW)
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        storage.write_atomic(new / "original", content)
        text = judged.output.encode()[:REPORT_BYTES_MAX]
        storage.write_atomic(new / "report.txt", text)
        jsonfile.replace(new / "cause.json", {
            "id": judged.cause.id, **dataclasses.asdict(judged.cause),
            "sentence": judged.report.sentence,
            "places": places(judged.report, judged.output),
            "guarantees": guarantees.of_verdict(self.target, judged.cause.verdict),
            "sanitizer": judged.sanitizer.name, "failed": judged.failed, "runs": judged.runs,
            "commit": source.name()})
        new.rename(folder)
        storage.sync(folder.parent)


class Group:
    """The folder of one cause."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.original = folder / "original"
        self.smallest = folder / "smallest"
        self.minimised = folder / "minimised"
        self.schedule = folder / "schedule.txt"
        self.bisect = folder / "bisect.json"
        self.page = folder / "cause.md"
        self.facts: dict = json.loads((folder / "cause.json").read_text())

    @property
    def cause(self) -> Cause:
        """The cause itself."""
        return Cause(self.facts["target"], self.facts["verdict"], self.facts["where"])

    @property
    def sanitizer(self) -> project.Sanitizer:
        """What shows the failure."""
        known = {**project.SANITIZERS, project.WEAVE.name: project.WEAVE}
        return known[self.facts["sanitizer"]]

    @property
    def input(self) -> Path:
        """The smallest input that there is."""
        return next(path for path in (self.minimised, self.smallest, self.original)
                    if path.exists())

    def write_once(self, path: Path, content: bytes) -> None:
        """Writes a file of the folder that does not exist yet."""
        if not path.exists():
            storage.write_atomic(path, content)
