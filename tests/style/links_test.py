#!/usr/bin/env python3
"""Plants documents that name files which are and are not there."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECKER = pathlib.Path(__file__).with_name("links.py")
GOOD = ("[a](page.md) [b](../src/ring.h#top) [c](https://example.org/x) `src/ring.h` `src/`\n"
        "`src/{ring,queue}.h` `src/NAME.h` `src/*.h` `build/dev/bin/x` `a/b`\n")
MISSING = ["[a](gone.md)", "[a](src/ring.h)", "`src/gone.h`", "`src/{ring,gone}.h`", "`src/gone/`",
           "`src/NAME.cpp`", "`src/gone_*.h`"]


def check(text):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, content in {"src/ring.h": "", "src/queue.h": "", "docs/page.md": text}.items():
            root.joinpath(name).parent.mkdir(exist_ok=True)
            root.joinpath(name).write_text(content, encoding="utf-8")
        subprocess.run(["git", "-C", root, "init", "-q"], check=True)
        subprocess.run(["git", "-C", root, "add", "."], check=True)
        return subprocess.run([sys.executable, CHECKER, root], capture_output=True, text=True,
                              check=False)


class LinksTest(unittest.TestCase):
    def test_a_document_that_names_what_is_there_passes(self):
        run = check(GOOD)
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_each_missing_file_is_named_by_file_and_line(self):
        for text in MISSING:
            with self.subTest(text=text):
                run = check("first line\n" + text + "\n")
                self.assertEqual(run.returncode, 1)
                self.assertRegex(run.stderr, r"^docs/page[.]md:2: \S+: no such file\n$")


if __name__ == "__main__":
    unittest.main()
