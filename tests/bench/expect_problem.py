#!/usr/bin/env python3
"""Runs a short round of a scheduler benchmark and checks what it says is wrong.

    expect_problem.py PROBLEM PROGRAM [ARGUMENT...]

Every case has to name the problem, or none for `good`, and has to have figures of both schedulers.
"""
import json
import subprocess
import sys

SECONDS_MAX = 150
SHORT = ["--pairs=1", "--tasks=3000"]


def failures_of(case, expected):
    if case["problem"] != expected:
        yield f"{case['name']}: '{case['problem']}', expected '{expected}'"
    for name, figure in case["figures"].items():
        if not figure["product"] or min(figure["product"] + figure["baseline"]) <= 0:
            yield f"{case['name']}: no {name}"


def main(problem, *command):
    run = subprocess.run([*command, *SHORT], check=True, timeout=SECONDS_MAX,
                         stdout=subprocess.PIPE, text=True)
    cases = json.loads(run.stdout)["cases"]
    expected = "" if problem == "good" else problem
    failures = [line for case in cases for line in failures_of(case, expected)]
    if not cases:
        failures.append("no case ran")
    print("\n".join(failures) or f"{len(cases)} cases as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
