"""The audit: weakens each order one step at a time, searches, and says what the search shows.

A site is weakened in all its copies at once, in every scenario that reaches it. Answers:

    needed           a weaker order has a finding
    not needed       every search with the weaker order was complete, and found nothing
    no violation     nothing was found, but a search was not complete
    not reached      no scenario reaches the site
"""

import concurrent.futures
import itertools
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from commands.orders import lattice
from commands.orders.scenario import Outcome, Scenario, Site

NEEDED = "needed"
NOT_NEEDED = "not needed"
NO_VIOLATION = "no violation"
NOT_REACHED = "not reached"
OUT_OF_TIME = "not tried"

# Above this many sites, minimal assignments are not searched for.
MINIMAL_SITES_MAX = 16


@dataclass
class Step:
    """One weaker order of a site: the answer, and the outcome that decided it."""

    order: str
    answer: str
    scenario: str = ""
    outcome: Outcome | None = None
    executions: int = 0

    @property
    def is_safe(self) -> bool:
        return self.answer in (NOT_NEEDED, NO_VIOLATION)


@dataclass
class Row:
    """A site, and each order weaker than its own that was tried."""

    site: Site
    steps: list[Step] = field(default_factory=list)
    is_reached: bool = True

    @property
    def safe(self) -> list[str]:
        """The weaker orders that nothing speaks against."""
        return [step.order for step in self.steps if step.is_safe]

    @property
    def weakest(self) -> str:
        """The last of the safe orders, which is not weaker than another one of them."""
        return min(self.safe, key=lambda order: len(lattice.PROMISES[order]))

    @property
    def answer(self) -> str:
        """That of the site: what its next weaker orders show."""
        if not self.is_reached:
            return NOT_REACHED
        answers = {step.answer for step in self.steps if step.order in
                   lattice.weaker(self.site.kind, self.site.asked)}
        for answer in (NOT_REACHED, OUT_OF_TIME, NOT_NEEDED, NO_VIOLATION, NEEDED):
            if answer in answers:
                return answer
        return "relaxed"


@dataclass
class Report:
    """The whole result. `minimal` has assignments for `joint`, the sites with a safe weaker order;
    `is_minimal_complete` tells whether there can be others. `partners` has pairs of these sites that
    cannot both have their weakest safe order."""

    rows: list[Row]
    baseline: dict[str, Outcome]
    joint: list[Site] = field(default_factory=list)
    partners: list[tuple[Row, Row, Step]] = field(default_factory=list)
    minimal: list[lattice.Assignment] = field(default_factory=list)
    is_minimal_complete: bool = False
    too_weak: list[tuple[Site, str]] = field(default_factory=list)


def pairs(rows: list[Row]) -> list[tuple[Row, Row]]:
    """Two rows of one file each, of which one promises a release and the other an acquire."""
    return [pair for pair in itertools.combinations(rows, 2)
            if pair[0].site.file == pair[1].site.file
            and {"a", "r"} <= lattice.PROMISES[pair[0].site.asked] | lattice.PROMISES[
                pair[1].site.asked]]


class Audit:
    """Audits the sites by the scenarios, until the deadline."""

    def __init__(self, scenarios: list[Scenario], sites: list[Site], seconds: float,
                 seconds_each: float, say: Callable[[str], None]) -> None:
        self._scenarios = scenarios
        self._sites = sites
        self._deadline = time.monotonic() + seconds
        self._seconds_each = seconds_each
        self._say = say

    def run(self, baseline: dict[str, Outcome]) -> Report:
        report = Report([], baseline)
        if any(outcome.is_finding for outcome in baseline.values()):
            report.too_weak = list(self._strengthen())
            return report
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            report.rows = list(pool.map(self._weaken, self._sites))
            rows = [row for row in report.rows if row.safe]
            report.joint = [row.site for row in rows]
            if len(rows) > MINIMAL_SITES_MAX:
                report.partners = [found for found in pool.map(self._try_both, pairs(rows))
                                   if found]
        if rows and len(rows) <= MINIMAL_SITES_MAX:
            self._minimise(rows, report)
        return report

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def _weaken(self, site: Site) -> Row:
        self._say(f"weakening {site.place} {site.kind}")
        row = Row(site)
        wrong: list[str] = []
        ahead = lattice.weaker(site.kind, site.asked)
        while ahead:
            order = ahead.pop(0)
            if any(step.order == order for step in row.steps):
                continue
            # What is weaker than a wrong order is wrong too.
            if any(lattice.is_weaker(order, other) for other in wrong):
                continue
            step = self._try({site.key: order}, [site], order)
            row.steps.append(step)
            if step.is_safe:
                ahead += lattice.weaker(site.kind, order)
            elif step.answer == NEEDED:
                wrong.append(order)
        return row

    def _try(self, orders: dict[tuple, str], sites: list[Site], order: str = "") -> Step:
        """Searches every scenario that reaches one of the sites, with their new orders."""
        executions = 0
        is_complete = True
        reached = False
        for scenario in self._scenarios:
            words = [word for site in sites
                     for word in site.weakened(scenario.name, orders[site.key])]
            if not words:
                continue
            reached = True
            if self._left() <= 0:
                return Step(order, OUT_OF_TIME, executions=executions)
            outcome = scenario.run(words, None, min(self._seconds_each, self._left()))
            executions += outcome.executions
            if outcome.is_finding:
                return Step(order, NEEDED, scenario.name, outcome, executions)
            is_complete = is_complete and outcome.is_ok and outcome.is_complete
        if not reached:
            return Step(order, NOT_REACHED)
        return Step(order, NOT_NEEDED if is_complete else NO_VIOLATION, executions=executions)

    def _try_both(self, pair: tuple[Row, Row]) -> tuple[Row, Row, Step] | None:
        """The pair, if its two weakest safe orders have a finding together."""
        step = self._try({row.site.key: row.weakest for row in pair}, [row.site for row in pair])
        return (*pair, step) if step.answer == NEEDED else None

    def _minimise(self, rows: list[Row], report: Report) -> None:
        sites = [row.site for row in rows]
        choices = [[row.site.asked, *row.safe] for row in rows]

        def is_right(assignment: lattice.Assignment) -> bool:
            changed = [site for site, order in zip(sites, assignment) if order != site.asked]
            orders = {site.key: order for site, order in zip(sites, assignment)}
            step = self._try(orders, changed)
            if step.answer == OUT_OF_TIME:
                raise TimeoutError
            return not changed or step.is_safe

        search = lattice.Minimal(choices, is_right)
        try:
            for assignment in search.search():
                report.minimal.append(assignment)
                self._say(f"{len(report.minimal)} minimal assignments so far")
            report.is_minimal_complete = True
        except TimeoutError:
            pass

    def _strengthen(self) -> Iterator[tuple[Site, str]]:
        """The sites that one stronger order makes right, with that order."""
        for site in self._sites:
            for order in lattice.stronger(site.kind, site.asked):
                if self._left() > 0 and self._try({site.key: order}, [site]).is_safe:
                    yield site, order
