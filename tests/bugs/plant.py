"""plant.py [--switched] ROOT DESTINATION BUG_FILE...: writes src/ and sim/ with a bug in them below
DESTINATION; with --switched, with all the bugs, each behind its switch."""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from bug_file import BadBug, Bug  # noqa: E402
from switched import plant_switched  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--switched", action="store_true")
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("destination", type=pathlib.Path)
    parser.add_argument("bug", nargs="+")
    options = parser.parse_args()
    if len(options.bug) > 1 and not options.switched:
        parser.error("more than one bug needs --switched")
    try:
        bugs = [Bug(path) for path in options.bug]
        if options.switched:
            plant_switched(bugs, options.root, options.destination)
        else:
            bugs[0].plant(options.root, options.destination)
    except BadBug as error:
        sys.exit(f"plant.py: error: {error}")
    (options.destination / "planted").touch()


if __name__ == "__main__":
    main()
