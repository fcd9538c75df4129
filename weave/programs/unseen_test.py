"""Holds the table of functions that weave does not see against the runtime and the C library.

    unseen_test.py LIBRARY    LIBRARY is libweave.a

A name that an entry point defines is seen after all, one that the C library does not have is
misspelt. The README names only some of the table.
"""

import ctypes
import re
import subprocess
import sys
import unittest
from pathlib import Path

import supported

RUNTIME = sys.argv.pop()
README = Path(__file__).resolve().parents[1] / "README.md"


class Unseen(unittest.TestCase):
    def setUp(self):
        self.names = [name for names in supported.unseen().values() for name in names]

    def test_no_entry_point_defines_one(self):
        listed = subprocess.run(["nm", "--defined-only", "--extern-only", "--format=posix", RUNTIME],
                                capture_output=True, text=True, check=False).stdout
        defined = {line.split()[0] for line in listed.splitlines() if line.count(" ") >= 2}
        self.assertIn("strlen", defined)
        self.assertEqual(sorted(defined.intersection(self.names)), [])

    def test_the_c_library_has_each(self):
        library = ctypes.CDLL("libc.so.6")
        self.assertEqual([name for name in self.names if not hasattr(library, name)], [])

    def test_none_is_there_twice(self):
        self.assertEqual(len(self.names), len(set(self.names)))

    def test_the_readme_names_only_those(self):
        bullet = re.search(r"- \*\*The C library\*\*.*?(?=\n- )", README.read_text(encoding="utf-8"),
                           re.DOTALL)
        self.assertIsNotNone(bullet)
        unseen = bullet.group(0).split("Not seen are", 1)[1]
        named = re.findall(r"`(\w+)\(\)`", unseen)
        self.assertGreater(len(named), 3)
        self.assertEqual([name for name in named if name not in self.names], [])


if __name__ == "__main__":
    unittest.main()
