"""bench fuzzing --only schedules: the scenario, the cells, the whole command with a pretended program."""

import json
import math
import unittest

import support
from commands.bench import schedules

BUG = b"why: w\nguarantee: g\ncheck: demo_weave dev lost\n--- old\na\n--- new\nb\n"

# The fault shows in the scenario "second" only: to a chooser at the execution of its seed, unless it is pct;
# to the fuzzer at the 7th, and without pairs never.
PROGRAM = """
    import os, pathlib, sys
    words = [pathlib.Path(word) for word in sys.argv[1:] if word[0] != "-"]
    def finding():
        print("FINDING demo_weave: lost: a message", flush=True)
        sys.exit(77)
    search = os.environ.get("WEAVE_SEARCH")
    if search:
        mode, seed, executions = (word.split("=")[1] for word in search.split(":"))
        found = words[0].name == "second-plain" and mode != "pct"
        print(f"demo_weave: lost executions={seed if found else executions}", flush=True)
        finding() if found else sys.exit()
    print("#2\\tINITED cov: 7 ft: 9 corp: 3/12b exec/s: 0 rss: 31Mb", flush=True)
    executions = 8 if os.environ.get("FUZZ_WISHES") == "0" else 7
    print(f"stat::number_of_executed_units: {executions}", flush=True)
    finding() if os.environ.get("FUZZ_READ_PAIRS") != "0" else sys.exit()
"""
TARGET = """
    import pathlib, sys
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir()
    for name in ("first-plain", "first-1-in-4", "second-plain"):
        (folder / name).write_bytes(b"x")
"""


class Cells(unittest.TestCase):
    def test_a_cell_says_how_many_runs_found_the_fault_unless_all_did(self):
        self.assertEqual(schedules.text_of([3, 1, 2000]), "3")
        self.assertEqual(schedules.text_of([3000, math.inf, 1]), "3,000 (2/3)")
        self.assertEqual(schedules.text_of([math.inf, 1, math.inf]), "none (1/3)")


class DefaultFaults(unittest.TestCase):
    def test_each_exists_and_has_a_target_under_weave(self):
        self.assertGreaterEqual(len(set(schedules.FAULTS)), 12)
        for name in {*schedules.FAULTS, *schedules.QUICK_FAULTS}:
            self.assertRegex(schedules.fault_named(name).target, "_weave$")


class WholeCommand(support.StandInCase):
    def setUp(self):
        super().setUp()
        self.checkout.write("bugs/demo/loses.bug", BUG)
        self.checkout.write("docs/fuzzing.md", f"before\n{schedules.TABLE_BEGIN}\nold\n"
                                               f"{schedules.TABLE_END}\nafter\n".encode())
        self.checkout.program("build/dev/bin/fuzz_bug_loses", PROGRAM)
        self.checkout.program("build/dev/bin/demo_weave", TARGET)
        self.checkout.program("bin/prlimit", "import os, sys; os.execv(sys.argv[3], sys.argv[3:])")

    def bench(self, *options):
        return self.checkout.run("bench", "fuzzing", "--only", "schedules", "--seeds", "2",
                                 "--seconds-max", "5", *options)

    def test_writes_a_row_and_json(self):
        result = self.bench("--bugs", "loses", "--json", "out.json")
        self.assertEqual(result.returncode, 0, result)
        page = (self.checkout.root / "docs/fuzzing.md").read_text()
        self.assertIn("| loses | demo_weave | second | 2 | none (0/2) | 2 | 2 | 2 "
                      "| 7 | none (0/2) | 8 |", page)
        self.assertRegex(page, "(?s)^before\n.*\nafter\n$")
        written = json.loads((self.checkout.root / "out.json").read_text())["faults"]["loses"]
        self.assertEqual((written["scenario"], written["random"], written["pct"]),
                         ("second-plain", [1, 2], [None, None]))

    def test_a_fault_that_no_scenario_shows_is_an_error(self):
        self.checkout.program("build/dev/bin/fuzz_bug_loses", PROGRAM.replace("second", "third"))
        self.assert_one_line(self.bench("--bugs", "loses"), "the mix finds loses in no scenario")

    def test_a_program_that_does_not_run_is_an_error(self):
        self.checkout.program("build/dev/bin/fuzz_bug_loses", "import sys; sys.exit('broken')")
        self.assert_one_line(self.bench("--bugs", "loses"), "ended with status 1 and no finding: broken")

    def test_an_unknown_fault_is_wrong_usage(self):
        self.assert_one_line(self.bench("--bugs", "other"), "no bug 'other'")


if __name__ == "__main__":
    unittest.main()
