"""Tables, counts, and a progress line that uses control codes on a terminal only."""

import io
import unittest
from unittest import mock

import support  # noqa: F401, puts the checkout on the module path
from commands import console


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
