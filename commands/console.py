"""What a person sees: plain lines, one progress line, tables, and the one-line error.

Nothing here prints a colour or a control code unless standard output is a terminal; even there the
only one is the carriage return that lets the progress line overwrite itself.
"""

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
    print(line, flush=True)


def complain(line: str) -> None:
    print(f"mailproof: {line}", file=sys.stderr, flush=True)


class Progress:
    """One line that says how far the work is: overwritten on a terminal, repeated now and then
    elsewhere."""

    def __init__(self) -> None:
        self._width = 0
        self._last_plain = time.monotonic()

    def show(self, text: str) -> None:
        if sys.stdout.isatty():
            text = text[: shutil.get_terminal_size().columns - 1]
            self._overwrite(text)
        elif time.monotonic() - self._last_plain >= PLAIN_PROGRESS_INTERVAL_SECONDS:
            self._last_plain = time.monotonic()
            say(text)

    def clear(self) -> None:
        if self._width:
            self._overwrite("")
            self._overwrite("")

    def _overwrite(self, text: str) -> None:
        sys.stdout.write("\r" + text.ljust(self._width))
        sys.stdout.flush()
        self._width = len(text)


def format_table(header: list[str], rows: list[list[str]]) -> str:
    """Columns as wide as their widest cell; the first is a name, the others are numbers."""
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
