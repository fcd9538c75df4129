"""Triage of real faults: two bugs of bugs/ are planted in a copy of the tree, one commit each, and
triage names the right causes, keeps them apart, and finds the commits. Fuzzing the copy finds the
second fault although the first one shows at every pop.

This builds two programs of the copy, and old commits of one of them.
"""

import json
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from support import ROOT, commit_all, copy_tree, git, run_command

sys.path.insert(0, str(ROOT / "tests" / "bugs"))
from bug_file import Bug  # noqa: E402

BUGS = [("mailbox/field_not_pushed.bug", "torn", "mailbox 1"),
        ("mailbox/last_free_slot_refused.bug", "false-full", "mailbox 3")]

HEADER = bytes(4)
# A ring of two slots.
TINY_HEADER = bytes([0, 4, 0, 0])
PUSH, POP, POP_BATCH = (bytes([call, 3]) for call in (0, 1, 3))
# Inputs by name; the order of calls is that of the schedule.
INPUTS = {
    "torn-1": HEADER + PUSH + PUSH + POP + PUSH,
    "torn-2": b"\x01\x05" + bytes(2) + 3 * PUSH + POP_BATCH,
    "full": TINY_HEADER + POP + PUSH + PUSH,
    "good": HEADER,
}


class PlantedBugs(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = Path(folder.name).resolve() / "tree"
        copy_tree(cls.root)
        cls.commits = [git(cls.root, "rev-parse", "--short", "HEAD").strip()]
        for name, verdict, _ in BUGS:
            cls.plant(name)
            cls.commits.append(commit_all(cls.root, f"Plant {verdict}"))
        for name, content in INPUTS.items():
            path = cls.root / "findings" / "mailbox_step" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    @classmethod
    def plant(cls, name: str) -> None:
        with tempfile.TemporaryDirectory() as planted:
            Bug(ROOT / "bugs" / name).plant(cls.root, Path(planted))
            shutil.copytree(planted, cls.root, dirs_exist_ok=True)

    def triage(self, *words: str) -> dict[str, dict]:
        result = run_command("triage", *words, "--json", str(self.root / "build" / "out.json"),
                             root=self.root)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        written = json.loads((self.root / "build" / "out.json").read_text())
        return {entry["verdict"]: entry for entry in written["causes"]}

    def test_causes_are_named_grouped_and_dated(self):
        (self.root / "build").mkdir(exist_ok=True)
        causes = self.triage("findings/mailbox_step", "--bisect")
        self.assertEqual(set(causes), {verdict for _, verdict, _ in BUGS})
        self.assertEqual(causes["torn"]["inputs"], ["findings/mailbox_step/torn-1",
                                                    "findings/mailbox_step/torn-2"])
        self.assertEqual(causes["false-full"]["inputs"], ["findings/mailbox_step/full"])
        for number, (_, verdict, guarantee) in enumerate(BUGS, start=1):
            self.assertIn(guarantee, " ".join(causes[verdict]["guarantees"]))
            self.assertEqual(causes[verdict]["first_bad"],
                             f"{self.commits[number]} Plant {verdict}")
            self.assertIn(f"FINDING mailbox_step: {verdict}", self.replay(causes[verdict]))
        # One push, which the runner pops at the end; a push that is refused after another.
        sizes = {verdict: (self.root / entry["input"]).stat().st_size
                 for verdict, entry in causes.items()}
        self.assertEqual(sizes, {"torn": 6, "false-full": 8})

    def replay(self, entry: dict) -> str:
        result = run_command(*entry["reproduce"].split()[1:], root=self.root)
        self.assertEqual(result.returncode, 1, result.stderr)
        return result.stdout

    def test_fuzzing_continues_to_the_second_fault(self):
        shutil.rmtree(self.root / "corpus" / "mailbox_step")
        (self.root / "corpus" / "mailbox_step").mkdir()
        (self.root / "corpus" / "mailbox_step" / "good").write_bytes(INPUTS["good"])
        self.addCleanup(git, self.root, "checkout", "-q", "--", "corpus")
        (self.root / "build").mkdir(exist_ok=True)
        out = self.root / "build" / "out.json"
        result = run_command("fuzz", "mailbox_step", "--seconds", "20", "--json", str(out),
                             root=self.root)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        [target] = json.loads(out.read_text())["targets"]
        found = {finding["verdict"]: finding for finding in target["findings"]}
        self.assertLessEqual({verdict for _, verdict, _ in BUGS}, set(found))
        self.assertGreater(sum(finding["times"] for finding in found.values()), len(found))


if __name__ == "__main__":
    unittest.main()
