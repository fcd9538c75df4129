"""The output for a person: plain lines, progress, tables, and the one-line error.

Control codes are printed only if standard output is a terminal, and then only those that move the
cursor back, so that the progress overwrites itself. There are no colours.
"""

import itertools
import shutil
import sys
import time

EXIT_OK = 0
EXIT_FINDING = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

PLAIN_PROGRESS_INTERVAL_SECONDS = 15


class CommandError(Exception):
    """Ends the command with one line on standard error and exit status 2."""


def say(line: str = "") -> None:
    """Prints a line to standard output."""
    print(line, flush=True)


def complain(line: str) -> None:
    """Prints a line to standard error, after the command's name."""
    print(f"mailproof: {line}", file=sys.stderr, flush=True)


class Progress:
    """Shows how far the work is. A terminal shows the line with its details below, overwritten each
    time; otherwise the line alone is printed every 15 seconds at most."""

    def __init__(self) -> None:
        self._widths: list[int] = []
        self._last_plain = time.monotonic()

    def show(self, line: str, details: str = "") -> None:
        """Shows the line; on a terminal also the details, one per line."""
        if sys.stdout.isatty():
            size = shutil.get_terminal_size()
            lines = [line, *details.splitlines()][: size.lines - 1]
            self._overwrite([text[: size.columns - 1] for text in lines])
        elif time.monotonic() - self._last_plain >= PLAIN_PROGRESS_INTERVAL_SECONDS:
            self._last_plain = time.monotonic()
            say(line)

    def clear(self) -> None:
        """Removes the progress from a terminal."""
        if self._widths:
            self._overwrite([])
            sys.stdout.write(self._to_the_top())
            sys.stdout.flush()
            self._widths = []

    def _overwrite(self, lines: list[str]) -> None:
        """Replaces the last text, and blanks what a longer one has left."""
        cells = itertools.zip_longest(lines, self._widths, fillvalue=None)
        padded = [(line or "").ljust(width or 0) for line, width in cells]
        sys.stdout.write(self._to_the_top() + "\n".join(padded))
        sys.stdout.flush()
        self._widths = [len((line or "").rstrip()) for line in padded]

    def _to_the_top(self) -> str:
        up = len(self._widths) - 1
        return f"\r\x1b[{up}A" if up > 0 else "\r"


def format_table(header: list[str], rows: list[list[str]]) -> str:
    """A table. The first column has names, the others have numbers."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]

    def line(row: list[str]) -> str:
        name, *numbers = row
        cells = [name.ljust(widths[0])]
        cells += [number.rjust(width) for number, width in zip(numbers, widths[1:])]
        return "  ".join(cells).rstrip()

    return "\n".join([line(header), line(["-" * width for width in widths]), *map(line, rows)])


def count(number: int, noun: str) -> str:
    """'1 input', '2,000 inputs'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
