"""expect_finding.py BUG_FILE NUMBER COMMAND...: passes if the command reports the bug, as its check
NUMBER (from 0) says.

The environment variable MAILPROOF_FAULT chooses the bug in a program that has several.

Races depend on timing, so a program that finds nothing is run again, up to ATTEMPTS times. What a
fault breaks may be the program's own way to its end, so a program that never ends is killed and run
again; that counts as a finding only where the bug lists the verdict "hang".
"""

import shlex
import subprocess
import sys

from bug_file import Bug

ATTEMPTS = 10
HANG = "hang"
# Without the bug the same run takes about a second; a loaded machine needs more.
SECONDS_UNTIL_HANG = 60
HANGS_MAX = 3


def main():
    bug = Bug(sys.argv[1])
    check = bug.checks[int(sys.argv[2])]
    command, choice = sys.argv[3:], f"MAILPROOF_FAULT={bug.name}"
    report = attempt(check, ["env", choice, *command])
    reproduce = f"reproduce: {choice} {shlex.join(command)}"
    if report is None:
        sys.exit(f"{bug.name}: survived. {bug.why}\nGuarantee: {bug.guarantee}\n{reproduce}")
    seen = [verdict for verdict in check.verdicts if verdict in report]
    if not seen:
        expected = "' or '".join(check.verdicts)
        sys.exit(f"{bug.name}: expected '{expected}', but the report is\n{report}\n{reproduce}")
    print(f"{bug.name}: caught, {seen[0]}\n{report[:2000]}")


def attempt(check, command):
    """The report of the first run that is red; None if all are green."""
    hangs = 0
    for _ in range(ATTEMPTS):
        try:
            run = subprocess.run(command, capture_output=True, text=True, errors="replace",
                                 stdin=subprocess.DEVNULL, timeout=SECONDS_UNTIL_HANG)
        except subprocess.TimeoutExpired:
            hangs += 1
            if HANG in check.verdicts or hangs == HANGS_MAX:
                return f"{HANG}: no verdict within {SECONDS_UNTIL_HANG} s"
            continue
        if run.returncode != 0:
            return run.stderr + run.stdout
    return None


if __name__ == "__main__":
    main()
