"""oss-fuzz/run_tests.sh and replay_build.sh after build.sh, in a copy of the tree and with the
service's variables only: they pass, leave the copy as it was, need no network where the system
allows taking it away, and see a planted bug. The services have no ThreadSanitizer, so a weakened
memory order is what only a target under weave finds there; libFuzzer does so from the shipped seeds.

Builds every fuzz target and the unit tests, which takes minutes.
"""

import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

from support import ROOT, copy_tree, git
from commands.oss_fuzz import service
from commands.oss_fuzz.service import Pair

sys.path.insert(0, str(ROOT / "tests" / "bugs"))
from bug_file import Bug  # noqa: E402

SECONDS_MAX = 3600
# What libFuzzer gets to find a weakened memory order.
FUZZ_SECONDS = 60
BUG = ROOT / "bugs" / "mailbox" / "field_not_pushed.bug"
WEAKENED = ROOT / "bugs" / "mailbox" / "publish_relaxed.bug"
NO_NETWORK = ["unshare", "--map-root-user", "--net"]


class Built:
    """A copy of the tree that build.sh has built for one of the service's sanitizers."""

    sanitizer = ""

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
        cls.variables = service.build_variables(Pair(cls.sanitizer, "libfuzzer"), library, cls.root)
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

    def plant(self, bug: Path) -> None:
        self.addCleanup(git, self.tree, "checkout", "-q", "--", "src", "sim")
        with tempfile.TemporaryDirectory() as planted:
            Bug(bug).plant(self.tree, Path(planted))
            for path in Path(planted).rglob("*.h"):
                own = self.tree / path.relative_to(planted)
                if own.read_bytes() != path.read_bytes():
                    shutil.copyfile(path, own)


class Scripts(Built, unittest.TestCase):
    sanitizer = "address"

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
        self.plant(BUG)
        self.assertIn("Building CXX object", self.assert_passes("replay_build.sh"))
        failing = [seed for seed in sorted((self.tree / "corpus" / "mailbox_step").iterdir())
                   if subprocess.run([self.root / "out" / "mailbox_step", seed], check=False,
                                     capture_output=True, timeout=SECONDS_MAX).returncode]
        self.assertTrue(failing)
        result = self.script("run_tests.sh")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("tests failed", result.stdout)


class WeakMemory(Built, unittest.TestCase):
    """Targets under weave are in the build with UBSan."""

    sanitizer = "undefined"

    def fuzz(self, target: str, *options: str) -> subprocess.CompletedProcess:
        """Runs the built target from its shipped seeds, as the services do."""
        out = self.root / "out"
        with tempfile.TemporaryDirectory() as corpus:
            with zipfile.ZipFile(out / f"{target}_seed_corpus.zip") as seeds:
                seeds.extractall(corpus)
            return subprocess.run([out / target, f"-artifact_prefix={corpus}/", *options, corpus],
                                  check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace", timeout=SECONDS_MAX)

    def test_a_weakened_order_is_found_by_the_target_under_weave(self):
        unchanged = self.fuzz("mailbox_weave", "-runs=0")
        self.assertEqual(unchanged.returncode, 0, unchanged.stdout[-4000:])
        self.plant(WEAKENED)
        self.assert_passes("replay_build.sh")
        found = self.fuzz("mailbox_weave", f"-max_total_time={FUZZ_SECONDS}")
        self.assertNotEqual(found.returncode, 0, found.stdout[-4000:])
        self.assertIn("FINDING mailbox_weave: data-race", found.stdout)


if __name__ == "__main__":
    unittest.main()
