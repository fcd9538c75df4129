"""expect_finding.py BUG_FILE COMMAND...: passes if the command reports the bug.

Races depend on timing, so a program that finds nothing is run again, up to ATTEMPTS times.
"""

import subprocess
import sys

from bug_file import Bug

ATTEMPTS = 10
SECONDS_PER_ATTEMPT = 10


def main():
    bug = Bug(sys.argv[1])
    report = ""
    for _ in range(ATTEMPTS):
        try:
            run = subprocess.run(sys.argv[2:], capture_output=True, text=True, errors="replace",
                                 stdin=subprocess.DEVNULL, timeout=SECONDS_PER_ATTEMPT)
        except subprocess.TimeoutExpired:
            report = f"hang: no verdict within {SECONDS_PER_ATTEMPT} s"
            break
        report = run.stderr
        if run.returncode != 0:
            break
    else:
        sys.exit(f"{bug.name}: survived. {bug.why}\nGuarantee: {bug.guarantee}")
    if bug.verdict not in report:
        sys.exit(f"{bug.name}: expected the verdict '{bug.verdict}', but the report is\n{report}")
    print(f"{bug.name}: caught, {bug.verdict}\n{report[:2000]}")


if __name__ == "__main__":
    main()
