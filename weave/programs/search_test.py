"""What surrounds a search through all executions: estimate, progress, bounds, jobs and state.

    search_test.py FOLDER    FOLDER has the programs of search/ as search_NAME
"""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAMS = Path(sys.argv.pop()).resolve()

# What the same search gives each time.
SAME = ("verdict", "executions", "complete", "first_finding", "what", "schedule", "dropped",
        "bounded")
# Searches that end with every kind of end: nothing found, a late finding, an exit status that
# differs late, and Mode::dfs; and others with waits that are woken, or end by their limits.
SEARCHES = ("ring_2_2", "ring_3_1", "ring_loses", "ring_status", "writes_pipe", "three_wait",
            "told_to_continue", "pops_within_time")


class Search(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, name: str, options: str, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen([PROGRAMS / f"search_{name}", *arguments],
                                env={**os.environ, "WEAVE_OPTIONS": options}, cwd=self.folder,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def run_it(self, name: str, options: str, *arguments: str) -> tuple[dict, str]:
        """The result, and what was printed."""
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        process = self.start(name, f"mode=exhaustive:executions=0:json=result.json:{options}",
                             *arguments)
        text = process.communicate(timeout=600)[1]
        self.assertTrue(result.exists(), text)
        return json.loads(result.read_text()), text

    @staticmethod
    def same(result: dict) -> dict:
        """What another search of the program has to give too."""
        return {name: result[name] for name in SAME}

    def refused(self, name: str, options: str, *arguments: str) -> str:
        process = self.start(name, options, *arguments)
        text = process.communicate(timeout=600)[1]
        self.assertEqual(process.returncode, 2, text)
        return text

    # ----- jobs ------------------------------------------------------------------------------------

    def test_several_jobs_give_what_one_gives(self):
        for name in SEARCHES:
            one, _ = self.run_it(name, "jobs=1")
            for jobs in (2, 3):
                with self.subTest(name=name, jobs=jobs):
                    several, text = self.run_it(name, f"jobs={jobs}")
                    self.assertEqual(self.same(several), self.same(one), text)

    def test_several_jobs_run_no_more_than_the_bound(self):
        result, text = self.run_it("counters", "jobs=3:executions=3000")
        self.assertLessEqual(result["executions"], 3000, text)
        # A process that comes to the end of its part may have kept the last one from another.
        self.assertGreaterEqual(result["executions"], 3000 - 3, text)
        self.assertFalse(result["complete"])
        self.assertEqual([bound["by"] for bound in result["bounded"]], ["executions"])

    def test_several_jobs_see_all_findings_of_a_search_that_continues(self):
        one, _ = self.run_it("ring_loses", "continue=1")
        several, text = self.run_it("ring_loses", "continue=1:jobs=2")
        self.assertEqual(self.same(several), self.same(one), text)

    def test_a_loop_whose_function_has_locals_ends_with_what_it_waits_for(self):
        result, text = self.run_it("waits_with_locals", "")
        self.assertTrue(result["complete"], text)
        # The threads add in either order, and the loop ends with 2. It may read 0 or 1 before that:
        # rounds before and after the write to `sum` are not recognised as the same.
        self.assertLessEqual(result["executions"], 8, text)

    # ----- digest ----------------------------------------------------------------------------------

    def digest(self, *arguments: str, options: str = "") -> str:
        """The number for a search, at the same addresses each time."""
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        run = subprocess.run(
            ["setarch", "--addr-no-randomize", PROGRAMS / "search_changed", *arguments],
            env={**os.environ, "WEAVE_OPTIONS": "mode=exhaustive:executions=0:digest=1:"
                                                f"json=result.json{options}"},
            cwd=self.folder, check=False, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(result.read_text()).get("digest", "")

    def test_a_change_that_does_the_same_keeps_the_digest(self):
        original = self.digest()
        self.assertRegex(original, "^[0-9a-f]{32}$")
        for change in ("", "written_twice", "stronger"):
            self.assertEqual(self.digest(change), original, change)
        for options in (":jobs=2", ":jobs=3"):
            self.assertEqual(self.digest(options=options), original, options)

    def test_a_change_that_does_something_else_changes_the_digest(self):
        original = self.digest()
        changes = ("message", "kept", "value", "swapped")
        digests = {self.digest(change) for change in changes}
        self.assertEqual(len(digests | {original}), len(changes) + 1)

    def test_a_search_that_is_not_complete_has_no_digest(self):
        self.assertEqual(self.digest(options=":executions=1"), "")
        text = self.refused("changed", "mode=dfs:digest=1")
        self.assertIn("digest: only for mode=exhaustive", text)

    # ----- state -----------------------------------------------------------------------------------

    def test_a_search_continues_where_it_was_ended(self):
        state = self.folder / "state"
        for name, jobs in itertools.product(SEARCHES, (1, 2)):
            whole, _ = self.run_it(name, "")
            step = max(whole["executions"] // 5, 1)
            for run in range(1, 30):
                result, text = self.run_it(name, f"state=state:jobs={jobs}:executions={step}")
                if not state.exists():
                    break
                self.assertFalse(result["complete"], text)
            with self.subTest(name=name, jobs=jobs):
                self.assertGreater(run, 2)
                self.assertEqual({**self.same(result), "bounded": []},
                                 {**self.same(whole), "bounded": []}, text)

    def kill_when_saved(self, process: subprocess.Popen, state: Path, times: int = 1) -> None:
        """Kills all processes of the search once its state has been written anew so often."""
        def written() -> int:
            try:
                return state.stat().st_mtime_ns
            except FileNotFoundError:
                return 0
        before = written()
        while process.poll() is None and times > 0:
            time.sleep(0.01)
            now = written()
            times -= 1 if now != before else 0
            before = now
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        try:
            for child in children.read_text().split():
                os.kill(int(child), signal.SIGKILL)
        except (OSError, ValueError):
            pass
        process.kill()
        process.communicate()

    def test_a_search_is_kept_while_it_runs(self):
        state = self.folder / "state"
        for jobs in (1, 2):
            state.unlink(missing_ok=True)
            before = 1
            for _ in range(3):
                options = f"mode=exhaustive:executions=0:jobs={jobs}:state=state"
                self.kill_when_saved(self.start("counters", options, "many"), state)
                result, text = self.run_it("counters", "state=state:executions=1", "many")
                self.assertGreater(result["executions"], before, text)
                before = result["executions"]

    def test_a_search_that_is_killed_continues(self):
        state = self.folder / "state"
        whole, _ = self.run_it("counters", "")
        self.assertEqual(whole["executions"], 252_252)  # 14! / (5! 5! 4!)
        for jobs in (1, 2):
            for times in (4, 1, 2):
                options = f"mode=exhaustive:executions=0:jobs={jobs}:state=state"
                self.kill_when_saved(self.start("counters", options), state, times)
            result, text = self.run_it("counters", f"jobs={jobs}:state=state")
            self.assertEqual(self.same(result), self.same(whole), text)
            self.assertFalse(state.exists())

    def test_the_state_of_another_search_is_refused(self):
        self.run_it("ring_2_2", "state=state:executions=500")
        words = "mode=exhaustive:state=state"
        self.assertIn("is of another program or build", self.refused("ring_3_1", words))
        self.assertIn("with other options", self.refused("ring_2_2", words + ":memory=sc"))
        self.assertIn("with other options", self.refused("ring_2_2", "mode=dfs:state=state"))
        self.assertIn("with other arguments", self.refused("ring_2_2", words, "argument"))
        self.assertIn("continues after a finding", self.refused("ring_2_2", words + ":continue=1"))
        self.assertIn("cannot be written", self.refused("ring_2_2", "mode=exhaustive:executions=0:state=no/file"))
        state = self.folder / "state"
        good = state.read_bytes()
        for at in (20, len(good) // 2, len(good) - 1):
            state.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
            self.assertIn("is damaged", self.refused("ring_2_2", words))
        for size in (0, 10, 20, len(good) - 1):
            state.write_bytes(good[:size])
            self.assertRegex(self.refused("ring_2_2", words), "is damaged|is not a state")
        state.write_bytes(good)
        self.assertTrue(self.run_it("ring_2_2", "state=state")[0]["complete"])

    def test_options_of_a_search_through_all_executions(self):
        for word in ("jobs=2", "state=state", "estimate=1", "progress=1"):
            self.assertIn("only for mode=exhaustive", self.refused("ring_2_2", word))
        for word in ("jobs=0", "jobs=513", "jobs=x", "estimate=2", "progress=2"):
            self.refused("ring_2_2", f"mode=exhaustive:{word}")
        self.refused("ring_2_2", "mode=exhaustive:estimate=1:jobs=2")

    # ----- estimate and progress -------------------------------------------------------------------

    def test_the_number_of_executions_is_within_the_estimate(self):
        for name in ("ring_2_2", "ring_3_1", "counters", "three_wait", "writes_pipe"):
            whole, _ = self.run_it(name, "")
            for seed in (1, 2, 3):
                with self.subTest(name=name, seed=seed):
                    result, text = self.run_it(name, f"estimate=1:seed={seed}")
                    guess = result["estimate"]
                    self.assertLessEqual(guess["low"], whole["executions"], text)
                    self.assertGreaterEqual(guess["high"], whole["executions"], text)
                    self.assertLessEqual(guess["high"], 10 * guess["low"], text)
                    self.assertFalse(result["complete"])
                    self.assertRegex(text, r"(?m)^weave: about [\d,]+ executions, [\d,]+ to [\d,]+; ")

    def test_an_estimate_ends_with_a_finding(self):
        result, text = self.run_it("ring_loses", "estimate=1")
        self.assertEqual(result["verdict"], "assertion", text)
        self.assertIn("reproduce: ", text)

    def test_the_progress_ends_with_all_of_the_search(self):
        for name, jobs in itertools.product(("ring_2_2", "writes_pipe"), (1, 2)):
            result, text = self.run_it(name, f"progress=1:jobs={jobs}")
            shares = re.findall(r"(?m)^weave: [\d,]+ executions, ([\d.e+-]+) % of the search", text)
            self.assertEqual(float(shares[-1]), 100, text)
            self.assertEqual(shares, sorted(shares, key=float), text)
            self.assertTrue(result["complete"])
        self.assertNotIn("% of the search", self.run_it("ring_2_2", "progress=0")[1])

    # ----- symmetry --------------------------------------------------------------------------------

    def test_a_program_that_looks_at_a_clock_is_searched_through_graphs(self):
        result, text = self.run_it("pops_within_time", "")
        self.assertTrue(result["complete"], text)
        self.assertNotIn("searched as mode=dfs", text)
        result, text = self.run_it("writes_pipe", "")
        self.assertTrue(result["complete"], text)
        self.assertIn("searched as mode=dfs", text)

    def test_twins_count_once(self):
        all_of_them, _ = self.run_it("symmetric", "")
        one, text = self.run_it("symmetric", "symmetry=1")
        self.assertTrue(one["complete"], text)
        self.assertNotIn("without symmetry", text)
        self.assertLessEqual(one["executions"], all_of_them["executions"] / 5, text)
        two, text = self.run_it("symmetric", "symmetry=1:jobs=2")
        self.assertEqual(self.same(two), self.same(one), text)
        for _ in range(30):
            result, text = self.run_it("symmetric", "symmetry=1:state=state:executions=30")
            if result["complete"]:
                break
        self.assertEqual({**self.same(result), "bounded": []}, {**self.same(one), "bounded": []})

    def test_what_tells_twins_apart_is_named(self):
        for jobs in (1, 2):
            result, text = self.run_it("symmetric", f"symmetry=1:jobs={jobs}", "asks")
            whole, _ = self.run_it("symmetric", "", "asks")
            self.assertEqual(self.same(result), self.same(whole), text)
            self.assertIn("weave: searched without symmetry: a thread that asks who it is", text)

    def test_symmetry_is_of_the_search_through_graphs(self):
        self.assertIn("only for mode=exhaustive", self.refused("symmetric", "symmetry=1"))
        self.assertIn("only for mode=exhaustive", self.refused("symmetric", "mode=dfs:symmetry=1"))
        self.assertIn("does not go with continue=1",
                      self.refused("symmetric", "mode=exhaustive:symmetry=1:continue=1"))

    # ----- bounds ----------------------------------------------------------------------------------

    def bounds(self, name: str, options: str) -> dict[str, dict]:
        result, text = self.run_it(name, options)
        self.assertEqual(result["complete"], result["bounded"] == [], text)
        for bound in result["bounded"]:
            self.assertIn(f"weave: bounded by {bound['by']}: ", text)
            self.assertIn(bound["where"], text)
        return {bound["by"]: bound for bound in result["bounded"]}

    def test_each_bound_is_named(self):
        self.assertEqual(self.bounds("ring_2_2", ""), {})
        self.assertEqual(list(self.bounds("ring_2_2", "executions=10")), ["executions"])
        self.assertEqual(list(self.bounds("counters", "mode=dfs:seconds=1")), ["seconds"])
        cut = self.bounds("writes_pipe", "preemptions=1")["preemptions"]
        self.assertGreater(cut["executions"], 0)
        self.assertRegex(cut["where"], r"^execution \d+, step \d+ of thread \d+$")
        self.assertEqual(self.bounds("writes_pipe", "preemptions=100"), {})
        cut = self.bounds("ring_2_2", "steps=20")
        self.assertEqual(list(cut), ["steps", "undecided"])
        self.assertEqual(cut["steps"]["executions"], 16)
        cut = self.bounds("counts_many_rounds", "executions=1500")
        self.assertEqual(list(cut), ["loops", "executions"])
        self.assertGreater(cut["loops"]["executions"], 0)

    def test_a_bound_on_preemptions_is_the_same_in_several_jobs(self):
        one = self.bounds("writes_pipe", "preemptions=2")["preemptions"]
        several = self.bounds("writes_pipe", "preemptions=2:jobs=2")["preemptions"]
        self.assertEqual(several, one)


if __name__ == "__main__":
    unittest.main()
