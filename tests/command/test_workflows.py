"""The workflows in .github/ and the projects of OSS-Fuzz and ClusterFuzzLite: whether the services
can read them. Each rule is shown to see the fault that it is for.

The YAML is read by Debian's Python, which has the parser.
"""

import copy
import json
import re
import subprocess
import unittest
from pathlib import Path

from support import ROOT, SECONDS_MAX
from commands.oss_fuzz import service

PYTHON = "/usr/bin/python3"
READ = "import json, sys, yaml; json.dump(yaml.load(sys.stdin, yaml.BaseLoader), sys.stdout)"

EVENTS = {"pull_request", "push", "schedule", "workflow_dispatch"}
WORKFLOW_KEYS = {"name", "on", "permissions", "jobs", "concurrency", "env", "defaults"}
JOB_KEYS = {"name", "needs", "runs-on", "concurrency", "strategy", "steps", "timeout-minutes",
            "env", "permissions", "if", "container"}
STEP_KEYS = {"name", "id", "uses", "with", "run", "env", "if", "shell", "working-directory",
             "timeout-minutes", "continue-on-error"}
ACTION = re.compile(r"^(?:[\w.-]+/[\w./-]+@[\w.-]+|\./[\w./-]+)$")
CRON_FIELD = re.compile(r"^(\*|\d+(-\d+)?)(/\d+)?(,(\*|\d+(-\d+)?)(/\d+)?)*$")

# The inputs of ClusterFuzzLite's two actions, version 1.
CFLITE = "google/clusterfuzzlite/actions/"
CFLITE_INPUTS = {
    "build_fuzzers": {"language", "dry-run", "allowed-broken-targets-percentage", "sanitizer",
                      "project-src-path", "bad-build-check", "storage-repo",
                      "storage-repo-branch", "storage-repo-branch-coverage", "upload-build",
                      "github-token"},
    "run_fuzzers": {"language", "fuzz-seconds", "dry-run", "sanitizer", "mode", "github-token",
                    "storage-repo", "storage-repo-branch", "storage-repo-branch-coverage",
                    "report-unreproducible-crashes"},
}
CFLITE_MODES = {"code-change", "batch", "prune", "coverage"}
CFLITE_SANITIZERS = {"address", "undefined", "memory", "coverage"}


def read_yaml(path: Path) -> dict:
    """The file with every scalar as text."""
    result = subprocess.run([PYTHON, "-c", READ], input=path.read_text(), capture_output=True,
                            text=True, check=False, timeout=SECONDS_MAX)
    if result.returncode != 0:
        raise AssertionError(f"{path.name}: {result.stderr}")
    return json.loads(result.stdout)


def workflow_problems(workflow: dict) -> list[str]:
    """What GitHub would refuse, or ClusterFuzzLite would misread."""
    problems = [f"unknown key {key}" for key in set(workflow) - WORKFLOW_KEYS]
    problems += [f"no {key}" for key in ("name", "on", "jobs") if not workflow.get(key)]
    problems += event_problems(workflow.get("on") or {})
    jobs = workflow.get("jobs") or {}
    for name, job in jobs.items():
        problems += [f"{name}: {problem}" for problem in job_problems(job, set(jobs))]
    return problems


def event_problems(events: dict) -> list[str]:
    problems = [f"unknown event {event}" for event in set(events) - EVENTS]
    for entry in events.get("schedule") or []:
        fields = entry.get("cron", "").split()
        if len(fields) != 5 or not all(CRON_FIELD.match(field) for field in fields):
            problems.append(f"'{entry.get('cron')}' is not a time for cron")
    return problems


def job_problems(job: dict, jobs: set[str]) -> list[str]:
    problems = [f"unknown key {key}" for key in set(job) - JOB_KEYS]
    problems += [f"no {key}" for key in ("runs-on", "steps") if not job.get(key)]
    needs = job.get("needs", [])
    problems += [f"needs {name}, which is not a job" for name in
                 ([needs] if isinstance(needs, str) else needs) if name not in jobs]
    matrix = job.get("strategy", {}).get("matrix", {})
    seen_checkout = False
    for step in job.get("steps") or []:
        problems += step_problems(step, matrix, seen_checkout)
        seen_checkout |= step.get("uses", "").startswith("actions/checkout@")
    return problems


def step_problems(step: dict, matrix: dict, seen_checkout: bool) -> list[str]:
    problems = [f"unknown key {key}" for key in set(step) - STEP_KEYS]
    if ("uses" in step) == ("run" in step):
        problems.append("a step either uses an action or runs a command")
    uses = step.get("uses", "")
    if "uses" in step and not ACTION.match(uses):
        problems.append(f"'{uses}' is not an action with a version")
    for name in re.findall(r"\$\{\{\s*matrix\.([\w-]+)", json.dumps(step)):
        if name not in matrix:
            problems.append(f"there is no matrix.{name}")
    if uses.startswith(CFLITE):
        problems += cflite_problems(uses, step.get("with", {}), matrix, seen_checkout)
    return problems


def cflite_problems(uses: str, inputs: dict, matrix: dict, seen_checkout: bool) -> list[str]:
    action, _, version = uses.removeprefix(CFLITE).partition("@")
    if action not in CFLITE_INPUTS or version != "v1":
        return [f"there is no action {uses}"]
    problems = [f"{action} has no input {name}" for name in set(inputs) - CFLITE_INPUTS[action]]
    sanitizers = matrix.get("sanitizer", []) if "matrix." in inputs.get("sanitizer", "") else (
        [inputs.get("sanitizer", "address")])
    problems += [f"there is no sanitizer {name}" for name in sanitizers
                 if name not in CFLITE_SANITIZERS]
    if not seen_checkout:
        problems.append("the system of the image is read from a checkout, and there is none")
    if action == "run_fuzzers":
        mode = inputs.get("mode", "code-change")
        if mode not in CFLITE_MODES:
            problems.append(f"there is no mode {mode}")
        if (mode == "coverage") != (sanitizers == ["coverage"]):
            problems.append("mode and sanitizer coverage go together")
        if "github-token" not in inputs or not inputs.get("fuzz-seconds", "").isdecimal():
            problems.append("run_fuzzers needs a token and a time")
    return problems


class Workflows(unittest.TestCase):
    def test_the_workflows_have_no_problem(self):
        paths = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
        for path in paths:
            with self.subTest(path.name):
                self.assertEqual(workflow_problems(read_yaml(path)), [])
        self.assertLessEqual({"cflite_pr.yml", "cflite_batch.yml", "cflite_cron.yml",
                              "cflite_build.yml"}, {path.name for path in paths})

    def test_each_mode_has_a_job(self):
        modes = {step.get("with", {}).get("mode")
                 for path in (ROOT / ".github" / "workflows").glob("cflite_*.yml")
                 for job in read_yaml(path)["jobs"].values() for step in job["steps"]}
        self.assertEqual(modes - {None}, CFLITE_MODES)

    def test_planted_problems_are_seen(self):
        good = read_yaml(ROOT / ".github" / "workflows" / "cflite_cron.yml")
        for path, value, problem in (
                (["jobs", "prune", "runs-on"], None, "no runs-on"),
                (["jobs", "prune", "step"], [], "unknown key step"),
                (["jobs", "coverage", "needs"], "pruning", "which is not a job"),
                (["jobs", "prune", "steps", 0, "uses"], "actions/checkout", "with a version"),
                (["jobs", "prune", "steps", 0, "uses"], "actions/cache@v4", "from a checkout"),
                (["jobs", "prune", "steps", 1, "run"], "true", "either uses"),
                (["jobs", "prune", "steps", 1, "uses"], CFLITE + "build@v1", "no action"),
                (["jobs", "prune", "steps", 1, "with", "sanitiser"], "address", "no input"),
                (["jobs", "prune", "steps", 1, "with", "sanitizer"], "thread",
                 "no sanitizer thread"),
                (["jobs", "prune", "steps", 2, "with", "mode"], "minimise", "no mode minimise"),
                (["jobs", "prune", "steps", 2, "with", "fuzz-seconds"], "long", "a time"),
                (["jobs", "coverage", "steps", 2, "with", "sanitizer"], "address", "go together"),
                (["jobs", "prune", "steps", 1, "with", "sanitizer"], "${{ matrix.sanitizer }}",
                 "no matrix.sanitizer"),
                (["on", "schedule", 0, "cron"], "1 2 3 4", "is not a time for cron"),
                (["on", "nightly"], {}, "unknown event")):
            with self.subTest(problem):
                planted = copy.deepcopy(good)
                place = planted
                for key in path[:-1]:
                    place = place[key]
                place[path[-1]] = value
                self.assertIn(problem, "; ".join(workflow_problems(planted)))

    def test_a_file_that_is_not_yaml_is_seen(self):
        with self.assertRaises(AssertionError):
            read_yaml(ROOT / "mailproof")


class Projects(unittest.TestCase):
    def test_oss_fuzz(self):
        project = read_yaml(ROOT / "oss-fuzz" / "project.yaml")
        for key in ("homepage", "main_repo", "primary_contact"):
            self.assertTrue(project[key])
        self.assertEqual(project["language"], "c++")
        self.assertEqual(project["architectures"], ["x86_64"])
        self.assertEqual(project["fuzzing_engines"], service.ENGINES)
        # Coverage is measured without being asked for, and Centipede's plain build is made.
        self.assertEqual([*project["sanitizers"], "coverage", service.PLAIN], service.SANITIZERS)

    def test_cluster_fuzz_lite(self):
        project = read_yaml(ROOT / ".clusterfuzzlite" / "project.yaml")
        self.assertEqual(project["language"], "c++")

    def test_both_build_on_one_system(self):
        for folder in ("oss-fuzz", ".clusterfuzzlite"):
            system = read_yaml(ROOT / folder / "project.yaml")["base_os_version"]
            image = (ROOT / folder / "Dockerfile").read_text()
            self.assertIn(f"FROM gcr.io/oss-fuzz-base/base-builder:{system}\n", image)
            self.assertIn("$SRC/mailproof", image)


if __name__ == "__main__":
    unittest.main()
