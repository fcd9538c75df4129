"""The search for the first bad commit, in a stand-in checkout with a history."""

import re
import shutil
import textwrap
import unittest

from support import REPLAY_BINARY, StandInCase, commit_all, git

# "Builds" the tree that it is told to: copies its program.
CMAKE = """
    import os, pathlib, shutil, sys
    words = sys.argv[1:]
    if "-S" in words:
        tree = pathlib.Path(words[words.index("-S") + 1])
        (tree / "build" / "asan-ubsan" / "bin").mkdir(parents=True, exist_ok=True)
    if words[0] == "--build" and os.path.isabs(words[1]):
        folder = pathlib.Path(words[1])
        source = folder.parents[1] / "program"
        if not source.exists():
            sys.exit("does not build")
        shutil.copy(source, folder / "bin" / "demo")
"""


class Bisect(StandInCase):
    """A checkout with ten commits; `bad` tells from which one on the program fails."""

    def commit(self, number: int, program: str | None) -> str:
        path = self.checkout.root / "program"
        if program is None:
            path.unlink(missing_ok=True)
        else:
            self.checkout.program("program", f"# {number}\n{textwrap.dedent(program)}")
        commit_all(self.checkout.root, f"Commit {number}")
        return git(self.checkout.root, "rev-parse", "HEAD").strip()

    def history(self, bad: int, broken: tuple[int, ...] = ()) -> list[str]:
        self.checkout.program("bin/cmake", CMAKE)
        (self.checkout.root / "bin" / "git").symlink_to(shutil.which("git"))
        self.checkout.write(".gitignore", b"/build/\n/findings/\n__pycache__/\nruns\nout.json\n")
        git(self.checkout.root, "init", "-q")
        self.checkout.write("findings/demo/a", b"BUGabcd")
        return [self.commit(number, None if number in broken else
                            REPLAY_BINARY if number >= bad else "pass")
                for number in range(10)]

    def bisect(self, *words: str) -> str:
        result = self.checkout.run("triage", *words)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertFalse((self.checkout.root / "build/bisect/demo").exists())
        return re.search(r"first bad: (.*)", result.stdout)[1]

    def test_the_first_bad_commit(self):
        for bad in (6, 9):
            with self.subTest(bad=bad):
                self.setUp()
                self.history(bad)
                self.assertRegex(self.bisect("--bisect"), rf"^[0-9a-f]+ Commit {bad}$")

    def test_a_good_commit_that_is_given(self):
        commits = self.history(5)
        self.assertRegex(self.bisect("--bisect", commits[2]), r" Commit 5$")
        self.assert_one_line(self.checkout.run("triage", "--bisect", commits[7]),
                             "shows the failure too")
        self.assert_one_line(self.checkout.run("triage", "--bisect", "no-such"), "not a commit")

    def test_a_commit_that_does_not_build(self):
        self.history(5, broken=(4, 7))
        self.assertRegex(self.bisect("--bisect"),
                         r" Commit 5 or one of the 1 before it, which do not build$")

    def test_a_failure_from_the_beginning_and_one_that_is_not_committed(self):
        self.history(0)
        self.assertRegex(self.bisect("--bisect"), r" Commit 0 \(there is no earlier one\)$")
        self.setUp()
        self.history(99)
        self.assertIn("none: HEAD does not show it", self.bisect("--bisect"))

    def test_tried_commits_are_not_tried_again(self):
        self.history(6)
        first = self.bisect("--bisect")
        self.checkout.program("bin/cmake", "import sys\nsys.exit(0 if '-S' not in sys.argv else 1)")
        self.assertEqual(self.bisect("--bisect"), first)


if __name__ == "__main__":
    unittest.main()
