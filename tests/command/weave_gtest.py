"""`./mailproof weave --gtest`: what it says of each test, on a file with a flaky one.

    python3 weave_gtest.py BUILD    the folder of the preset's build
"""

import os
import re
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from commands import weave  # noqa: E402

SOURCE = ROOT / "tests" / "weave" / "flaky_gtest.cpp"
FLAKY = "MailboxTest.a_message_has_arrived_when_its_producer_is_about_to_push_it"


class Gtest(unittest.TestCase):
    def test_each_test_is_explored_on_its_own(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            program = Path(folder) / "tests"
            compiler = weave.Compiler(is_gtest=True, folders=[ROOT / "src" / "runtime"])
            self.assertTrue(compiler.make([SOURCE], program))
            tests = weave.GoogleTests(program, ["executions=2000"], ["again"], [])
            judged = {name: tests.judge(name) for name in tests.names()}
            status, text = judged.pop(FLAKY)
            self.assertEqual(judged, {
                "MailboxTest.a_message_arrives": (0, "ok: 2000 executions"),
                "MailboxTest.a_new_mailbox_is_empty": (0, "not concurrent")})
            self.assertEqual(status, 66)
            self.assertRegex(text, r"finding: assertion: .*flaky_gtest.cpp:\d+: .*try_pop")
            replay = re.search(r"reproduce: again --test (\S+) (.*)", text)
            self.assertEqual(replay.group(1), FLAKY)
            words = [word for word in replay.group(2).split() if not word.startswith("status")]
            again = weave.GoogleTests(program, words, ["again"], [])
            self.assertEqual(again.explore_one(FLAKY), 66)


if __name__ == "__main__":
    weave.COMPILERS = Path(sys.argv.pop()).resolve() / "weave" / "bin"
    unittest.main()
