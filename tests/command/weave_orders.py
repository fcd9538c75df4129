"""`./mailproof weave orders=audit` on a program whose needed orders are known.

    python3 weave_orders.py PROGRAM    the program, compiled with weave
"""

import re
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from commands.orders import scenario, table  # noqa: E402
from commands.orders.audit import Audit  # noqa: E402
from commands.orders.program import Program  # noqa: E402

# By a part of its line: what the audit must say of each weaker order.
EXPECTED = {
    "visits.fetch_add(1);": {order: "not needed"
                             for order in ("acq_rel", "acquire", "release", "relaxed")},
    "flag.store(1,": {"relaxed": "needed"},
    "flag.load()": {"acquire": "not needed", "relaxed": "needed"},
    "visits.fetch_add(1, std::memory_order_acq_rel)": {
        order: "not needed" for order in ("acquire", "release", "relaxed")},
}
SECONDS = 600


class Orders(unittest.TestCase):
    def test_the_needed_orders_are_found_and_the_others_proved_needless(self):
        with tempfile.TemporaryDirectory() as folder:
            listing = Path(folder) / "sites"
            one = Program(PROGRAM, [], ["again"], [], Path(folder) / "kept")
            outcome = one.run([], listing, SECONDS)
            self.assertTrue(outcome.is_ok and outcome.is_complete, outcome)
            sites: dict = {}
            scenario.read_sites(listing.read_text(), one.name, sites, ROOT)
            own = [site for _, site in sorted(sites.items())
                   if not scenario.is_of_a_library(site)]
            report = Audit([one], own, SECONDS, SECONDS, lambda line: None).run({})
            lines = (ROOT / "tests" / "weave" / "orders_audited.cpp").read_text().splitlines()
            found = {}
            for row in report.rows:
                [text] = [text for text in EXPECTED if text in lines[row.site.line - 1]]
                found[text] = {step.order: step.answer for step in row.steps}
            self.assertEqual(found, EXPECTED)
            self.assertEqual([set(one) for one in report.minimal],
                             [{"relaxed", "acquire"}])
            self.assertTrue(report.is_minimal_complete)
            printed = table.text(report)
            self.assertRegex(printed, re.compile(r"store .* release .* needed .* data-race", re.S))
            self.assertEqual(len(re.findall("reproduce: WEAVE_WEAKEN=", printed)), 2)


if __name__ == "__main__":
    PROGRAM = Path(sys.argv.pop()).resolve()
    unittest.main()
