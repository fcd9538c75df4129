"""Wrong usage of the checkout's own command: one line on standard error, exit status 2."""

import unittest

from support import run_command

COMMANDS = ["setup", "fuzz", "test", "replay", "list", "describe", "coverage", "bugs", "stress",
            "oss-fuzz-check"]


class Usage(unittest.TestCase):
    def assert_refused(self, *arguments: str, because: str) -> None:
        result = run_command(*arguments)
        self.assertEqual(result.returncode, 2, result)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Amailproof: [^\n]*\n\Z")
        self.assertIn(because, result.stderr)

    def test_every_command_has_help(self):
        self.assertEqual(run_command("--help").returncode, 0)
        for command in COMMANDS:
            result = run_command(command, "--help")
            self.assertEqual(result.returncode, 0, command)
            self.assertIn(f"./mailproof {command}", result.stdout)

    def test_commands(self):
        self.assert_refused(because="COMMAND")
        self.assert_refused("fuzzz", because="fuzzz")

    def test_options(self):
        self.assert_refused("fuzz", "--seconds", "0", because="--seconds")
        self.assert_refused("fuzz", "--seconds", "ten", because="--seconds")
        self.assert_refused("fuzz", "--jobs", "-1", because="--jobs")
        self.assert_refused("fuzz", "--engine", "other", because="--engine")
        self.assert_refused("test", "--quick", "--full", because="not allowed with")
        self.assert_refused("describe", because="FILE")

    def test_targets(self):
        self.assert_refused("fuzz", "no_such_target", because="unknown target 'no_such_target'")
        self.assert_refused("replay", "--target", "no_such_target", because="unknown target")

    def test_files(self):
        self.assert_refused("replay", "no/such/file", because="no such file or folder")
        self.assert_refused("describe", "no/such/file", because="no such file")
        self.assert_refused("fuzz", "--json", "no/such/folder/x", because="cannot write")
        self.assert_refused("bugs", "no_such_bug", because="no seeded bug")

    def test_afl_has_one_sanitizer(self):
        self.assert_refused("fuzz", "--engine", "afl", "--sanitizer", "thread", because="address")


class List(unittest.TestCase):
    def test_the_canary_is_hidden(self):
        result = run_command("list")
        self.assertEqual(result.returncode, 0)
        names = [line.split()[0] for line in result.stdout.splitlines()]
        self.assertIn("mailbox_step", names)
        self.assertNotIn("canary", names)
        self.assertNotIn("canary", run_command("fuzz", "no_such_target").stderr)


if __name__ == "__main__":
    unittest.main()
