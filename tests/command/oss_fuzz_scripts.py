"""oss-fuzz/run_tests.sh and replay_build.sh after build.sh, in a copy of the tree and with the
service's variables only: they pass, leave the copy as it was, need no network where the system
allows taking it away, and see a planted bug.

Builds every fuzz target and the unit tests, which takes minutes.
"""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import ROOT, copy_tree, git
from commands.oss_fuzz import service
from commands.oss_fuzz.service import Pair

sys.path.insert(0, str(ROOT / "tests" / "bugs"))
from bug_file import Bug  # noqa: E402

SECONDS_MAX = 3600
BUG = ROOT / "bugs" / "mailbox" / "field_not_pushed.bug"
NO_NETWORK = ["unshare", "--map-root-user", "--net"]


class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = Path(folder.name).resolve()
        for name in ("work", "out", "fuzzer"):
            (cls.root / name).mkdir()
        cls.tree = cls.root / "src" / "mailproof"
        copy_tree(cls.tree)
        library = service.make_library("libfuzzer", cls.root / "fuzzer")
        cls.variables = service.build_variables(Pair("address", "libfuzzer"), library, cls.root)
        built = cls.script("build.sh")
        assert built.returncode == 0, built.stdout

    @classmethod
    def script(cls, name: str):
        can_isolate = subprocess.run([*NO_NETWORK, "true"], check=False,
                                     capture_output=True).returncode == 0
        return subprocess.run([*(NO_NETWORK if can_isolate else []), "bash", "-eu",
                               cls.tree / "oss-fuzz" / name], cwd=cls.tree, env=cls.variables,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=SECONDS_MAX)

    def state(self) -> str:
        return git(self.tree, "status", "--porcelain", "--ignored")

    def assert_passes(self, name: str) -> str:
        result = self.script(name)
        self.assertEqual(result.returncode, 0, result.stdout[-4000:])
        return result.stdout

    def test_twice_each_and_the_tree_is_as_it_was(self):
        before = self.state()
        # Another test may have put sources back.
        self.assert_passes("replay_build.sh")
        target = self.root / "out" / "mailbox_step"
        content = target.read_bytes()
        for _ in range(2):
            tested = self.assert_passes("run_tests.sh")
            self.assertIn("100% tests passed", tested)
            again = self.assert_passes("replay_build.sh")
            self.assertNotIn("Building CXX object", again)
        self.assertNotIn("Building CXX object", tested)
        self.assertEqual(self.state(), before)
        self.assertEqual(target.read_bytes(), content)

    def test_a_planted_bug_is_built_and_seen(self):
        self.addCleanup(git, self.tree, "checkout", "-q", "--", "src", "sim")
        with tempfile.TemporaryDirectory() as planted:
            Bug(BUG).plant(self.tree, Path(planted))
            for path in Path(planted).rglob("*.h"):
                own = self.tree / path.relative_to(planted)
                if own.read_bytes() != path.read_bytes():
                    shutil.copyfile(path, own)
        self.assertIn("Building CXX object", self.assert_passes("replay_build.sh"))
        failing = [seed for seed in sorted((self.tree / "corpus" / "mailbox_step").iterdir())
                   if subprocess.run([self.root / "out" / "mailbox_step", seed], check=False,
                                     capture_output=True, timeout=SECONDS_MAX).returncode]
        self.assertTrue(failing)
        result = self.script("run_tests.sh")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("tests failed", result.stdout)


if __name__ == "__main__":
    unittest.main()
