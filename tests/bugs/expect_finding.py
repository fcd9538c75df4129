"""expect_finding.py BUG_FILE COMMAND...: passes if the command reports the bug.

Races depend on timing, so a program that finds nothing is run again, up to ATTEMPTS times; and what
a fault breaks may be the program's own way to its end, so one that hangs is run once more.
"""

import subprocess
import sys

from bug_file import Bug

ATTEMPTS = 10
HANGS_MAX = 2
# The same run without the bug takes about a second.
SECONDS_MAX = 120
SECONDS_UNTIL_HANG = 30


def main():
    bug = Bug(sys.argv[1])
    report = ""
    hangs = 0
    seconds = SECONDS_UNTIL_HANG if bug.verdict == "hang" else SECONDS_MAX
    for _ in range(ATTEMPTS):
        try:
            run = subprocess.run(sys.argv[2:], capture_output=True, text=True, errors="replace",
                                 stdin=subprocess.DEVNULL, timeout=seconds)
        except subprocess.TimeoutExpired:
            report = f"hang: no verdict within {seconds} s"
            hangs += 1
            if bug.verdict == "hang" or hangs == HANGS_MAX:
                break
            continue
        report = run.stderr + run.stdout
        if run.returncode != 0:
            break
    else:
        sys.exit(f"{bug.name}: survived. {bug.why}\nGuarantee: {bug.guarantee}")
    if bug.verdict not in report:
        sys.exit(f"{bug.name}: expected the verdict '{bug.verdict}', but the report is\n{report}")
    print(f"{bug.name}: caught, {bug.verdict}\n{report[:2000]}")


if __name__ == "__main__":
    main()
