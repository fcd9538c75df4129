#!/usr/bin/env python3
"""Plants one fault at a time in a public header and expects the check to report it."""
import pathlib
import tempfile
import unittest

from alone import jobs_for, problems_of

FAULTS = {
    "an include is missing": "inline std::atomic<int> count;\n",
    "an old cast": "inline int half(double d) { return (int)d / 2; }\n",
    "a conversion that loses bits": "inline int half(long l) { int i = l; return i / 2; }\n",
    "a shadowed name": "inline int f(int x) { { int x = 1; static_cast<void>(x); } return x; }\n",
    "a parameter that nothing uses": "inline int f(int x) { return 1; }\n",
}
KERNEL_FAULTS = {"C++20": "consteval int one() { return 1; }\n"}


def problems_with(text, name="wait_list.h"):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        (root / "src").mkdir()
        (root / "src" / name).write_text("#pragma once\n" + text, encoding="utf-8")
        return {compiler: problems_of(compiler, root, jobs_for(root, "c++20", "c++17"))
                for compiler in ("clang++-19", "g++-12")}


class PlantedFaults(unittest.TestCase):
    def test_a_clean_header_passes(self):
        for compiler, problems in problems_with("inline int one() { return 1; }\n").items():
            self.assertEqual(problems, [], compiler)

    def test_each_fault_is_reported(self):
        for fault, text in FAULTS.items():
            for compiler, problems in problems_with(text).items():
                self.assertEqual(len(problems), 1, f"{compiler}: {fault}")

    def test_a_header_for_kernels_is_compiled_once_more(self):
        for fault, text in KERNEL_FAULTS.items():
            for compiler, problems in problems_with(text, "pto_constants.h").items():
                self.assertEqual(len(problems), 1, f"{compiler}: {fault}")
                self.assertIn("-ffreestanding", problems[0])


if __name__ == "__main__":
    unittest.main()
