"""Explores a program and demands a verdict.

    expect_verdict.py SOURCE PROGRAM      the verdict and options in the first lines of SOURCE
    expect_verdict.py --verdict V --options O [--steps-min N] PROGRAM

Also demands the exit status of that verdict, and of a finding a timeline and a schedule whose replay
gives the same report. A minimum number of steps reveals code that should be instrumented and is not.
"""

import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

EXIT_FINDING = 66
EXIT_STATUS = {"ok": 0, "limit": 65, "unsupported": 65}
LAST_LINE = re.compile(r"weave: ([a-z-]+) executions=\d+ complete=(?:yes|no) seconds=[\d.]+ optimised=(?:yes|no)"
                       r"(?: blocked=\d+)?"
                       r"(?: found-by=[a-z]+ found-after=\d+)?")


def field(source: str, name: str) -> str:
    found = re.search(rf"^// {name}: (.+)$", source, re.MULTILINE)
    if found is None:
        sys.exit(f"the file has no line '// {name}: '")
    return found.group(1).strip()


def explore(program: str, options: str, folder: str) -> subprocess.CompletedProcess:
    return subprocess.run([program], env={**os.environ, "WEAVE_OPTIONS": options}, cwd=folder,
                          text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)


def report_of(run: subprocess.CompletedProcess) -> list[str]:
    """The finding and its timeline, without how many executions it took."""
    return [line for line in run.stderr.splitlines()
            if not line.startswith(("reproduce: ", "weave: searched as "))
            and not LAST_LINE.fullmatch(line)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--verdict")
    parser.add_argument("--options")
    parser.add_argument("--steps-min", type=int, default=0, metavar="N",
                        help="minimum number of steps of every execution")
    parser.add_argument("source", nargs="?")
    parser.add_argument("program")
    arguments = parser.parse_args()
    expected, options = arguments.verdict, arguments.options
    if arguments.source is not None:
        with open(arguments.source, encoding="utf-8") as file:
            source = file.read()
        expected = field(source, "verdict")
        options = ":".join(field(source, "options").split())
    with tempfile.TemporaryDirectory() as folder:
        figures = os.path.join(folder, "figures.json")
        run = explore(arguments.program, f"{options}:json={figures}", folder)
        with open(figures, encoding="utf-8") as file:
            steps_min = json.load(file)["steps_min"]
        schedules = glob.glob(f"{folder}/*.schedule")
        again = [explore(arguments.program, f"replay={path}", folder) for path in schedules]
    lines = run.stderr.splitlines()
    last = LAST_LINE.fullmatch(lines[-1] if lines else "")
    print(f"WEAVE_OPTIONS={options} {arguments.program}\n{run.stderr}")
    if last is None:
        sys.exit("the last line is not weave's")
    if last.group(1) != expected:
        sys.exit(f"expected {expected}, but the verdict is {last.group(1)}")
    if steps_min < arguments.steps_min:
        sys.exit(f"an execution made {steps_min} steps, fewer than {arguments.steps_min}: is all of its code "
                 "instrumented?")
    if run.returncode != EXIT_STATUS.get(expected, EXIT_FINDING):
        sys.exit(f"the exit status {run.returncode} is not that of {expected}")
    if expected != "ok" and "\ntimeline" not in run.stderr:
        sys.exit("the finding has no timeline")
    if len(schedules) != (0 if expected == "ok" else 1):
        sys.exit(f"{len(schedules)} schedules were kept, not {0 if expected == 'ok' else 1}")
    for replay in again:
        if report_of(replay) != report_of(run):
            sys.exit(f"the replay gives another report:\n{replay.stderr}")


if __name__ == "__main__":
    main()
