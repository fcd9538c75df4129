"""The programs of tests/verify: a scenario that is right, and the same with a planted fault.

    python3 weave_verify.py FOLDER    the folder of the programs verify_SUBJECT
"""

import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from commands.orders import scenario  # noqa: E402
from commands.verify import scenarios  # noqa: E402

# No limit: they have a few hundred executions.
SECONDS = 0
SCENARIO = "scheduler/attach"


class Verify(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        found = scenarios.list_of(FOLDER / "verify_scheduler")
        [self.one] = scenarios.select(found, [SCENARIO])

    def sites(self) -> list[scenario.Site]:
        listing = self.folder / "sites"
        outcome = self.one.run([], listing, SECONDS)
        self.assertTrue(outcome.is_ok and outcome.is_complete, outcome)
        sites: dict = {}
        scenario.read_sites(listing.read_text(), self.one.name, sites, ROOT)
        return list(sites.values())

    def test_each_subject_lists_scenarios(self):
        for subject in scenarios.subjects():
            self.assertTrue(scenarios.list_of(FOLDER / f"verify_{subject}"), subject)

    def test_a_weakened_order_is_found_and_its_schedule_repeats_it(self):
        [site] = [one for one in self.sites()
                  if one.function == "pto::meet_dependency" and one.asked == "acq_rel"]
        weakened = site.weakened(self.one.name, "relaxed")
        kept = self.folder / "kept"
        outcome = self.one.run(weakened, None, SECONDS, kept)
        self.assertEqual(outcome.verdict, "data-race")
        self.assertIn("fanout.h", outcome.report)
        again = self.one.run(weakened, None, SECONDS, replay=kept)
        self.assertEqual((again.verdict, again.executions), ("data-race", 1))
        self.assertTrue(self.one.run([], None, SECONDS, replay=kept).is_ok)

    def test_a_site_that_is_not_one_is_refused(self):
        outcome = self.one.run(["4f.store=stronger"], None, SECONDS)
        self.assertEqual(outcome.verdict, "none")
        self.assertIn("'4f.store=stronger' is not PC.KIND=ORDER", outcome.what)


if __name__ == "__main__":
    FOLDER = Path(sys.argv.pop()).resolve()
    unittest.main()
