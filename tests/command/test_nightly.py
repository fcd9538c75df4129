"""`mailproof nightly` as a whole: its findings, its reports, its end, and its resumption."""

import json
import os
import random
import signal
import time
import unittest
import xml.etree.ElementTree as ElementTree

from nightly_support import (BREAKS, CALM, CRASHES, HANGS, HOURS, LATE, OTHER_HOURS, RACES,
                             NightCase)
from support import SECONDS_MAX, wait_until

KILLS = 20
JOBS = 45
# Reports a finding in its first run only. A file tells the test that it has done so.
FINDS_ONCE = """
    import os, pathlib, sys, time
    said = pathlib.Path(__file__).with_suffix(".said")
    time.sleep(0.03)
    if not said.exists():
        print(f"FINDING {said.stem}: planted: only this once", flush=True)
        said.touch()
        time.sleep(0.07)
        sys.exit(1)
"""


class Findings(NightCase):
    def found(self, name: str, program: str) -> dict:
        self.checkout.job(name, program)
        self.run_night(1)
        [finding] = self.checkout.results()["findings"]
        self.assertEqual(finding["target"], name)
        self.assertEqual(finding["reproduce"], f"python3 jobs/{name}.py")
        self.assertIn(finding["reproduce"], (self.checkout.root / finding["input"]).read_text())
        return finding

    def stored_report(self, finding: dict) -> str:
        return (self.checkout.folders()[-1] / "findings" / finding["id"] / "report.txt").read_text()

    def test_a_crash(self):
        finding = self.found("crashes", CRASHES)
        self.assertEqual((finding["verdict"], finding["sentence"]), ("crash", "ended by SIGSEGV"))
        self.assertIsNone(finding["repeated"])

    def test_a_race_is_repeated_20_times(self):
        finding = self.found("races", RACES)
        self.assertEqual(finding["verdict"], "data-race")
        self.assertEqual(finding["repeated"], {"failed": 10, "runs": 20, "done": True})
        self.assertIn("10 of 20 repetitions fail", self.checkout.report())

    def test_a_hang_is_ended_with_all_its_processes_and_has_its_threads_in_the_report(self):
        finding = self.found("hangs", HANGS)
        self.assertEqual(finding["verdict"], "hang")
        report = self.stored_report(finding)
        self.assertEqual(report.count("process "), 2, report)
        # gdb is not on the stand-in's path.
        self.assertRegex(report, r"no stacks, gdb is not installed; states only:\n  thread \d+ ")
        self.assertEqual(self.left_running(), [])

    def test_a_hang_that_the_job_ends_itself_has_stacks_too(self):
        finding = self.found("late", LATE)
        self.assertEqual((finding["verdict"], finding["sentence"]), ("hang", "no thread moved"))
        self.assertIn("states only", self.stored_report(finding))

    def left_running(self) -> list[str]:
        return [pid for pid in os.listdir("/proc") if pid.isdecimal()
                and f"={self.checkout.root}/nights".encode() in environment_of(pid)]

    def test_it_is_known_in_the_next_night_and_has_the_same_id(self):
        first = self.found("crashes", CRASHES)
        self.run_night(1)
        [second] = self.checkout.results()["findings"]
        self.assertEqual(second["id"], first["id"])
        nights = [folder.name for folder in self.checkout.folders()]
        self.assertEqual((first["known_since"], second["known_since"]), (None, nights[0]))
        self.assertIn(f"known since {nights[0]}", self.checkout.report())

    def test_all_kinds_of_findings_and_the_other_jobs_still_run(self):
        for name, program in (("a_crash", CRASHES), ("b_hang", HANGS), ("c_race", RACES),
                              ("d_breaks", BREAKS), ("e_calm", CALM)):
            self.checkout.job(name, program)
        result = self.run_night(1, "--json", str(self.checkout.root / "x.json"))
        written = json.loads((self.checkout.root / "x.json").read_text())
        self.assertEqual([job["status"] for job in written["jobs"]],
                         ["finding", "finding", "finding", "broken", "ok"])
        self.assertEqual({finding["verdict"] for finding in written["findings"]},
                         {"crash", "hang", "data-race"})
        self.assertTrue((self.checkout.root / written["report"]).is_file())
        self.assertIn("FINDING c_race: data-race, again in 10 of 20 runs", result.stdout)
        self.assertIn("5 jobs: 1 ok, 3 with findings, 1 broken, 0 left out", result.stdout)
        self.check_junit()
        self.check_page()

    def check_junit(self) -> None:
        [suite] = ElementTree.parse(self.checkout.folders()[-1] / "junit.xml").getroot()
        self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("errors")),
                         ("5", "3", "1"))
        self.assertEqual([case.find("failure").get("type") for case in suite[:3]],
                         ["crash", "hang", "data-race"])
        self.assertIn("no such thing", suite[3].find("error").get("message"))

    def check_page(self) -> None:
        """The page is well-formed, shows the output of jobs as text, and refers to no other
        file."""
        page = ElementTree.fromstring(self.checkout.report().split("\n", 1)[1])
        self.assertIn("<script>alert('&')</script> \N{REPLACEMENT CHARACTER} before the end",
                      "".join(page.itertext()))
        elements = {element.tag for element in page.iter()}
        self.assertFalse(elements & {"script", "link", "img", "iframe", "object"}, elements)
        attributes = {name for element in page.iter() for name in element.keys()}
        self.assertFalse(attributes & {"src", "href", "srcset", "action"}, attributes)
        self.assertNotRegex(page.find("head/style").text, r"url\(|@import")
        commands = [code.text for code in page.iter("code")]
        self.assertEqual(commands, [f"python3 jobs/{name}.py"
                                    for name in ("a_crash", "b_hang", "c_race")])


class Endings(NightCase):
    def test_a_calm_night(self):
        self.checkout.job("calm", CALM)
        self.assertIn("no finding", self.run_night(0).stdout)

    def test_a_job_that_does_not_work_is_not_a_finding(self):
        self.checkout.job("breaks", BREAKS)
        self.assertIn("fake/breaks: broken, 0 s: ended with status 3: no such thing",
                      self.run_night(2).stdout)

    def test_a_job_that_writes_without_end_is_stopped(self):
        self.checkout.job("writes", 'import time; print("x" * (65 << 20), flush=True); '
                          "time.sleep(600)")
        self.assertIn("it had written 64 MB of log", self.run_night(2).stdout)

    def test_jobs_that_do_not_fit_are_left_out_and_named(self):
        for name in ("1_calm", "2_long", "3_calm", "4_long"):
            self.checkout.job(name, CALM)
        result = self.run_night(0)
        self.assertEqual([job["status"] for job in self.checkout.results()["jobs"]],
                         ["ok", "left-out", "ok", "left-out"])
        for name in ("fake/2_long", "fake/4_long"):
            self.assertIn(f"{name}: left-out, 0 s: not enough time: 100000 s are needed",
                          result.stdout)

    def test_a_night_in_which_nothing_fits_is_an_error(self):
        self.checkout.job("calm", CALM)
        self.assert_one_line(self.checkout.run("nightly", "--hours", "0.0001"), "no job fits into")

    def test_a_failed_build_stops_only_its_own_jobs(self):
        self.checkout.job("calm", CALM)
        self.checkout.job("needs", CALM)
        with open(self.checkout.root / "commands/nightly/registry.py", "a") as file:
            file.write("\nFake.builds = lambda job: "
                       "{'tsan': ['x']} if job.target == 'needs' else {}\n")
        self.checkout.program("bin/cmake", "import sys; print('CMake Error: no'); sys.exit(1)")
        self.assertIn("fake/needs: broken, 0 s: building tsan failed", self.run_night(2).stdout)
        self.assertEqual(self.checkout.results()["jobs"][-1]["status"], "ok")

    def test_wrong_usage_is_one_line(self):
        for words, because in ((["--hours", "0"], "--hours"), (["--hours", "nan"], "--hours"),
                               (["--hours", "169"], "at most 168"),
                               (["--json", "no/such/folder/x"], "cannot write")):
            self.assert_one_line(self.checkout.run("nightly", *words), because)

    def test_list_runs_nothing(self):
        self.checkout.job("crashes", CRASHES)
        self.assertIn("fake/crashes", self.run_night(0, "--list").stdout)
        self.assertFalse((self.checkout.root / "nights").exists())


class Interrupted(NightCase):
    def start_in_b_slow(self):
        """Starts a night and waits until it is in the middle of that job."""
        night = self.checkout.start("nightly", "--hours", HOURS)
        self.addCleanup(lambda: night.poll() is None and night.kill())
        self.checkout.wait_for("jobs/b_slow.once")
        return night

    def add_two(self) -> None:
        """A finding, and then a job that does not end the first time."""
        self.checkout.job("a_crash", CRASHES)
        self.checkout.job("b_slow", """
            import pathlib, time
            once = pathlib.Path(__file__).with_suffix(".once")
            if not once.exists():
                once.touch()
                time.sleep(600)
        """)

    def test_sigterm_writes_the_reports_and_the_next_start_resumes(self):
        self.add_two()
        night = self.start_in_b_slow()
        night.send_signal(signal.SIGTERM)
        _, errors = night.communicate(timeout=SECONDS_MAX)
        self.assertEqual((night.returncode, errors.count("\n")), (130, 1), errors)
        self.assertEqual(len(self.checkout.results()["findings"]), 1)
        self.assertIn("not finished", self.checkout.report())
        result = self.run_night(1)
        self.assertIn("resuming the night of", result.stdout)
        self.assertNotIn("fake/a_crash: ", result.stdout)
        self.assertEqual(len(self.checkout.folders()), 1)
        self.assertEqual(len(self.checkout.results()["findings"]), 1)
        self.assertNotIn("not finished", self.checkout.report())

    def test_only_one_at_a_time(self):
        self.add_two()
        night = self.start_in_b_slow()
        self.assert_one_line(self.checkout.run("nightly"), "another night is running")
        night.kill()
        night.communicate()

    def test_with_other_hours_the_old_night_is_closed_with_its_report(self):
        self.add_two()
        night = self.start_in_b_slow()
        night.kill()
        night.communicate()
        # Another night is refused until the killed one has ended.
        wait_until(lambda: self.checkout.run("nightly", "--hours", OTHER_HOURS).returncode != 2)
        old, _ = self.checkout.folders()
        self.assertEqual(len(json.loads((old / "results.json").read_text())["findings"]), 1)
        self.assertIn("closed early, it had 2 hours", (old / "report.html").read_text())

    def said(self) -> int:
        return len(list((self.checkout.root / "jobs").glob("*.said")))

    def test_killed_20_times_it_loses_no_finding_and_completes(self):
        names = [f"job_{number:02}" for number in range(JOBS)]
        for name in names:
            self.checkout.job(name, FINDS_ONCE)
        choices = random.Random(1)
        for number in range(KILLS):
            night = self.checkout.start("nightly", "--hours", HOURS)
            self.assertIn("night of", night.stdout.readline())
            if number % 2:
                said = self.said()
                wait_until(lambda: self.said() > said)
            # The kill may come at any moment; no check depends on which.
            time.sleep(choices.uniform(0, 0.1))
            self.assertIsNone(night.poll(), "it was killed before its end")
            night.kill()
            night.communicate()
        done = len(json.loads((self.checkout.folders()[-1] / "night.json").read_text())["jobs"])
        self.assertTrue(KILLS / 2 - 1 <= done < len(names), done)
        self.run_night(1)
        self.assertEqual(len(self.checkout.folders()), 1)
        results = self.checkout.results()
        self.assertEqual([job["name"] for job in results["jobs"]],
                         [f"fake/{name}" for name in names])
        self.assertEqual({finding["target"] for finding in results["findings"]}, set(names))
        self.assertEqual({job["status"] for job in results["jobs"]}, {"finding"})


def environment_of(pid: str) -> bytes:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""


if __name__ == "__main__":
    unittest.main()
