"""plant.py BUG_FILE SRC DESTINATION: writes SRC with the bug in it below DESTINATION."""

import pathlib
import sys

from bug_file import BadBug, Bug


def main():
    bug_file, source, destination = map(pathlib.Path, sys.argv[1:])
    try:
        Bug(bug_file).plant(source, destination)
    except BadBug as error:
        sys.exit(f"plant.py: error: {error}")
    (destination / "planted").touch()


if __name__ == "__main__":
    main()
