"""`mailproof test` and `mailproof bugs`: one CTest run over the builds of several presets.

A folder with nothing but a CTestTestfile.cmake joins the builds. The names of the tests begin with
their preset, so they do not collide, and CTest's own summary covers them all and comes last.
"""

import os
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from commands.kit import build, documents, jsonfile, packages, project, unchanged
from commands.kit.child import run, run_through
from commands.kit.console import EXIT_FINDING, EXIT_OK, CommandError, say

QUICK_PRESETS = ["dev", "asan-ubsan", "tsan"]
# The tests with real fuzzers build one target in each of the fuzzers' presets.
FULL_PRESETS = [*QUICK_PRESETS, "dev-gcc", "libcxx", "release"]
BUG_PRESETS = ["asan-ubsan", "tsan", "dev"]

# CMake targets: what the quick tier runs, what only the full one does, and the planted bugs; of one
# bug, bugs_NAME.
QUICK_TARGET = "quick"
FULL_TARGET = "full"
BUGS_TARGET = "bugs"

NO_RESULTS = "<testsuite/>"

TABLE_FILE = project.ROOT / "docs" / "tests.md"
TABLE_BEGIN = "<!-- written by ./mailproof test --{tier} --docs -->"
TABLE_END = "<!-- end of what test --{tier} writes -->"


def run_test(options) -> int:
    """The quick tier, or the full one; writes what it measured where it is asked to."""
    jsonfile.check(options.json)
    start = time.monotonic()
    presets = FULL_PRESETS if options.full else QUICK_PRESETS
    builds = _build(presets, [QUICK_TARGET, FULL_TARGET] if options.full else [QUICK_TARGET])
    selection = [] if options.full else ["--label-exclude", "^full$"]
    if options.regex:
        selection += ["--tests-regex", options.regex]
    runs_all = bool(options.again or options.regex or options.docs)
    status, results = _run(project.BUILD / "suite", presets, selection, runs_all)
    results["builds"] = builds
    results["seconds"] = round(time.monotonic() - start)
    jsonfile.write(options.json, results)
    if options.docs:
        tier = "full" if options.full else "quick"
        documents.replace_between(TABLE_FILE, TABLE_BEGIN.format(tier=tier),
                                  TABLE_END.format(tier=tier), table(results, tier))
    return status


def run_bugs(options) -> int:
    """Every planted bug, or those that are named."""
    known = sorted(path.stem for path in (project.ROOT / "bugs").glob("*/*.bug"))
    for name in options.names:
        if name not in known:
            raise CommandError(f"no seeded bug '{name}' in bugs/; there are: {', '.join(known)}")
    selection = ["--label-regex", "^bugs$"]
    if options.names:
        selection += ["--tests-regex", f"/bugs/({'|'.join(options.names)})(/|$)"]
    _build(BUG_PRESETS, [f"{BUGS_TARGET}_{name}" for name in options.names] or [BUGS_TARGET])
    runs_all = bool(options.again or options.names)
    status, _ = _run(project.BUILD / "suite-bugs", BUG_PRESETS, selection, runs_all)
    return status


def read_results(junit: str) -> dict:
    """CTest's JUnit file as the content of the JSON file."""
    tests = [{"name": case.get("name"), "status": _status(case), "seconds": float(case.get("time"))}
             for case in ElementTree.fromstring(junit).iter("testcase")]
    statuses = [test["status"] for test in tests]
    return {"tests": tests, "passed": statuses.count("passed"), "failed": statuses.count("failed")}


def check_that_all_ran(names: list[str], results: dict) -> None:
    """Raises CommandError if CTest has left out a test that was due, or ran another one."""
    ran = {test["name"] for test in results["tests"]}
    wrong = sorted(ran.symmetric_difference(names))
    if wrong:
        raise CommandError(f"CTest ran {len(ran)} of {len(names)} tests that were due; "
                           f"the first that differs: {wrong[0]}")


def parallel_tests() -> int:
    """One more than processors, because many tests wait for a time to pass."""
    return (os.cpu_count() or 1) + 1


def table(results: dict, tier: str) -> str:
    """What a run measured, as Markdown: a row for each build and each group of tests."""
    rows = [("part", "tests", "seconds"), ("---", "---:", "---:")]
    rows += [(f"build {preset}", "", f"{seconds:.0f}")
             for preset, seconds in results["builds"].items()]
    groups: dict[str, list[float]] = {}
    for test in results["tests"]:
        groups.setdefault(test["name"].split("/")[1], []).append(test["seconds"])
    rows += [(f"`{group}`", str(len(times)), f"{sum(times):.0f}")
             for group, times in sorted(groups.items(), key=lambda item: -sum(item[1]))]
    rows.append((f"**the {tier} tier, {parallel_tests()} tests at a time**",
                 str(len(results["tests"])), f"**{results['seconds']}**"))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _build(presets: list[str], targets: list[str]) -> dict[str, float]:
    """Builds them one by one. Returns the seconds that each took."""
    packages.ensure()
    seconds = {}
    for number, preset in enumerate(presets, start=1):
        say(f"{number} of {len(presets)} builds: {preset}")
        start = time.monotonic()
        build.build(preset, targets)
        seconds[preset] = round(time.monotonic() - start, 1)
    return seconds


def _run(folder: Path, presets: list[str], selection: list,
         runs_all: bool) -> tuple[int, dict]:
    """The exit status of CTest over the builds, and what it wrote. Leaves out the tests that have
    passed and that nothing has changed for, unless `runs_all`."""
    _join(folder, presets)
    kept = folder / "passed.json"
    tests = _tests(folder, selection)
    digests_of = unchanged.Digests([project.BUILD / preset for preset in presets])
    digests = {test.name: digests_of.of(test) for test in tests}
    passed = unchanged.load(kept)
    due = [test for test in tests if runs_all or passed.get(test.name) != digests[test.name]]
    if len(due) < len(tests):
        say(f"{len(tests) - len(due)} of {len(tests)} tests have passed, and nothing has changed for "
            f"them; {len(due)} to run (--again runs all)")
        # No range, and the numbers.
        numbers = ",".join(["0,0,0", *(str(test.number) for test in due)])
        selection = [*selection, "--tests-information", numbers]
    status, results = EXIT_OK, read_results(NO_RESULTS)
    if due or not tests:
        status, results = _run_ctest(folder, selection)
    check_that_all_ran([test.name for test in due], results)
    unchanged.store(kept, passed, {test.name: digests[test.name] for test in due}, results)
    return status, results | {"unchanged": len(tests) - len(due)}


def _run_ctest(folder: Path, selection: list) -> tuple[int, dict]:
    junit = folder / "results.xml"
    command = ["ctest", "--test-dir", folder, "--parallel", str(parallel_tests()),
               "--output-on-failure", "--no-tests=error", "--output-junit", junit, *selection]
    status = EXIT_OK if run_through(command) == 0 else EXIT_FINDING
    return status, read_results(junit.read_text(errors="replace") if junit.exists() else NO_RESULTS)


def _tests(folder: Path, selection: list) -> list[unchanged.Test]:
    listing = ["ctest", "--test-dir", folder, *selection, "--show-only=json-v1"]
    return unchanged.read_tests(run(listing).output)


def _join(folder: Path, presets: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.xml").unlink(missing_ok=True)
    lines = [f'subdirs("{project.BUILD / preset}")\n' for preset in presets]
    (folder / "CTestTestfile.cmake").write_text("".join(lines))


def _status(case: ElementTree.Element) -> str:
    """A test whose program is missing did not run, which CTest counts as failed; so do we."""
    if case.get("status") == "run":
        return "passed"
    skipped = case.find("skipped")
    if case.get("status") == "disabled" or (skipped is not None and _asked_to_skip(skipped)):
        return "skipped"
    return "failed"


def _asked_to_skip(skipped: ElementTree.Element) -> bool:
    return skipped.get("message", "").startswith("SKIP_")
