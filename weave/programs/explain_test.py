"""explain=1: the facts of a finding name the operations that are its cause, and a report that is cut
still has them; its schedule repeats the finding."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

BIN = Path(os.environ["WEAVE_PROGRAMS"])
SOURCES = Path(__file__).resolve().parent


def line_of(program: str, code: str) -> int:
    """The number of the only line of a program with this code."""
    lines = (SOURCES / f"{program}.cpp").read_text().splitlines()
    [number] = [number for number, line in enumerate(lines, start=1) if code in line]
    return number


class Explain(unittest.TestCase):
    def explain(self, program: str, options: str = "explain=1") -> tuple[str, dict]:
        """What is printed, and the explanation as JSON. The schedule has to repeat the finding."""
        binary = BIN / f"program_{program}_cpp"
        with tempfile.TemporaryDirectory() as folder:
            def run(words: str) -> str:
                return subprocess.run([binary], env={**os.environ, "WEAVE_OPTIONS": words},
                                      cwd=folder, capture_output=True, text=True, timeout=300,
                                      check=False).stderr

            text = run(f"{options}:json=out.json")
            result = json.loads((Path(folder) / "out.json").read_text())
            [schedule] = Path(folder).glob("*.schedule")
            self.assertIn(f"weave: {result['verdict']} ", run(f"replay={schedule.name}"))
            if not result["explanation"]:
                return text, {}
            return text, json.loads(result["explanation"])

    def test_a_lost_update_needs_both_loads(self):
        text, why = self.explain("lost_update")
        loads = [f"load of a1 at lost_update.cpp:{line_of('lost_update', 'std::thread ' + name)}"
                 for name in ("first", "second")]
        self.assertEqual(len(why["facts"]), 2, text)
        for load, fact in zip(loads, why["facts"]):
            self.assertIn(f"{load} reads the initial value", fact["text"])
            self.assertGreater(fact["passed"], 0)
        self.assertTrue(why["is_sure"])
        self.assertRegex(text, r"with these facts all \d+ executions fail")

    def test_a_stale_load_names_the_store_that_it_should_have_read(self):
        text, why = self.explain("store_buffering")
        self.assertRegex(why["facts"][1]["text"], "reads the initial value, not the newest$")
        self.assertRegex(why["missing"][0], "store of .* does not happen before the load")
        self.assertIn("missing: ", text)

    def test_a_race_names_the_order_that_is_too_weak(self):
        text, why = self.explain("mcs_lock_relaxed")
        self.assertRegex(" ".join(why["missing"]), r"is relaxed: it does not (release|acquire)")

    def test_a_deadlock_is_the_order_of_its_locks(self):
        text, why = self.explain("two_mutexes_deadlock")
        self.assertTrue(why["facts"], text)
        for fact in why["facts"]:
            self.assertRegex(fact["text"], "lock of .* comes before the next lock of thread")

    def test_the_timeline_is_cut_unless_all_of_it_is_asked_for(self):
        text, why = self.explain("treiber_stack_aba", "explain=1")
        cut = text[text.index("\ntimeline"):].splitlines()
        text, _ = self.explain("treiber_stack_aba", "explain=all")
        whole = text[text.index("\ntimeline"):].splitlines()
        self.assertLess(len(cut), len(whole))
        marked = [line for line in cut if re.match(r">\s*\d", line)]
        self.assertEqual(len(marked), sum(event["is_cause"] for event in why["events"]))

    def test_nothing_is_explained_unless_it_is_asked_for(self):
        text, why = self.explain("lost_update", "explain=0")
        self.assertEqual(why, {})
        self.assertNotIn("why:", text)


if __name__ == "__main__":
    unittest.main()
