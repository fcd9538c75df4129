"""plant.py BUG_FILE ROOT DESTINATION: writes src/ and sim/ with the bug in them below DESTINATION."""

import pathlib
import sys

from bug_file import BadBug, Bug


def main():
    bug_file, root, destination = map(pathlib.Path, sys.argv[1:])
    try:
        Bug(bug_file).plant(root, destination)
    except BadBug as error:
        sys.exit(f"plant.py: error: {error}")
    (destination / "planted").touch()


if __name__ == "__main__":
    main()
