"""Memory orders by strength, and the search for all minimal assignments of orders to sites.

An order is as strong as what it promises: acquire and release promise different things, acq_rel
both, seq_cst a place in a total order besides. Whether a program is right is monotonic in its
orders, as far as the C++ model goes: an assignment that is at least as strong everywhere as a right
one is right. So the right assignments are known by the minimal ones. They are found as MARCO finds
minimal unsatisfiable sets (Liffiton, Previti, Malik, Marques-Silva: Fast, Flexible MUS Enumeration,
Constraints 2016): take an assignment that nothing known decides, make it weaker while it stays
right, or stronger while it stays wrong, and remember the end.
"""

from collections.abc import Callable, Iterator

PROMISES = {
    "relaxed": frozenset(),
    "consume": frozenset("a"),
    "acquire": frozenset("a"),
    "release": frozenset("r"),
    "acq_rel": frozenset("ar"),
    "seq_cst": frozenset("ars"),
}
READS = ["relaxed", "acquire", "seq_cst"]
WRITES = ["relaxed", "release", "seq_cst"]
BOTH = ["relaxed", "acquire", "release", "acq_rel", "seq_cst"]
# The orders that an operation of a kind can ask for.
ORDERS = {"load": READS, "failure": READS, "store": WRITES, "rmw": BOTH, "compare-exchange": BOTH,
          "fence": BOTH}

# A choice of one order for each site.
Assignment = tuple[str, ...]


def is_weaker(order: str, other: str) -> bool:
    """Does `order` promise less than `other`?"""
    return PROMISES[order] < PROMISES[other]


def weaker(kind: str, order: str) -> list[str]:
    """The orders one step below."""
    below = [one for one in ORDERS[kind] if is_weaker(one, order)]
    return [one for one in below if not any(is_weaker(one, other) for other in below)]


def stronger(kind: str, order: str) -> list[str]:
    """The orders one step above."""
    above = [one for one in ORDERS[kind] if is_weaker(order, one)]
    return [one for one in above if not any(is_weaker(other, one) for other in above)]


def at_most(assignment: Assignment, other: Assignment) -> bool:
    """Is each order of `assignment` as strong as that of `other`, or weaker?"""
    return all(PROMISES[one] <= PROMISES[two] for one, two in zip(assignment, other))


class Minimal:
    """All minimal right assignments below one that is right.

    `choices` has the orders that each site may get, the present one among them; `is_right` tells
    of an assignment whether it is. `found` has the minimal ones that are known so far.
    """

    def __init__(self, choices: list[list[str]], is_right: Callable[[Assignment], bool]) -> None:
        self._choices = choices
        self._is_right = is_right
        self._wrong: list[Assignment] = []
        self.found: list[Assignment] = []

    def search(self) -> Iterator[Assignment]:
        """Yields each minimal assignment when it is found; they are all at the end."""
        while (start := self._undecided()) is not None:
            if self._judge(start):
                minimal = self._move(start, self._below, right=True)
                self.found.append(minimal)
                yield minimal
            else:
                self._wrong.append(self._move(start, self._above, right=False))

    def _judge(self, assignment: Assignment) -> bool:
        if any(at_most(assignment, wrong) for wrong in self._wrong):
            return False
        if any(at_most(right, assignment) for right in self.found):
            return True
        return self._is_right(assignment)

    def _move(self, assignment: Assignment, neighbours, right: bool) -> Assignment:
        """Moves to a neighbour that is right, or one that is wrong, for as long as there is one."""
        moved = True
        while moved:
            moved = False
            for other in neighbours(assignment):
                if self._judge(other) == right:
                    assignment, moved = other, True
                    break
        return assignment

    def _below(self, assignment: Assignment) -> Iterator[Assignment]:
        yield from self._neighbours(assignment, is_weaker)

    def _above(self, assignment: Assignment) -> Iterator[Assignment]:
        yield from self._neighbours(assignment, lambda one, two: is_weaker(two, one))

    def _neighbours(self, assignment: Assignment, precedes) -> Iterator[Assignment]:
        for site, order in enumerate(assignment):
            beyond = [one for one in self._choices[site] if precedes(one, order)]
            for one in beyond:
                if not any(precedes(one, other) for other in beyond):
                    yield (*assignment[:site], one, *assignment[site + 1:])

    def _undecided(self) -> Assignment | None:
        """An assignment that is neither above a right one nor below a wrong one, or None.

        Each site in turn gets one of its orders, as long as a completion can exist: the strongest
        completion must not be below a wrong one, and the weakest not above a right one.
        """
        top = [max(orders, key=lambda one: len(PROMISES[one])) for orders in self._choices]
        bottom = [min(orders, key=lambda one: len(PROMISES[one])) for orders in self._choices]

        def extend(chosen: list[str]) -> Assignment | None:
            size = len(chosen)
            if any(at_most((*chosen, *top[size:]), wrong) for wrong in self._wrong):
                return None
            if any(at_most(right, (*chosen, *bottom[size:])) for right in self.found):
                return None
            if size == len(self._choices):
                return tuple(chosen)
            for order in sorted(self._choices[size], key=lambda one: len(PROMISES[one])):
                complete = extend([*chosen, order])
                if complete is not None:
                    return complete
            return None

        return extend([])
