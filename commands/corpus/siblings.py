"""Inputs of one target as inputs of another: what one target found in the mailbox's calls is worth
trying with real threads and under weave.

The bytes of both formats are in the headers of fuzz/mailbox/*_schedule.h and
mailbox_weave_scenario.h.
"""

from typing import Callable, Iterator

STEP_HEADER = 4
STEP_CAPACITIES = (4, 8, 4, 16, 2, 8, 1, 64, 4, 8, 2, 16, 4, 8, 64, 1, 16, 4, 8, 256, 2, 4, 16, 8,
                   1, 4, 2, 64, 8, 16, 4, 4096)
THREADS_CAPACITIES = (4, 8, 2, 1, 4, 16, 8, 2, 4, 1, 64, 2, 8, 4, 2, 4096)
WEAVE_CAPACITIES = (2, 4, 8)
RECORDS_MAX = 4096

# The calls of mailbox_step by the low bits of a record.
PUSHES = {0, 6, 10}
BULK_PUSHES = {2, 4, 12}
POPS = {1, 11}
BATCH_POPS = {3, 13}
NORMAL_DONE = 6
HAS_PENDING = 7

# Two producers and a consumer, which is thread 0; calls are in bits 3 to 5.
TWO_PRODUCERS = 1
PRODUCER_CALLS = {"push": 0, "bulk": 1, "normal-done": 4}
CONSUMER_CALLS = {"pop": 0, "batch": 1, "has-pending": 7}


def step_to_threads(content: bytes) -> bytes:
    """mailbox_step to mailbox_threads: the pushes go to two producers in turn, the pops to one
    consumer, and what only one thread can do is left out."""
    header = content[:STEP_HEADER].ljust(STEP_HEADER, b"\0")
    capacity = _nearest(STEP_CAPACITIES[header[1] % 32], THREADS_CAPACITIES)
    out = bytearray([header[0], capacity, header[2], header[3], TWO_PRODUCERS])
    producer = 0
    for call, times, argument in _calls(content):
        is_consumer = call in POPS | BATCH_POPS | {HAS_PENDING}
        kind = _threads_call(call)
        if kind is None:
            continue
        for _ in range(times):
            thread = 0 if is_consumer else 1 + producer % 2
            producer += not is_consumer
            out += bytes([thread | kind << 3, argument])
    return bytes(out[: 5 + 2 * RECORDS_MAX])


def step_to_weave(content: bytes) -> bytes:
    """mailbox_step to mailbox_weave: ring, place of the tickets, sizes of bulk pushes and pops; the
    records become the choices."""
    header = content[:STEP_HEADER].ljust(STEP_HEADER, b"\0")
    calls = list(_calls(content))
    capacity = _nearest(STEP_CAPACITIES[header[1] % 32], WEAVE_CAPACITIES)
    batch = max([argument % 4 for call, _, argument in calls if call in BATCH_POPS], default=0)
    bulks = [argument % 4 for call, _, argument in calls if call in BULK_PUSHES]
    messages = min(3, sum(argument if call in BULK_PUSHES else times
                          for call, times, argument in calls if call in PUSHES | BULK_PUSHES))
    producers = [messages | bulk << 2 for bulk in [*bulks[:2], 0, 0]][:2]
    choices = content[STEP_HEADER:][:RECORDS_MAX]
    return bytes([header[0], capacity, int(header[2] % 8 in (1, 2)), batch, 1, *producers, 0,
                  *choices])


# By the target that is fed, and the one whose inputs feed it.
SIBLINGS: dict[tuple[str, str], Callable[[bytes], bytes]] = {
    ("mailbox_threads", "mailbox_step"): step_to_threads,
    ("mailbox_weave", "mailbox_step"): step_to_weave,
}


def _calls(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Call, repetitions and argument of each record of mailbox_step."""
    body = content[STEP_HEADER:]
    for at in range(0, len(body) - 1, 2):
        high = body[at] >> 4
        call = body[at] % 16
        repeated = call in PUSHES | POPS and high >= 12
        yield call, 2 << (high - 12) if repeated else 1, body[at + 1]


def _threads_call(call: int) -> int | None:
    if call in PUSHES:
        return PRODUCER_CALLS["normal-done" if call == NORMAL_DONE else "push"]
    if call in BULK_PUSHES:
        return PRODUCER_CALLS["bulk"]
    if call in POPS:
        return CONSUMER_CALLS["pop"]
    if call in BATCH_POPS:
        return CONSUMER_CALLS["batch"]
    return CONSUMER_CALLS["has-pending"] if call == HAS_PENDING else None


def _nearest(capacity: int, known: tuple[int, ...]) -> int:
    """The byte that chooses the capacity, or the nearest one."""
    return min(range(len(known)), key=lambda index: (abs(known[index] - capacity), index))
