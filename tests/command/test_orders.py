"""The audit of memory orders: strength, minimal assignments, answers, and what weave writes."""

import itertools
import random
import re
import tempfile
import unittest
from pathlib import Path

from support import ROOT
from commands.kit.subject import Subject
from commands.orders import audit, cost, lattice, scenario, source, table
from commands.orders.audit import Audit
from commands.orders.scenario import Outcome, Site

OK = Outcome("ok", True, 7, 0.1)
RACE = Outcome("data-race", False, 3, 0.1, "two accesses", "replay it")


def strength(order: str) -> int:
    return len(lattice.PROMISES[order])


class StandIn:
    """Is right if the orders that its operations get satisfy a condition. The condition gets the
    order of each kind's only operation."""

    def __init__(self, asked: dict[str, str], is_right, outcome: Outcome = OK, name: str = "one"):
        self.name = name
        self.asked, self.is_right, self.outcome = asked, is_right, outcome
        self.runs = 0

    def sites(self) -> list[Site]:
        return [Site("a.cpp", line, kind, order, "f", {self.name: {f"{line}a", f"{line}b"}})
                for line, (kind, order) in enumerate(self.asked.items(), start=1)]

    def run(self, weakened, sites, seconds) -> Outcome:
        self.runs += 1
        orders = dict(self.asked)
        for word in weakened:
            where, order = word.split("=")
            orders[where.split(".")[1]] = order
        return self.outcome if self.is_right(orders) else RACE


def report_of(*scenarios, seconds: float = 60, sites=None) -> audit.Report:
    sites = scenarios[0].sites() if sites is None else sites
    baseline = {one.name: one.run([], None, 1) for one in scenarios}
    return Audit(list(scenarios), sites, seconds, 1, lambda line: None).run(baseline)


class Lattice(unittest.TestCase):
    def test_steps(self):
        self.assertEqual(lattice.weaker("rmw", "seq_cst"), ["acq_rel"])
        self.assertEqual(lattice.weaker("rmw", "acq_rel"), ["acquire", "release"])
        self.assertEqual(lattice.weaker("load", "seq_cst"), ["acquire"])
        self.assertEqual(lattice.weaker("store", "release"), ["relaxed"])
        self.assertEqual(lattice.weaker("store", "relaxed"), [])
        self.assertEqual(lattice.stronger("load", "relaxed"), ["acquire"])
        self.assertEqual(lattice.stronger("fence", "release"), ["acq_rel"])

    def test_the_minimal_assignments_are_those_of_trying_everything(self):
        draw = random.Random(1)
        for _ in range(200):
            kinds = [draw.choice(sorted(lattice.ORDERS)) for _ in range(draw.randint(1, 4))]
            choices = [lattice.ORDERS[kind] for kind in kinds]
            everything = list(itertools.product(*choices))
            needed = [draw.choice(everything) for _ in range(draw.randint(1, 3))]

            def is_right(one, needed=needed):
                return any(lattice.at_most(enough, one) for enough in needed)

            right = [one for one in everything if is_right(one)]
            minimal = {one for one in right
                       if not any(other != one and lattice.at_most(other, one) for other in right)}
            self.assertEqual(set(lattice.Minimal(choices, is_right).search()), minimal)


class Answers(unittest.TestCase):
    def test_each_order_is_weakened_until_something_is_found(self):
        one = StandIn({"store": "seq_cst", "load": "acquire"},
                      lambda orders: strength(orders["store"]) >= 1 and orders["load"] != "relaxed")
        store, load = report_of(one).rows
        self.assertEqual([(step.order, step.answer) for step in store.steps],
                         [("release", "not needed"), ("relaxed", "needed")])
        self.assertEqual((store.answer, load.answer), ("not needed", "needed"))
        self.assertEqual(load.steps[0].outcome, RACE)

    def test_below_a_wrong_order_nothing_is_tried(self):
        one = StandIn({"rmw": "seq_cst"}, lambda orders: orders["rmw"] == "seq_cst")
        self.assertEqual([step.order for step in report_of(one).rows[0].steps], ["acq_rel"])

    def test_a_search_that_is_not_complete_proves_nothing(self):
        one = StandIn({"load": "acquire"}, lambda orders: True, Outcome("ok", False, 9, 0.1))
        self.assertEqual(report_of(one).rows[0].answer, "no violation")

    def test_one_scenario_that_fails_is_enough(self):
        asked = {"load": "acquire"}
        right = StandIn(asked, lambda orders: True)
        wrong = StandIn(asked, lambda orders: orders["load"] == "acquire", name="two")
        [site] = right.sites()
        site.pcs["two"] = {"7"}
        [row] = report_of(right, wrong, sites=[site]).rows
        self.assertEqual((row.answer, row.steps[0].scenario), ("needed", "two"))

    def test_a_site_that_no_scenario_reaches(self):
        one = StandIn({"load": "acquire"}, lambda orders: True)
        [row] = report_of(one, sites=[Site("b.cpp", 1, "load", "acquire", "f")]).rows
        self.assertEqual(row.answer, "not reached")

    def test_without_time_nothing_is_claimed(self):
        one = StandIn({"load": "acquire"}, lambda orders: True)
        report = report_of(one, seconds=0)
        self.assertEqual(report.rows[0].answer, "not tried")
        self.assertEqual(one.runs, 1)

    def test_partners_that_are_needed_together_are_not_both_weakened(self):
        one = StandIn({"store": "release", "fence": "release"},
                      lambda orders: "release" in orders.values())
        report = report_of(one)
        self.assertEqual([row.answer for row in report.rows], ["not needed", "not needed"])
        self.assertEqual(set(report.minimal), {("release", "relaxed"), ("relaxed", "release")})
        self.assertTrue(report.is_minimal_complete)
        self.assertIn("- a.cpp:1 store release -> relaxed\n", table.text(report) + "\n")

    def test_an_order_that_is_too_weak_is_strengthened(self):
        one = StandIn({"store": "relaxed", "load": "acquire"},
                      lambda orders: orders["store"] != "relaxed")
        report = report_of(one)
        self.assertEqual([(site.kind, order) for site, order in report.too_weak],
                         [("store", "release")])
        self.assertIn("too weak: a.cpp:1 store relaxed; with release nothing is found",
                      table.text(report))

    def test_the_json_has_each_step(self):
        one = StandIn({"load": "acquire"}, lambda orders: orders["load"] == "acquire")
        [site] = table.as_json(report_of(one))["sites"]
        self.assertEqual((site["line"], site["answer"], site["steps"][0]["outcome"]["verdict"]),
                         (1, "needed", "data-race"))


class Sites(unittest.TestCase):
    def test_copies_of_a_line_are_one_site(self):
        sites: dict = {}
        text = ("1a\tload\tacquire\t/tree/build/../src/a.h:7\tpto::pop(int) const\n"
                "2b\tload\tacquire\t/tree/src/a.h:7\tpto::pop(int) const\n"
                "3c\tfailure\trelaxed\t/tree/src/a.h:9\tmain::$_0::operator()() const\n"
                "4d\trmw\tacq_rel\t/usr/include/c++/12/ext/atomicity.h:60\trelease\n")
        scenario.read_sites(text, "one", sites, Path("/tree"))
        first, second, third = sites.values()
        self.assertEqual((first.place, first.function), ("src/a.h:7", "pto::pop"))
        self.assertEqual(second.function, "main::$_0::operator()")
        self.assertEqual(first.weakened("one", "relaxed"), ["1a.load=relaxed", "2b.load=relaxed"])
        self.assertEqual(first.weakened("two", "relaxed"), [])
        self.assertEqual([scenario.is_of_a_library(site) for site in (first, third)],
                         [False, True])


class Document(unittest.TestCase):
    def test_it_has_the_orders_of_the_source_and_no_others(self):
        text = (ROOT / "docs" / "memory-orders.md").read_text()
        written = set(re.findall(r"^\| (\S+\.h) \| `(.*?)` \|", text, re.MULTILINE))
        in_source = {(file.rpartition("/")[2], code)
                     for (file, _, _), code
                     in source.strong_orders(source.files_of_product()).items()}
        self.assertEqual(written, in_source,
                         "./mailproof orders --docs writes docs/memory-orders.md anew")


class AnotherTree(unittest.TestCase):
    """Another tree: the headers that the targets include count, and what else they reach."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("box.h", "reached.h", "unrelated.h"):
            (self.folder / name).write_text("\nhead.load(std::memory_order_acquire);\n")
        self.tree = Subject("name", self.folder / "subject.toml", "present", [self.folder],
                            headers=["box.h"])

    def site(self, name: str) -> Site:
        return Site(str(self.folder / name), 2, "load", "acquire", "f")

    def test_orders_of_headers_that_no_target_includes_are_not_missed(self):
        sites = [self.site("reached.h")]
        orders = source.strong_orders(source.files_of_subject(self.tree, sites))
        self.assertEqual({Path(file).name for file, _, _ in orders}, {"box.h", "reached.h"})
        [missing] = source.unreached(sites, orders)
        self.assertEqual((missing.file, missing.line), (str(self.folder / "box.h"), 2))

    def test_a_site_counts_below_the_folders_of_the_tree(self):
        self.assertTrue(source.is_below(self.site("box.h"), self.tree.folders_of_code))
        for file in ("src/runtime/mailbox.h", f"{self.folder}2/box.h"):
            site = Site(file, 2, "load", "acquire", "f")
            self.assertFalse(source.is_below(site, self.tree.folders_of_code), file)
            self.assertEqual(source.is_below(site, [ROOT / "src"]), file.startswith("src/"))


class Cost(unittest.TestCase):
    def test_instructions_of_aarch64(self):
        if cost.compiler() is None:
            self.skipTest("no compiler for aarch64")
        self.assertEqual([cost.instruction("store", order) for order in lattice.WRITES],
                         ["str", "stlr", "stlr"])
        self.assertEqual(cost.instruction("fence", "relaxed"), "none")


if __name__ == "__main__":
    unittest.main()
