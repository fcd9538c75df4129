"""Subject files: what is wrong with one, or with its tree, is one line that says which name is missing
in which file."""

import contextlib
import io
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from support import ROOT
from commands.kit import project, reproducer, subject
from commands.kit.console import CommandError
from commands.kit.report import Report
from commands.kit.reproducer import Reproducer

TREES = ROOT / "tests" / "foreign"


class SubjectCase(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        build = mock.patch.object(project, "BUILD", self.root / "build")
        build.start()
        self.addCleanup(build.stop)

    def file(self, text: str, name: str = "subject.toml") -> Path:
        path = self.root / name
        path.write_text(text)
        return path

    def assert_refused(self, because: str, call, *arguments) -> None:
        with self.assertRaises(CommandError) as caught:
            call(*arguments)
        self.assertIn(because, str(caught.exception))
        self.assertNotIn("\n", str(caught.exception))


class Files(SubjectCase):
    def test_a_file_says_where_the_headers_are_and_what_they_lack(self):
        (self.root / "headers").mkdir()
        one = subject.read(self.file('names = "first"\ninclude = ["headers"]\n'
                                     'lacks = ["poll"]\n[known]\nfalse-full = "why"\n'))
        self.assertEqual(one.include, [(self.root / "headers").resolve()])
        self.assertEqual(one.name, self.root.name)
        macros = one.definitions()
        self.assertEqual((macros["FOREIGN_LACKS_POLL"], macros["FOREIGN_LACKS_RESET"]), ("1", "0"))
        self.assertEqual(macros["FOREIGN_KNOWN"], '"false-full"')
        self.assertIn("FOREIGN_NAMES_FIRST", macros)

    def test_a_file_that_is_like_another_names_the_differences_only(self):
        one = subject.read(TREES / "present" / "spin.toml")
        base = subject.read(TREES / "present" / "repaired.toml")
        self.assertEqual((one.include, one.lacks, one.known), (base.include, base.lacks, base.known))
        self.assertEqual((base.defines, one.defines), ([], ["PLAIN_FAULT=3"]))

    def test_a_folder_a_file_and_a_name_of_ours_are_found(self):
        (self.root / "headers").mkdir()
        file = self.file('names = "first"\ninclude = ["headers"]\n')
        for word in (str(self.root), str(file)):
            self.assertEqual(subject.find(word).file, file.resolve())
        self.assertEqual(subject.find("a5_renamed").names, "present")
        self.assert_refused("or one of: a2a3, a2a3_renamed, a5, a5_renamed", subject.find, "other")

    def test_a_mistake_is_one_line(self):
        for text, because in (
                ("names =", "Invalid value"),
                ('include = ["."]', "names must be one of: first, present"),
                ('names = ["first"]', "names must be one of: first, present"),
                ('names = "first"\ninclude = ["."]\nname = ".."', "name '..' must begin with"),
                ('names = "first"\ninclude = ["."]\nname = 5', "name '5' must begin with"),
                ("like = 5", "like must be a string"),
                ('like = "subject.toml"', "is like itself"),
                ('like = "none.toml"', "No such file"),
                ('names = "first"', "include names no folder"),
                ('names = "first"\ninclude = ["none"]', "include: no such folder"),
                ('names = "first"\ninclude = "."', "include must be a list of strings"),
                ('names = "first"\ninclude = ["."]\nlack = []', "unknown key 'lack'"),
                ('names = "first"\ninclude = ["."]\nlacks = ["pop"]', "'pop' is not one of:"),
                ('names = "first"\ninclude = ["."]\nlacks = ["cookies"]', "lacks records too"),
                ('names = "first"\ninclude = ["."]\n[known]\nrare = "x"', "'rare' is not one of:"),
                ('names = "first"\ninclude = ["."]\n[known]\nfalse-full = ""', "needs a sentence")):
            with self.subTest(because=because):
                self.assert_refused(because, subject.read, self.file(text))

    def test_a_file_that_is_not_text_is_one_line(self):
        path = self.root / "subject.toml"
        path.write_bytes(b"\xff\xfe")
        self.assert_refused(f"{path}: ", subject.read, path)

    def test_each_word_of_the_adapter_has_its_sentence(self):
        header = (ROOT / "foreign" / "under_test.h").read_text()
        for word in subject.LACKS:
            self.assertIn(f"    {word},", header)
        used = "".join(path.read_text() for path in (ROOT / "foreign").glob("*.*"))
        for word in subject.KNOWN:
            self.assertIn(f'"{word}"', used)


def line_of(header: str, text: str) -> int:
    """Where a header of the tree `present` has the text."""
    lines = (TREES / "present" / "include" / header).read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


class Trees(SubjectCase):
    """A tree that does not fit, on a copy of one that does."""

    def check(self, header: str, old: str, new: str, because: str, names: str = "present") -> None:
        tree = self.root / names
        shutil.copytree(TREES / names, tree)
        path = tree / "include" / header
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))
        self.assert_refused(because, subject.check, subject.read(tree / "repaired.toml"))

    def test_one_that_fits_is_accepted(self):
        subject.check(subject.read(TREES / "present" / "repaired.toml"))

    def test_a_missing_member_is_named_with_its_file(self):
        self.check("aicore_completion_mailbox.h", "bool has_pending()", "bool has_any()",
                   "AICoreCompletionMailbox::has_pending is missing in "
                   f"{self.root.resolve()}/present/include/aicore_completion_mailbox.h")

    def test_a_missing_member_of_another_type_is_named_with_its_file(self):
        for header, member, what, names in (
                ("async_wait.h", "waiting_completion_count", "AsyncWaitEntry", "present"),
                ("async_wait.h", "deferred_release_capacity", "DrainCompletionSink", "present"),
                ("runtime_types.h", "invalid", "TaskId", "present"),
                ("pto_async_wait.h", "failed_slot_state", "AsyncPollResult", "first")):
            with self.subTest(member=member):
                self.check(header, member, f"other_{member}", f"{what}::{member} is missing in "
                           f"{self.root.resolve()}/{names}/include/{header}", names)
                shutil.rmtree(self.root / names)

    def test_a_member_that_the_file_could_say_is_missing_comes_with_the_word(self):
        self.check("async_wait.h", "void reset_for_reuse(", "void restart(",
                   'if it has none, say lacks = ["list_reset"]')

    def test_a_missing_type_is_named_with_its_file(self):
        self.check("pto_runtime2_types.h", "PTO2TaskSlotState", "OtherSlotState", "PTO2TaskSlotState",
                   names="first")

    def test_a_missing_header_is_named(self):
        tree = self.root / "present"
        shutil.copytree(TREES / "present", tree)
        (tree / "include" / "async_wait.h").unlink()
        self.assert_refused(f"there is no async_wait.h in {self.root.resolve()}/present/include",
                            subject.check, subject.read(tree / "repaired.toml"))

    def test_a_header_of_the_device_is_named_with_the_line_that_wants_it(self):
        self.check("async_wait.h", "#include <atomic>", '#include "device/registers.h"',
                   f"async_wait.h:{line_of('async_wait.h', '#include <atomic>')} includes "
                   "device/registers.h")

    def test_a_header_that_does_not_compile_is_named_with_its_line(self):
        begin = "struct TaskId {"
        self.check("runtime_types.h", begin, "struct TaskId : Base {",
                   f"runtime_types.h:{line_of('runtime_types.h', begin)} does not compile: ")

    def test_a_function_that_is_only_declared_is_named(self):
        tree = self.root / "first"
        shutil.copytree(TREES / "first", tree)
        header = tree / "include" / "pto_async_wait_complete.h"
        header.write_text(header.read_text().split("inline void", maxsplit=1)[0])
        self.assert_refused("AsyncWaitList::complete(PTO2TaskSlotState&, "
                            "AsyncWaitList::DrainCompletionSink&) is declared and nowhere defined",
                            subject.check, subject.read(tree / "repaired.toml"))

    def test_a_larger_mailbox_is_refused(self):
        self.check("aicore_completion_mailbox.h", "CAPACITY 4096", "CAPACITY 8192",
                   "AICoreCompletionMailbox::entries in "
                   f"{self.root.resolve()}/present/include/aicore_completion_mailbox.h: their "
                   "number must be a power of two and at most 4096")


class Export(unittest.TestCase):
    def test_a_program_that_cannot_be_written_does_not_stop_the_others(self):
        one = Reproducer(Path("two.cpp"), "run", True)
        found = [("mailbox_step", project.ADDRESS, Path(word), Report(word, word, word))
                 for word in ("torn", "lost")]
        printed, errors = io.StringIO(), io.StringIO()
        with mock.patch.object(reproducer, "write", side_effect=[CommandError("why"), one]), \
                contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
            reproducer.export(mock.Mock(), found, Path("out"), False)
        self.assertIn("no reproducer of mailbox_step: torn: why\n", errors.getvalue())
        self.assertIn("REPRODUCER mailbox_step: lost: two.cpp\n", printed.getvalue())


if __name__ == "__main__":
    unittest.main()
