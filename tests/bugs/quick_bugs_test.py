"""quick_bugs_test.py ROOT: the quick tier proves every check alive, with no bug more than that takes.

A check is a fuzz target, a stress job, or the units of a build. The fuzz targets and jobs of the tree
are all checks, so one without any bug is named too.
"""

import collections
import pathlib
import sys

from bug_file import all_bugs



def checks_of(root) -> set[str]:
    """The tree's: the canary fails on purpose."""
    targets = {path.stem for path in root.glob("fuzz/*.cpp")}
    jobs = {f"stress:{path.stem}" for path in root.glob("stress/*.cpp")}
    return (targets - {"canary"}) | jobs


def main():
    root = pathlib.Path(sys.argv[1])
    checks = [check for bug in all_bugs(root) for check in bug.checks]
    quick = collections.Counter(check.subject for check in checks if check.is_quick)
    missing = (checks_of(root) | {check.subject for check in checks}) - set(quick)
    if missing:
        sys.exit("no bug has a line 'quick: CHECK ...' for: " + ", ".join(sorted(missing)))
    twice = [subject for subject, count in quick.items() if count > 1]
    if twice:
        sys.exit("one 'quick' line will do for: " + ", ".join(sorted(twice)))
    print(f"{len(quick)} planted faults prove the checks alive: {', '.join(sorted(quick))}")


if __name__ == "__main__":
    main()
