"""Earlier nights: since when a finding is known, what became slow, and which nights are deleted.

Speeds are compared with the last nights on the same machine in which the job had about as much
time. A job is slow when it is below the slowest of them by more than the distance of their
quartiles. To be only the new slowest is not enough: that happens to one job in eleven by chance.
"""

import shutil

from commands.bench.spread import Spread
from commands.kit import storage
from commands.nightly.night import Night, all_nights

COMPARED_MAX = 10
# Fewer do not show a spread.
COMPARED_MIN = 4
SECONDS_RATIO_MAX = 2.0

NIGHTS_MAX = 60
BYTES_MAX = 1 << 30


def known_since(finding_id: str, earlier: list[Night]) -> str | None:
    """The first night kept that has the finding, or None if it is new."""
    return next((night.id for night in earlier
                 if (night.folder / "findings" / finding_id).is_dir()), None)


def slow_jobs(night: Night, earlier: list[Night]) -> dict[str, dict]:
    """The slow jobs by name: speed, what it is compared with, and the number of nights."""
    slow = {}
    for name, record in night.jobs.items():
        before = [old["speed"]["value"] for old in comparable(night, record, earlier)]
        if record["speed"] and len(before) >= COMPARED_MIN:
            floor = slowest_usual(before)
            if record["speed"]["value"] < floor:
                slow[name] = {**record["speed"], "usual": Spread.of(before).as_list(),
                              "floor": floor, "nights": len(before)}
    return slow


def slowest_usual(speeds: list[float]) -> float:
    """The limit below which a speed is outside the spread of the others."""
    spread = Spread.of(speeds)
    return min(speeds) - (spread.high - spread.low)


def comparable(night: Night, record: dict, earlier: list[Night]) -> list[dict]:
    """The job's records in the last comparable nights, the oldest first."""
    records = [old.jobs[record["name"]] for old in earlier
               if old.state["machine"] == night.state["machine"] and record["name"] in old.jobs]
    return [old for old in records
            if old["speed"] and _similar(old["seconds_planned"], record["seconds_planned"])
            ][-COMPARED_MAX:]


def _similar(one: float, other: float) -> bool:
    return max(one, other) <= SECONDS_RATIO_MAX * min(one, other)


def prune(keep: Night, nights_max: int = NIGHTS_MAX, bytes_max: int = BYTES_MAX) -> list[str]:
    """Deletes the oldest nights beyond either bound, but never `keep`, and folders that never
    became a night; returns the names of the deleted nights."""
    parent = keep.folder.parent
    nights = all_nights(parent)
    for folder in {path for path in parent.iterdir() if path.is_dir()} - {
            night.folder for night in nights}:
        shutil.rmtree(folder)
    sizes = {night.id: storage.bytes_below(night.folder) for night in nights}
    gone = []
    for night in nights:
        if len(nights) - len(gone) <= nights_max and sum(sizes.values()) <= bytes_max:
            break
        if night.id != keep.id:
            shutil.rmtree(night.folder)
            del sizes[night.id]
            gone.append(night.id)
    return gone
