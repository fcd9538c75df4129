#!/usr/bin/env python3
"""Runs a canary and passes only if its failure was reported as it should be: with that exit code,
which tells a report from a crash or a program that did not start, with that text, and without the
text that would mean that it went on."""
import argparse
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exit-code", type=int, required=True)
    parser.add_argument("--text", required=True)
    parser.add_argument("--absent", help="text that must not be printed")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    run = subprocess.run(options.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, errors="replace", check=False)
    print(run.stdout)
    problems = []
    if run.returncode != options.exit_code:
        problems.append(f"exit code {run.returncode}, expected {options.exit_code}")
    if options.text not in run.stdout:
        problems.append(f"no line with: {options.text}")
    if options.absent and options.absent in run.stdout:
        problems.append(f"went on: {options.absent}")
    for problem in problems:
        print(f"canary not reported: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
