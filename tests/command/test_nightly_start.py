"""The ways to start a night by itself: the systemd units, the lines for cron, the workflow.

Each is checked as far as possible without installing it, and each check is shown to see a fault.
"""

import copy
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import ROOT, SECONDS_MAX, run_command

STARTERS = ROOT / ".ci" / "nightly"
WORKFLOW = ROOT / ".github" / "workflows" / "nightly.yml"
# Debian's own interpreter, whose modules setup installs.
READ_YAML = ["/usr/bin/python3", "-c",
             "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)"]
NIGHTLY = re.compile(r"\./mailproof (nightly [^>\n]*)")


class Systemd(unittest.TestCase):
    def setUp(self) -> None:
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        # An instance for this checkout, which has the program that the unit starts.
        escape = subprocess.run(["systemd-escape", "--path", ROOT], capture_output=True, text=True,
                                check=True)
        instance = escape.stdout.strip()
        self.units = []
        for suffix in ("service", "timer"):
            self.units.append(self.folder / f"mailproof-nightly@{instance}.{suffix}")
            shutil.copy(STARTERS / f"mailproof-nightly@.{suffix}", self.units[-1])

    def verify(self) -> tuple[int, str]:
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.folder)}
        result = subprocess.run(
            ["systemd-analyze", "verify", "--user", "--recursive-errors=yes", *self.units],
            env=environment, capture_output=True, text=True, timeout=SECONDS_MAX)
        return result.returncode, result.stdout + result.stderr

    def edit(self, unit: Path, old: str, new: str) -> None:
        text = unit.read_text()
        self.assertIn(old, text)
        unit.write_text(text.replace(old, new))

    def test_the_units_are_valid(self):
        self.assertEqual(self.verify(), (0, ""))

    def test_an_unknown_setting_is_seen(self):
        self.edit(self.units[0], "Nice=", "Nicer=")
        status, output = self.verify()
        self.assertNotEqual(status, 0)
        self.assertIn("Nicer", output)

    def test_a_program_that_is_not_there_is_seen(self):
        self.edit(self.units[0], "%f/mailproof nightly", "%f/mailproofs nightly")
        self.assertNotEqual(self.verify()[0], 0)

    def test_a_time_that_never_comes_is_seen(self):
        self.edit(self.units[1], "22:00", "25:00")
        self.assertNotEqual(self.verify()[0], 0)

    def test_the_command_takes_its_options(self):
        [words] = re.findall(r"^ExecStart=%f/mailproof (.*)$", self.units[0].read_text(),
                             re.MULTILINE)
        self.assertEqual(run_command(*words.split(), "--list").returncode, 0)


class Cron(unittest.TestCase):
    def test_each_line_has_a_time_and_a_command_that_works(self):
        lines = [line for line in (STARTERS / "crontab").read_text().splitlines()
                 if line and not line.startswith("#")]
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.assertRegex(line, r"^(@reboot|\d+ \d+ \* \* \*) cd /path/to/mailproof && ")
            # A percent sign would end the command there.
            self.assertNotIn("%", line)
            shell = subprocess.run(["sh", "-n", "-c", line.split(" ", 1)[1]],
                                   timeout=SECONDS_MAX)
            self.assertEqual(shell.returncode, 0)
            [words] = NIGHTLY.findall(line)
            self.assertEqual(run_command(*shlex.split(words), "--list").returncode, 0)


class Workflow(unittest.TestCase):
    def setUp(self) -> None:
        result = subprocess.run([*READ_YAML, WORKFLOW], capture_output=True, text=True,
                                timeout=SECONDS_MAX)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.workflow = json.loads(result.stdout)
        self.job = self.workflow["jobs"]["nightly"]

    def test_its_structure_is_valid(self):
        self.assertEqual(problems(self.workflow), [])

    def test_faults_of_structure_are_seen(self):
        for path, value in ((["jobs", "nightly", "runs-on"], None),
                            (["jobs", "nightly", "steps", 0, "run"], None),
                            (["jobs", "nightly", "steps", 1, "run"], "true"),
                            (["jobs", "nightly", "steps", 1, "uses"], "actions/checkout"),
                            (["jobs", "nightly", "stepps"], []),
                            (["permissions"], None),
                            (["true", "schedule", 0, "cron"], "0 25 * * *"),
                            (["true", "schedule", 0, "cron"], "0 1 * *")):
            with self.subTest(path=path, value=value):
                self.assertNotEqual(problems(changed(self.workflow, path, value)), [])

    def test_it_starts_a_night_with_the_hours_that_were_asked_for(self):
        [step] = [step for step in self.job["steps"] if "nightly" in step.get("run", "")]
        [words] = NIGHTLY.findall(step["run"])
        hours = self.workflow["true"]["workflow_dispatch"]["inputs"]["hours"]["default"]
        self.assertIn(f"|| '{hours}'", step["env"]["HOURS"])
        result = run_command(*shlex.split(words.replace("$HOURS", hours)), "--list")
        self.assertEqual(result.returncode, 0, result.stderr)
        # The time beyond the hours is half an hour.
        self.assertGreaterEqual(self.job["timeout-minutes"], float(hours) * 60 + 30)

    def test_what_a_night_leaves_is_kept_also_after_a_finding(self):
        restore, save, artifact = (self.step(name) for name in (
            "actions/cache/restore", "actions/cache/save", "actions/upload-artifact"))
        self.assertEqual(restore["with"]["path"], save["with"]["path"])
        self.assertTrue(save["with"]["key"].startswith(restore["with"]["restore-keys"]))
        self.assertEqual(save["with"]["path"].split(), ["build/fuzz-corpus", "findings", "nights"])
        self.assertLessEqual({"findings", "nights"}, set(artifact["with"]["path"].split()))
        self.assertEqual((save["if"], artifact["if"]), ("always()", "always()"))

    def step(self, action: str) -> dict:
        [step] = [step for step in self.job["steps"] if step.get("uses", "").startswith(action)]
        return step


# The part of GitHub's published syntax that is used here. YAML reads the key `on` as true.
WORKFLOW_KEYS = {"name", "run-name", "true", "permissions", "concurrency", "env", "defaults",
                 "jobs"}
JOB_KEYS = {"name", "runs-on", "needs", "if", "permissions", "timeout-minutes", "container",
            "steps", "env", "strategy", "concurrency", "continue-on-error", "defaults", "outputs",
            "services"}
STEP_KEYS = {"name", "id", "if", "uses", "with", "run", "env", "shell", "working-directory",
             "timeout-minutes", "continue-on-error"}
CRON_RANGES = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)]


def problems(workflow: dict) -> list[str]:
    """What GitHub would refuse, and what it would accept but is a fault here."""
    found = [f"unknown key {key}" for key in workflow.keys() - WORKFLOW_KEYS]
    found += [f"no {key}" for key in ("true", "permissions", "jobs") if not workflow.get(key)]
    for entry in workflow["true"].get("schedule", []):
        found += [f"cron: {entry['cron']}"] if not is_cron(entry["cron"]) else []
    for name, job in workflow["jobs"].items():
        found += [f"{name}: unknown key {key}" for key in job.keys() - JOB_KEYS]
        found += [f"{name}: no {key}" for key in ("runs-on", "steps", "timeout-minutes")
                  if not job.get(key)]
        found += [f"{name}: step {number}: {problem}" for number, step in enumerate(job["steps"])
                  for problem in step_problems(step)]
    return found


def step_problems(step: dict) -> list[str]:
    found = [f"unknown key {key}" for key in step.keys() - STEP_KEYS]
    if bool(step.get("run")) == bool(step.get("uses")):
        found.append("either `run` or `uses`")
    if step.get("uses") and not re.fullmatch(r"[\w./-]+@v?[\w.]+", step["uses"]):
        found.append("an action without a version")
    if "${{" in step.get("run", ""):
        found.append("an expression in a script, where its value would be run")
    return found


def is_cron(text: str) -> bool:
    fields = text.split()
    return len(fields) == len(CRON_RANGES) and all(
        field == "*" or field.isdecimal() and low <= int(field) <= high
        for field, (low, high) in zip(fields, CRON_RANGES))


def changed(workflow: dict, path: list, value) -> dict:
    """A copy with one value replaced, or removed if that is None."""
    result = copy.deepcopy(workflow)
    parent = result
    for key in path[:-1]:
        parent = parent[key]
    if value is None:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return result


if __name__ == "__main__":
    unittest.main()
