"""`mailproof oss-fuzz-check`: which pairs it refuses, and what the build may use."""

import re
import subprocess
import unittest

from support import ROOT, run_command
from commands.oss_fuzz import service, target

# The variables that the services set for every build script, and bash for every script.
VARIABLES = {"SRC", "WORK", "OUT", "CC", "CXX", "CFLAGS", "CXXFLAGS", "LIB_FUZZING_ENGINE",
             "SANITIZER", "FUZZING_ENGINE", "ARCHITECTURE"}


class Usage(unittest.TestCase):
    def assert_refused(self, *arguments: str, because: str) -> None:
        result = run_command("oss-fuzz-check", *arguments)
        self.assertEqual(result.returncode, 2, result)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Amailproof: [^\n]*\n\Z")
        self.assertIn(because, result.stderr)

    def test_pairs_that_the_services_do_not_run(self):
        for sanitizer in ("undefined", "coverage"):
            for engine in ("afl", "honggfuzz"):
                self.assert_refused("--sanitizer", sanitizer, "--engine", engine,
                                    because="--sanitizer address only")
            self.assert_refused("--sanitizer", sanitizer, "--engine", "centipede",
                                because="--sanitizer address only")
        for engine in ("libfuzzer", "afl", "honggfuzz"):
            self.assert_refused("--sanitizer", "none", "--engine", engine,
                                because="--engine centipede only")

    def test_unknown_sanitizers_and_fuzzers(self):
        self.assert_refused("--sanitizer", "thread", because="--sanitizer")
        self.assert_refused("--sanitizer", "memory", because="--sanitizer")
        self.assert_refused("--engine", "dataflow", because="--engine")
        self.assert_refused("--json", "no/such/folder/x", because="cannot write")


class Script(unittest.TestCase):
    """The scripts of oss-fuzz/, and the one that only calls one of them."""

    def test_they_use_only_variables_that_the_services_set(self):
        for name in ("oss-fuzz/build.sh", "oss-fuzz/run_tests.sh", "oss-fuzz/replay_build.sh",
                     ".clusterfuzzlite/build.sh"):
            path = ROOT / name
            text = path.read_text()
            self.assertLessEqual(set(re.findall(r"\$\{?([A-Z_]+)\b", text)), VARIABLES)
            self.assertNotRegex(text, r"clang|g\+\+|ninja|ccache")
            self.assertEqual(subprocess.run(["bash", "-n", path], check=False).returncode, 0)
            self.assertTrue(path.stat().st_mode & 0o100)

    def test_there_is_one(self):
        self.assertIn('"$SRC/mailproof/oss-fuzz/build.sh"',
                      (ROOT / ".clusterfuzzlite" / "build.sh").read_text())


class Targets(unittest.TestCase):
    def test_matrix(self):
        step, threads, weave = "mailbox_step", "mailbox_threads", "mailbox_weave"
        for sanitizer, here in (("address", {step, threads}), ("undefined", {step, weave}),
                                ("coverage", {step, threads, weave}), ("none", {step, threads})):
            targets = set(service.targets_of(sanitizer))
            self.assertEqual(targets & {step, threads, weave}, here)
            self.assertNotIn("canary", targets)

    def test_options(self):
        for name in ("schedule", "weave"):
            self.assertEqual(target.options_problem(
                ROOT / "oss-fuzz" / f"{name}.options"), "")


class Variables(unittest.TestCase):
    def test_flags(self):
        pair = service.check_pair("undefined", "libfuzzer")
        variables = service.build_variables(pair, ROOT / "fuzzer.a", ROOT / "scratch")
        self.assertIn("-stdlib=libc++", variables["CXXFLAGS"])
        self.assertNotIn("-stdlib", variables["CFLAGS"])
        self.assertIn("unsigned-integer-overflow", variables["CFLAGS"])
        self.assertNotIn("-fsanitize=address", variables["CFLAGS"])
        self.assertNotIn("HOME", variables)


if __name__ == "__main__":
    unittest.main()
