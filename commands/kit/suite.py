"""`mailproof test` and `mailproof bugs`: one CTest run over the builds of several presets.

A folder with nothing but a CTestTestfile.cmake joins the builds. The names of the tests begin with
their preset, so they do not collide, and CTest's own summary covers them all and comes last.
"""

import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from commands.kit import build, jsonfile, packages, project
from commands.kit.child import run_through
from commands.kit.console import EXIT_FINDING, EXIT_OK, CommandError

# The last four have the alarm's own tests: a planted finding must turn each of them red.
QUICK_PRESETS = ["dev", "dev-gcc", "libcxx", "asan-ubsan", "tsan", "fuzz", "fuzz-tsan", "afl",
                 "afl-asan"]
FULL_PRESETS = [*QUICK_PRESETS, "release"]
BUG_PRESETS = ["asan-ubsan", "tsan"]


def run_test(options) -> int:
    jsonfile.check(options.json)
    presets = FULL_PRESETS if options.full else QUICK_PRESETS
    selection = [] if options.full else ["--label-exclude", "^full$"]
    if options.regex:
        selection += ["--tests-regex", options.regex]
    folder = project.BUILD / "suite"
    results = folder / "results.xml"
    status = _run(folder, presets, [*selection, "--output-junit", results])
    if results.exists():
        jsonfile.write(options.json, read_results(results.read_text(errors="replace")))
    return status


def run_bugs(options) -> int:
    known = sorted(path.stem for path in (project.ROOT / "bugs").glob("*/*.bug"))
    for name in options.names:
        if name not in known:
            raise CommandError(f"no seeded bug '{name}' in bugs/; there are: {', '.join(known)}")
    selection = ["--label-regex", "^bugs$"]
    if options.names:
        selection += ["--tests-regex", f"/bugs/({'|'.join(options.names)})$"]
    return _run(project.BUILD / "suite-bugs", BUG_PRESETS, selection)


def read_results(junit: str) -> dict:
    """CTest's JUnit file as the content of the JSON file."""
    tests = [{"name": case.get("name"), "status": _status(case), "seconds": float(case.get("time"))}
             for case in ElementTree.fromstring(junit).iter("testcase")]
    statuses = [test["status"] for test in tests]
    return {"tests": tests, "passed": statuses.count("passed"), "failed": statuses.count("failed")}


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


def _run(folder: Path, presets: list[str], selection: list) -> int:
    packages.ensure()
    for preset in presets:
        build.build(preset)
    _join(folder, presets)
    command = ["ctest", "--test-dir", folder, "--parallel", str(os.cpu_count() or 1),
               "--output-on-failure", "--no-tests=error", *selection]
    return EXIT_OK if run_through(command) == 0 else EXIT_FINDING


def _join(folder: Path, presets: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.xml").unlink(missing_ok=True)
    lines = [f'subdirs("{project.BUILD / preset}")\n' for preset in presets]
    (folder / "CTestTestfile.cmake").write_text("".join(lines))
