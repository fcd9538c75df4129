"""What a build says while it runs, and what it keeps for the next one."""

import json
import unittest

from support import StandInCase
from commands.kit import build
from commands.kit.build import LastBuild, Steps

LAST = "build/asan-ubsan/last-build.json"
CMAKE = """
    import sys
    if "--build" in sys.argv:
        print("[1/2] Building CXX object a.cpp.o\\n[2/2] Linking CXX executable a")
"""


class Line(unittest.TestCase):
    def test_it_has_what_is_done_what_is_left_and_the_last_time(self):
        self.assertEqual(build.progress_line("tsan", Steps(120, 310), 44, LastBuild(125, 310)),
                         "building tsan: 120 of 310, about 1:10 left, last time 2:05")

    def test_a_last_build_of_another_size_says_so(self):
        self.assertEqual(build.progress_line("tsan", Steps(1, 2), 3, LastBuild(125, 310)),
                         "building tsan: 1 of 2, about 0:03 left, last time 2:05 for 310 steps")

    def test_before_the_first_step_nothing_is_guessed(self):
        self.assertEqual(build.progress_line("dev", Steps(), 9, None), "building dev: configuring")
        self.assertEqual(build.progress_line("dev", Steps(), 9, LastBuild(125, 310)),
                         "building dev: configuring, last time 2:05")
        self.assertEqual(build.progress_line("dev", Steps(0, 310), 9, None),
                         "building dev: 0 of 310")

    def test_the_last_count_of_the_log_is_the_one(self):
        log = "[1/9] Building\nwarning: [7/8] is not a step\n[2/9] Building\nnote\n"
        self.assertEqual(build.steps_in(log), Steps(2, 9))
        self.assertEqual(build.steps_in("-- Configuring done\n"), Steps())


class Kept(StandInCase):
    def kept(self):
        return json.loads((self.checkout.root / LAST).read_text())

    def test_a_build_keeps_its_time_and_its_steps(self):
        self.checkout.program("bin/cmake", CMAKE)
        self.assertEqual(self.checkout.run("replay").returncode, 0)
        self.assertEqual(self.kept()["steps"], 2)
        self.assertGreaterEqual(self.kept()["seconds"], 0)

    def test_a_small_build_and_one_with_nothing_to_do_keep_what_there_was(self):
        self.checkout.write(LAST, b'{"seconds": 125, "steps": 310}')
        for program in ("", CMAKE):
            self.checkout.program("bin/cmake", program)
            self.assertEqual(self.checkout.run("replay").returncode, 0)
            self.assertEqual(self.kept(), {"seconds": 125, "steps": 310})

    def test_a_file_that_cannot_be_read_counts_as_missing(self):
        self.checkout.write(LAST, b"[")
        self.assertEqual(self.checkout.run("replay").returncode, 0)


if __name__ == "__main__":
    unittest.main()
