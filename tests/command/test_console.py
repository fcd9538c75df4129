"""Tables, counts, and a progress line that uses control codes on a terminal only."""

import io
import os
import unittest
from unittest import mock

import support  # noqa: F401, puts the checkout on the module path
from commands.kit import console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class ProgressLine(unittest.TestCase):
    def written(self, stream: io.StringIO, seconds: list[float]) -> str:
        with mock.patch("sys.stdout", stream), mock.patch("time.monotonic", side_effect=seconds):
            progress = console.Progress()
            progress.show("a long first line")
            progress.show("short")
            progress.clear()
        return stream.getvalue()

    def test_a_terminal_line_overwrites_itself_and_leaves_nothing(self):
        text = self.written(Terminal(), [0.0])
        self.assertEqual(text.split("\r")[1:3], ["a long first line", "short".ljust(17)])
        self.assertEqual(text.split("\r")[3:], [" " * 5, ""])

    def test_a_table_overwrites_itself_and_leaves_nothing(self):
        stream = Terminal()
        with mock.patch("sys.stdout", stream):
            progress = console.Progress()
            progress.show("first", "one\ntwo")
            progress.show("second", "3")
            progress.clear()
        up = "\r\x1b[2A"
        self.assertEqual(stream.getvalue().split(up), [
            "\rfirst\none\ntwo", "second\n3  \n   ", " " * 6 + "\n \n", ""])

    def test_a_table_that_is_higher_than_the_terminal_is_cut(self):
        stream = Terminal()
        size = os.terminal_size((20, 3))
        with mock.patch("sys.stdout", stream), mock.patch("shutil.get_terminal_size",
                                                          return_value=size):
            console.Progress().show("first", "one\ntwo\nthree")
        self.assertEqual(stream.getvalue(), "\rfirst\none")

    def test_elsewhere_a_table_is_not_shown(self):
        stream = io.StringIO()
        seconds = [0.0, console.PLAIN_PROGRESS_INTERVAL_SECONDS, 100.0]
        with mock.patch("sys.stdout", stream), mock.patch("time.monotonic", side_effect=seconds):
            console.Progress().show("line", "table")
        self.assertEqual(stream.getvalue(), "line\n")

    def test_elsewhere_it_is_a_plain_line_now_and_then(self):
        interval = console.PLAIN_PROGRESS_INTERVAL_SECONDS
        text = self.written(io.StringIO(), [0.0, 1.0, interval + 1.0, interval + 1.0])
        self.assertEqual(text, "short\n")


class Tables(unittest.TestCase):
    def test_names_left_numbers_right(self):
        table = console.format_table(["target", "runs"], [["a", "1,000,000"], ["longer name", "7"]])
        self.assertEqual(table.splitlines(), [
            "target            runs",
            "-----------  ---------",
            "a            1,000,000",
            "longer name          7",
        ])

    def test_counts(self):
        self.assertEqual(console.count(1, "input"), "1 input")
        self.assertEqual(console.count(2000, "input"), "2,000 inputs")


if __name__ == "__main__":
    unittest.main()
