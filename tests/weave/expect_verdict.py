"""expect_verdict.py SOURCE PROGRAM: passes if exploring PROGRAM gives the verdict that SOURCE names.

Also that the exit status belongs to it, and that a finding comes with its timeline.
"""

import os
import re
import subprocess
import sys

EXIT_OK = 0
EXIT_FINDING = 66
LAST_LINE = re.compile(r"weave: ([a-z-]+) executions=\d+ complete=(?:yes|no) seconds=[\d.]+")


def field(source: str, name: str) -> str:
    found = re.search(rf"^// {name}: (.+)$", source, re.MULTILINE)
    if found is None:
        sys.exit(f"the file has no line '// {name}: '")
    return found.group(1).strip()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        source = file.read()
    expected = field(source, "verdict")
    options = ":".join(field(source, "options").split())
    run = subprocess.run(sys.argv[2:], env={**os.environ, "WEAVE_OPTIONS": options}, text=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         check=False)
    lines = run.stderr.splitlines()
    last = LAST_LINE.fullmatch(lines[-1] if lines else "")
    print(f"WEAVE_OPTIONS={options} {sys.argv[2]}\n{run.stderr}")
    if last is None:
        sys.exit("the last line is not weave's")
    if last.group(1) != expected:
        sys.exit(f"expected {expected}, but the verdict is {last.group(1)}")
    if run.returncode != (EXIT_OK if expected == "ok" else EXIT_FINDING):
        sys.exit(f"the exit status {run.returncode} does not belong to {expected}")
    if expected != "ok" and "\ntimeline" not in run.stderr:
        sys.exit("the finding has no timeline")


if __name__ == "__main__":
    main()
