"""Makes a failing input small: first whole records, then what is left of the bytes.

Candidates are tried in groups, because a program that replays several inputs stops at the first
that fails: most groups cost one start of it. Halving the removed part, as long as nothing can be
removed, is delta debugging (Zeller and Hildebrandt, 2002).
"""

import time
from dataclasses import dataclass
from typing import Callable, Iterator

# Returns the position of the first candidate that fails with the same cause; None if none does.
FirstFailing = Callable[[list[bytes]], int | None]

CANDIDATES_MAX = 64


@dataclass(frozen=True)
class Format:
    """The sizes of a schedule in bytes. Without records every byte after the header is one. An input of
    the newest version has room for wishes after the header, if the format knows any."""

    version: int
    header: int
    record: int
    wishes: int = 0

    def has_wishes(self, content: bytes) -> bool:
        """Has the input room for wishes?"""
        return self.wishes != 0 and content[:1] == bytes([self.version])

    def without_wishes(self, content: bytes) -> bytes:
        """The input without its wishes and the room for them, in the version before."""
        if not self.has_wishes(content):
            return content
        return (bytes([self.version - 1]) + content[1 : self.header]
                + content[self.header + self.wishes :])

    def split(self, content: bytes) -> tuple[bytes, list[bytes]]:
        """Header and records. What a schedule ignores is lost: a part of a record at the end."""
        size = self.record or 1
        header = 0 if self.record == 0 else self.header
        header += self.wishes if self.has_wishes(content) else 0
        body = content[header:]
        whole = len(body) - len(body) % size
        return content[:header], [body[at : at + size] for at in range(0, whole, size)]


class OutOfTime(Exception):
    """The time for minimising is up; the smallest input so far is kept."""


class Minimiser:
    """Minimises one input. `keep` is called with each smaller input that still fails."""

    def __init__(self, form: Format, first_failing: FirstFailing, keep: Callable[[bytes], None],
                 seconds_max: float) -> None:
        self._form = form
        self._first_failing = first_failing
        self._keep = keep
        self._deadline = time.monotonic() + seconds_max
        self._best = b""

    def run(self, content: bytes) -> tuple[bytes, bool]:
        """The smallest input, and whether nothing more can be taken away. Calls may differ for an
        input whose failure depends on timing."""
        self._best = content
        try:
            before = None
            while before != self._best:
                before = self._best
                self._drop_wishes()
                self._remove_records()
                self._shorten_header()
                self._simplify_bytes()
        except OutOfTime:
            return self._best, False
        return self._best, True

    def _drop_wishes(self) -> None:
        """All of them; _simplify_bytes() drops single ones."""
        if self._form.has_wishes(self._best):
            self._take_first([self._form.without_wishes(self._best)])

    def _remove_records(self) -> None:
        _, records = self._form.split(self._best)
        length = max(1, (len(records) + 1) // 2)
        # A whole schedule without records may fail too, as an empty input does.
        self._take_first([self._form.split(self._best)[0]])
        while length:
            at = 0
            while True:
                header, records = self._form.split(self._best)
                starts = list(range(at, len(records), length))
                taken = self._take_first([_without(header, records, start, length)
                                          for start in starts])
                if taken is None:
                    break
                at = starts[taken]
            length //= 2

    def _shorten_header(self) -> None:
        """Missing bytes of a header are 0."""
        _, records = self._form.split(self._best)
        while not records and self._best and self._take_first(
                [self._best[:length] for length in range(len(self._best))]) is not None:
            pass

    def _simplify_bytes(self) -> None:
        """Lowers each byte: to 0, else to half, else by one bit or by one."""
        at = 0
        while at < len(self._best):
            value = self._best[at]
            lower = dict.fromkeys([0, value // 2, *(value & ~(1 << bit) for bit in range(8)),
                                   value - 1])
            candidates = [self._best[:at] + bytes([new]) + self._best[at + 1 :]
                          for new in lower if 0 <= new < value]
            if self._take_first(candidates) is None:
                at += 1

    def _take_first(self, candidates: list[bytes]) -> int | None:
        """Continues with the first candidate that fails, and returns its position."""
        for first in range(0, len(candidates), CANDIDATES_MAX):
            if time.monotonic() > self._deadline:
                raise OutOfTime
            group = [candidate for candidate in candidates[first : first + CANDIDATES_MAX]]
            found = self._first_failing(group)
            if found is not None and group[found] != self._best:
                self._best = group[found]
                self._keep(self._best)
                return first + found
        return None


def _without(header: bytes, records: list[bytes], start: int, length: int) -> bytes:
    return header + b"".join(records[:start] + records[start + length :])


def sizes_of(content: bytes, form: Format) -> str:
    """'5 records, 14 bytes'."""
    _, records = form.split(content)
    return f"{len(records)} records, {len(content)} bytes" if form.record else (
        f"{len(content)} bytes")


def read_format(text: str) -> Format | None:
    """The format that a replay program prints; None if it prints something else."""
    words: Iterator[str] = iter(text.split())
    numbers = dict(zip(words, words))
    try:
        return Format(*(int(numbers[name]) for name in ("version", "header", "record")),
                      int(numbers.get("wishes", 0)))
    except (KeyError, ValueError):
        return None
