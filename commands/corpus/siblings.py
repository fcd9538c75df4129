"""Inputs of one target as inputs of another: what one target found in the mailbox's calls is worth
trying with real threads and under weave.

The bytes of the formats are in fuzz/*/*_schedule.h and fuzz/*/*_scenario.h.
"""

from typing import Callable, Iterator

from commands.corpus.converters.wishes import without_wishes

STEP_HEADER = 4
STEP_CAPACITIES = (4, 8, 4, 16, 2, 8, 1, 64, 4, 8, 2, 16, 4, 8, 64, 1, 16, 4, 8, 256, 2, 4, 16, 8,
                   1, 4, 2, 64, 8, 16, 4, 4096)
THREADS_CAPACITIES = (4, 8, 2, 1, 4, 16, 8, 2, 4, 1, 64, 2, 8, 4, 2, 4096)
WEAVE_CAPACITIES = (1, 2, 4, 8)
WEAVE_OPERATIONS_MAX = 16
RECORDS_MAX = 4096

# The calls of mailbox_step by the low bits of a record.
PUSHES = {0, 6, 10}
BULK_PUSHES = {2, 4, 12}
POPS = {1, 11}
BATCH_POP = 3
NORMAL_DONE = 6
HAS_PENDING = 7
CONSUME = 13
REGISTRATION = 15

# Two producers and a consumer, which is thread 0; calls are in bits 3 to 5.
TWO_PRODUCERS = 1
WITH_REGISTRATIONS = 16
PRODUCER_CALLS = {"push": 0, "bulk": 1, "normal-done": 4, "registration": 5}
CONSUMER_CALLS = {"pop": 0, "batch": 1, "consume": 3, "has-pending": 7}


def step_to_threads(content: bytes) -> bytes:
    """mailbox_step to mailbox_threads: the pushes go to two producers in turn, the pops to one
    consumer, and what only one thread can do is left out."""
    header = content[:STEP_HEADER].ljust(STEP_HEADER, b"\0")
    capacity = _nearest(STEP_CAPACITIES[header[1] % 32], THREADS_CAPACITIES)
    calls = list(_calls(content))
    shape = TWO_PRODUCERS
    if any(call in (CONSUME, REGISTRATION) for call, _, _ in calls):
        shape |= WITH_REGISTRATIONS
    out = bytearray([header[0], capacity, header[2], header[3], shape])
    producer = 0
    for call, times, argument in calls:
        is_consumer = call in POPS | {BATCH_POP, CONSUME, HAS_PENDING}
        kind = _threads_call(call)
        if kind is None:
            continue
        for _ in range(times):
            thread = 0 if is_consumer else 1 + producer % 2
            producer += not is_consumer
            out += bytes([thread | kind << 3, argument])
    return bytes(out[: 5 + 2 * RECORDS_MAX])


def step_to_weave(content: bytes) -> bytes:
    """mailbox_step to mailbox_weave: the first calls that mailbox_threads would make; all records
    become the choices."""
    threads = step_to_threads(content)
    capacity = _nearest(THREADS_CAPACITIES[threads[1]], WEAVE_CAPACITIES)
    operations = threads[5:][:2 * WEAVE_OPERATIONS_MAX]
    choices = content[STEP_HEADER:][:RECORDS_MAX]
    version = without_wishes(threads)[0]
    return bytes([version, capacity, *threads[2:5], 0, len(operations) // 2,
                  *operations.ljust(2 * WEAVE_OPERATIONS_MAX, b"\0"), *choices])


def mailbox_weave_to_threads(content: bytes) -> bytes:
    """mailbox_weave to mailbox_threads: the same calls."""
    capacities = (3, 2, 0, 1)  # the bytes of 1, 2, 4 and 8 slots
    return _weave_to_threads(content, 7, lambda header: bytes(
        [header[0], capacities[header[1] % 4], *header[2:5]]))


def ready_queue_weave_to_threads(content: bytes) -> bytes:
    """ready_queue_weave to ready_queue_threads: the same calls."""
    capacities = (3, 2, 0, 1)
    return _weave_to_threads(content, 5, lambda header: bytes(
        [header[0], capacities[header[1] % 4], header[2]]))


def scheduler_weave_to_threads(content: bytes) -> bytes:
    """scheduler_weave to scheduler_threads: the same graph, on a5 with a small mailbox."""
    shapes = (2, 4, 0, 5)
    header = content[:6].ljust(6, b"\0")
    size = 4 * (header[5] % 9)
    return bytes([header[0], 3, shapes[header[2] % 4], header[3]]) + \
        content[6:6 + size].ljust(size, b"\0")


# By the target that is fed, and the one whose inputs feed it.
SIBLINGS: dict[tuple[str, str], Callable[[bytes], bytes]] = {
    ("mailbox_threads", "mailbox_step"): step_to_threads,
    ("mailbox_weave", "mailbox_step"): step_to_weave,
    ("mailbox_threads", "mailbox_weave"): mailbox_weave_to_threads,
    ("ready_queue_threads", "ready_queue_weave"): ready_queue_weave_to_threads,
    ("scheduler_threads", "scheduler_weave"): scheduler_weave_to_threads,
}


def _weave_to_threads(content: bytes, header_size: int,
                      translate: Callable[[bytes], bytes]) -> bytes:
    """The header of real threads, then the operations; the last byte of weave's is their number."""
    header = content[:header_size].ljust(header_size, b"\0")
    size = 2 * (header[-1] % (WEAVE_OPERATIONS_MAX + 1))
    return translate(header) + content[header_size:header_size + size].ljust(size, b"\0")


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
    return {BATCH_POP: CONSUMER_CALLS["batch"], CONSUME: CONSUMER_CALLS["consume"],
            REGISTRATION: PRODUCER_CALLS["registration"],
            HAS_PENDING: CONSUMER_CALLS["has-pending"]}.get(call)


def _nearest(capacity: int, known: tuple[int, ...]) -> int:
    """The byte that chooses the capacity, or the nearest one."""
    return min(range(len(known)), key=lambda index: (abs(known[index] - capacity), index))
