"""The parts of a night: budget, history, stacks, corpus merge, registry."""

import json
import os
import re
import shutil
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from support import ROOT, wait_until
from commands import stress
from commands.kit import cause, chart, project, report
from commands.kit.child import Child, Outcome
from commands.kit.marks import Mark
from commands.nightly import (bench_jobs, budget, fuzz_jobs, history, page, registry, stacks,
                              stress_jobs, weave_jobs)
from commands.nightly.job import Finding, Job, Work
from commands.nightly.night import Night, all_nights

RACE = """\
WARNING: ThreadSanitizer: data race (pid=17)
  Write of size 8 at 0x7b04 by thread T2:
    #0 memcpy <null> (stress+0x1)
    #1 pto::Ring::push(int) {root}/src/runtime/mailbox.h:88:5 (stress+0x2)
  Previous read of size 8 at 0x7b04 by thread T1:
    #0 pto::Ring::pop() {root}/src/runtime/mailbox.h:120:9 (stress+0x3)
    #1 main {root}/stress/support/main.cpp:3 (stress+0x4)
SUMMARY: ThreadSanitizer: data race {root}/src/runtime/mailbox.h:88:5 in pto::Ring::push(int)
"""


def job_named(name: str, least: int = 2, most: int = 1000, extra: int = 0) -> Job:
    made = Job("group", name, name)
    made.seconds_min, made.seconds_max, made.extra_seconds = least, most, extra
    return made


class Budget(unittest.TestCase):
    def plan(self, jobs: list[Job], weights: list[float], seconds: float) -> list[int | None]:
        by_name = {job.name: weight for job, weight in zip(jobs, weights)}
        plan = budget.plan(jobs, by_name, seconds, 1)
        return [plan.get(job.name) for job in jobs]

    def test_by_weight(self):
        jobs = [job_named("a"), job_named("b"), job_named("c")]
        self.assertEqual(self.plan(jobs, [1, 2, 7], 100.5), [10, 20, 70])
        self.assertEqual(self.plan(jobs, [1, 2, 7], 1000.5), [100, 200, 700])

    def test_a_maximum_or_minimum_changes_the_shares_of_the_others(self):
        jobs = [job_named("few", most=5), job_named("a"), job_named("b", extra=10)]
        self.assertEqual(self.plan(jobs, [5, 1, 1], 115.5), [5, 50, 50])
        jobs = [job_named("many", least=60), job_named("a"), job_named("b")]
        self.assertEqual(self.plan(jobs, [1, 1, 1], 100.5), [60, 20, 20])

    def test_jobs_that_do_not_fit_are_left_out_at_random(self):
        jobs = [job_named(str(number), least=10) for number in range(9)]
        weights = {job.name: 1.0 for job in jobs}
        plans = [budget.plan(jobs, weights, 35, seed) for seed in range(40)]
        self.assertEqual({len(plan) for plan in plans}, {3})
        self.assertEqual({name for plan in plans for name in plan}, set(weights))
        self.assertEqual(self.plan(jobs, [1] * 9, 3), [None] * 9)
        self.assertEqual(self.plan(jobs, [1] * 9, -3), [None] * 9)
        self.assertEqual(self.plan([], [], 3), [])


class Registry(unittest.TestCase):
    def test_it_has_every_job_of_the_tree(self):
        names = [job.name for job in registry.all_jobs()]
        self.assertEqual(len(names), len(set(names)))
        expected = [f"stress-{build}/{stem}" for build in ("plain", "tsan", "asan")
                    for stem in stems("stress/*.cpp")]
        expected += [f"{kind}/{stem}" for stem in stems("fuzz/*.cpp") if stem != "canary"
                     for kind in ("fuzz", "merge")]
        expected += [f"explore/{stem}/{mode}" for stem in stems("tests/weave/*.cpp")
                     for mode in ("mix", "pct")]
        expected += ["litmus/all", "bench/mailbox", "bench/scheduler", "bench/weave",
                     "mutants/mutants"]
        self.assertLessEqual(set(expected), set(names))

    def test_threads_are_fuzzed_under_thread_sanitizer(self):
        [threads] = [job for job in registry.all_jobs() if job.name == "fuzz/mailbox_threads"]
        self.assertIn("fuzz-tsan", threads.builds())

    def test_every_group_has_a_weight_and_the_docs_agree(self):
        groups = {job.group for job in registry.all_jobs()}
        self.assertEqual(groups, set(registry.WEIGHTS))
        text = (ROOT / "docs" / "nightly.md").read_text()
        rows = dict(re.findall(r"^\| `([a-z ]+)` \| (\d+) \|", text, re.MULTILINE))
        self.assertEqual({group: int(weight) for group, weight in rows.items()}, registry.WEIGHTS)

    def test_a_group_s_weight_is_shared_evenly(self):
        weights = registry.weights_of(registry.all_jobs())
        self.assertAlmostEqual(sum(weights.values()), sum(registry.WEIGHTS.values()))


def stems(pattern: str) -> list[str]:
    found = sorted(path.stem for path in ROOT.glob(pattern))
    assert found, pattern
    return found


class Folder(unittest.TestCase):
    """A test with a folder to write to."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


class Ids(unittest.TestCase):
    def finding(self, text: str) -> Finding:
        seen = report.of_text(text)
        return Finding("t", seen.verdict, seen.sentence, cause.same_as(seen, text), text, "")

    def test_a_race_is_identified_by_its_two_functions_in_any_order_and_at_any_line(self):
        text = RACE.format(root=project.ROOT)
        first = self.finding(text)
        self.assertEqual(first.same_as, "pto::Ring::pop src/runtime/mailbox.h "
                                        "pto::Ring::push src/runtime/mailbox.h")
        moved = text.replace(":88:5", ":90:1").replace("0x7b04", "0x7b08")
        self.assertEqual(self.finding(moved).id, first.id)
        lines = text.splitlines(keepends=True)
        turned = "".join([lines[0], *lines[4:7], *lines[1:4], *lines[7:]])
        self.assertEqual(self.finding(turned).id, first.id)
        self.assertNotEqual(self.finding(text.replace("Ring::pop", "Ring::reset")).id, first.id)

    def test_without_stacks_the_words_identify_it(self):
        one, other = (self.finding(f"FINDING t: lost: message {number}") for number in (3, 17))
        self.assertEqual(one.id, other.id)
        self.assertTrue(one.id.startswith("t-lost-"))


class Kinds(Folder):
    """How each kind of job reads the results of its command."""

    def harvest(self, made: Job, content: dict | None, status: int, output: str = ""):
        work = Work(self.folder, 10, 7)
        if content is not None:
            work.results.write_text(json.dumps(content))
        made.prepare(work)
        return made.harvest(work, Outcome(status, output), 20.0)

    def test_a_stress_job(self):
        made = stress_jobs.StressJob("mailbox_flood", "tsan")
        figures = dict.fromkeys(stress.FIGURES, 1)
        good = self.harvest(made, {"jobs": [{"verdict": "ok", **figures}]}, 0)
        self.assertEqual((good.findings, good.figures, good.problem), ([], figures, ""))
        bad = self.harvest(made, {"jobs": [{"verdict": "data-race", **figures}]}, 1,
                           RACE.format(root=project.ROOT))
        [finding] = bad.findings
        self.assertEqual((finding.target, finding.verdict), ("mailbox_flood", "data-race"))
        self.assertIn("--build tsan --seconds 10 --seed 7", finding.reproduce)
        self.assertEqual(finding.again[1:], ["mailbox_flood", "--seconds", "30", "--seed", "7"])
        (self.folder / "results.json").unlink()
        self.assertIn("status 2: no luck", self.harvest(made, None, 2, "no luck").problem)

    def test_a_program_under_weave(self):
        made = weave_jobs.ExploreJob("mailbox", "pct")
        result = {"verdict": "ok", "executions": 50, "steps": 9, "seconds": 10.0,
                  "first_finding": 4, "what": "", "report": "r"}
        self.assertEqual(self.harvest(made, result, 0).speed.value, 5)
        (self.folder / "weave-data-race-4.schedule").write_text("the schedule")
        [finding] = self.harvest(made, {**result, "verdict": "data-race"}, 66).findings
        self.assertEqual((finding.verdict, finding.settings), ("data-race", "the schedule"))
        self.assertIn("undecided", self.harvest(made, {**result, "verdict": "limit"}, 65).problem)
        (self.folder / "results.json").unlink()
        [finding] = self.harvest(made, None, -11).findings
        self.assertEqual(finding.verdict, "crash")

    def test_the_litmus_tests(self):
        tests = [{"name": name, "passed": name == "a", "skipped": name == "c", "executions": 1}
                 for name in "abc"]
        harvest = self.harvest(weave_jobs.LitmusJob(), {"tests": tests}, 1, "b: failed")
        self.assertEqual([finding.target for finding in harvest.findings], ["b"])
        self.assertEqual(harvest.figures, {"tests": 3, "skipped": 1, "executions": 3})

    def test_the_benchmarks(self):
        lost = "mailproof: a: the mailbox failed: lost 3"
        harvest = self.harvest(bench_jobs.MailboxBench("mailbox"),
                               {"ratios": {"a": None, "b": 0.5}}, 1, lost)
        self.assertEqual([finding.sentence for finding in harvest.findings],
                         [lost.partition(" ")[2]])
        self.assertEqual((harvest.figures, harvest.speed.value), ({"b": 0.5}, 2))
        slow = "mailproof: weave_random_over_relacy: 0.69, but at least 2 is required"
        harvest = self.harvest(bench_jobs.WeaveBench("weave"), {"ratios": {"a": 0.69}}, 1, slow)
        self.assertEqual((harvest.findings, len(harvest.remarks)), ([], 1))
        cases = [{"name": "a", "ratio": 1.2, "problem": "lost 1"}]
        harvest = self.harvest(bench_jobs.SchedulerBench("scheduler"), {"cases": cases}, 1)
        self.assertEqual(harvest.findings[0].sentence, "a: lost 1")

    def test_the_series_of_a_fuzz_run(self):
        log = ("replayed 3 inputs\nfuzzing t 15/60 s, 1,234 executions, 55 edges\n"
               "fuzzing t 45/60 s, 4,000 executions, 56 edges\n"
               "fuzzing t 75/60 s, 9,000 executions, 57 edges\n")
        rows = fuzz_jobs._series(log, Work(self.folder, 60, 0), {"executions": 9001, "edges": 57})
        self.assertEqual(rows, [[15, 1234, 55], [45, 4000, 56], [60, 9001, 57]])


class Merge(Folder):
    def setUp(self) -> None:
        super().setUp()
        self.corpus, self.chosen = self.folder / "corpus", self.folder / "chosen"
        self.corpus.mkdir()
        self.chosen.mkdir()
        for name in "abcd":
            (self.corpus / name).write_bytes(name.encode())

    def contents(self) -> list[bytes]:
        return sorted(path.read_bytes() for path in self.corpus.iterdir())

    def test_only_chosen_inputs_stay_each_once(self):
        (self.corpus / "copy").write_bytes(b"a")
        for name in "ac":
            (self.chosen / f"other-{name}").write_bytes(name.encode())
        self.assertEqual(self.keep_only(), (5, 2))
        self.assertEqual(self.contents(), [b"a", b"c"])

    def test_inputs_newer_than_the_merge_stay(self):
        (self.chosen / "a").write_bytes(b"a")
        self.assertEqual(fuzz_jobs.keep_only(self.corpus, ["a", "b", "gone"], self.chosen), (2, 1))
        self.assertEqual(self.contents(), [b"a", b"c", b"d"])

    def keep_only(self) -> tuple[int, int]:
        names = sorted(path.name for path in self.corpus.iterdir())
        return fuzz_jobs.keep_only(self.corpus, names, self.chosen)

    def test_nothing_chosen_deletes_nothing(self):
        self.assertEqual(self.keep_only(), (4, 4))
        self.assertEqual(len(self.contents()), 4)

    def test_a_merge_that_failed_or_was_killed_deletes_nothing(self):
        made = fuzz_jobs.MergeJob("mailbox_step")
        made._corpus = self.corpus
        (self.chosen / "a").write_bytes(b"a")
        work = Work(self.folder, 5, 0)
        made.prepare(work)
        for outcome in (Outcome(1, "no"), Outcome(-9, ""), Outcome(0, "", timed_out=True)):
            self.assertIn("as it was", made.harvest(work, outcome, 1.0).problem)
            self.assertEqual(len(self.contents()), 4)


class History(Folder):
    def night(self, number: int, speed: float, **changes) -> Night:
        night = Night.create(self.folder, 1.0, "s", changes.pop("machine", "m"), 0)
        renamed = self.folder / f"night-{number:02}"
        shutil.rmtree(renamed, ignore_errors=True)
        night.folder.rename(renamed)
        record = {"name": "j", "group": "fuzz", "target": "j", "status": "ok", "figures": {},
                  "seconds_planned": 60, "seconds": 60.0, "series": [], "problem": "",
                  "remarks": [], "findings": [], "speed": {"value": speed, "unit": "x/s"},
                  **changes}
        night = Night(renamed, {**night.state, "id": renamed.name, "jobs": {"j": record}})
        night.save()
        return night

    def is_slow(self, speeds: list[float], tonight: float, **changes) -> bool:
        earlier = [self.night(number, speed) for number, speed in enumerate(speeds)]
        return "j" in history.slow_jobs(self.night(99, tonight, **changes), earlier)

    def test_below_the_spread_is_slow(self):
        usual = [100, 101, 99, 102, 98, 100, 101, 99, 102, 98]
        self.assertTrue(self.is_slow(usual, 90))

    def test_within_the_spread_or_barely_the_slowest_is_not_slow(self):
        self.assertFalse(self.is_slow([100, 101, 99, 102, 98, 100], 97))

    def test_only_the_last_ten_count(self):
        self.assertTrue(self.is_slow([10, 10, *[100, 101, 99, 102, 98] * 2], 50))
        self.assertFalse(self.is_slow([10, *[100, 101, 99, 102, 98] * 2][:10], 50))

    def test_few_nights_are_not_enough(self):
        self.assertFalse(self.is_slow([100, 100, 100], 1))

    def test_another_machine_or_other_seconds_are_not_compared(self):
        usual = [100.0] * 6
        self.assertFalse(self.is_slow(usual, 1, machine="other"))
        self.assertFalse(self.is_slow(usual, 1, seconds_planned=5))
        self.assertTrue(self.is_slow(usual, 1, seconds_planned=40))

    def test_the_page_names_the_slow_job(self):
        earlier = [self.night(number, 100.0 + number) for number in range(6)]
        self.assertIn("Slower than usual", page.render(self.night(99, 1), earlier))
        self.assertNotIn("Slower than usual", page.render(self.night(98, 101), earlier))

    def test_the_oldest_nights_are_deleted_by_number_and_by_size(self):
        nights = [self.night(number, 1) for number in range(6)]
        (self.folder / "never-began").mkdir()
        self.assertEqual(history.prune(nights[-1], nights_max=4), ["night-00", "night-01"])
        (nights[3].folder / "large").write_bytes(bytes(1 << 20))
        self.assertEqual(history.prune(nights[-1], bytes_max=1 << 19), ["night-02", "night-03"])
        self.assertEqual(history.prune(nights[-1], bytes_max=1), ["night-04"])
        self.assertEqual([night.id for night in all_nights(self.folder)], ["night-05"])
        self.assertEqual([path.name for path in self.folder.iterdir()], ["night-05"])


class Charts(unittest.TestCase):
    def test_ticks_differ_and_enclose_the_values(self):
        for values in ([1037, 1037], [1895, 1896], [0, 0], [0.031, 0.05], [5, 9e5]):
            for from_zero in (False, True):
                with self.subTest(values=values, from_zero=from_zero):
                    low, high, step = chart.nice_range(values, from_zero)
                    self.assertTrue(low <= min(values) and max(values) <= high)
                    self.assertIn(round((high - low) / step, 6), range(1, chart.TICKS + 3))

    def test_they_are_well_formed_with_any_name(self):
        line = chart.Line("<a&b>", "s1", [(0.0, 1.0), (2.0, 3.0)])
        for svg in (chart.lines("<t>", [line], [(0.0, "<0>")]), chart.spark([1.0, 2.0, 1.5]),
                    chart.lines("one", [chart.Line("l", "s1", [(0.0, 5.0)])], [(0.0, "0")]),
                    chart.ranges("<t>", [("<row>", [0.02, 5.0, 700.0]), ("one", [1.0, 1.0, 1.0])])):
            self.assertEqual(ElementTree.fromstring(chart.as_text(svg)).tag, "svg")
        self.assertEqual(chart.as_text(chart.spark([1.0])), "")


class Stacks(unittest.TestCase):
    def test_every_thread_of_a_hung_program(self):
        mark = Mark("MAILPROOF_TEST", f"stacks of {os.getpid()}")
        child = Child(["sleep", "600"], environment=mark.environment)
        self.addCleanup(child.end)
        wait_until(mark.processes)
        text = stacks.of_marked(mark)
        self.assertIn("sleep 600", text)
        if "no stacks" in text:
            self.skipTest(text.splitlines()[1])
        self.assertRegex(text, r"Thread 1 [^\n]*\n#0 ")
        mark.end()
        self.assertEqual(mark.processes(), [])


if __name__ == "__main__":
    unittest.main()
