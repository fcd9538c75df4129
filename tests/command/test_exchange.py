"""The folder in which machines leave inputs for each other."""

import contextlib
import io
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import support  # noqa: F401, puts the checkout on the module path
from commands.fuzz.exchange import Exchange, content_name


class Folder(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.shared = self.root / "shared"
        self.shared.mkdir()

    def machine(self, name: str, *inputs: bytes) -> Exchange:
        corpus = self.root / name
        corpus.mkdir()
        for content in inputs:
            (corpus / content_name(content)).write_bytes(content)
        return Exchange(self.shared, "demo", corpus)

    def contents(self, name: str) -> set[bytes]:
        return {path.read_bytes() for path in (self.root / name).iterdir()}

    def test_two_machines_end_with_the_same_inputs(self):
        one, other = self.machine("one", b"a", b"both"), self.machine("other", b"b", b"both")
        self.assertEqual(one.run(), [])
        self.assertEqual([path.read_bytes() for path in other.run()], [b"a"])
        self.assertEqual([path.read_bytes() for path in one.run()], [b"b"])
        for name in ("one", "other", "shared/demo"):
            self.assertEqual(self.contents(name), {b"a", b"b", b"both"}, name)
        self.assertEqual((one.run(), other.run()), ([], []))

    def test_what_comes_later_is_exchanged_too(self):
        one, other = self.machine("one"), self.machine("other")
        one.run(), other.run()
        (self.root / "one" / "late").write_bytes(b"late")
        one.run()
        self.assertEqual([path.name for path in other.run()], [content_name(b"late")])

    def test_any_name_will_do(self):
        (self.shared / "demo").mkdir()
        (self.shared / "demo" / "from-honggfuzz.cov").write_bytes(b"x")
        one = self.machine("one", b"a")
        self.assertEqual([path.name for path in one.run()], [content_name(b"x")])
        self.assertEqual(one.run(), [])

    def test_a_file_that_is_still_written_is_not_taken(self):
        (self.shared / "demo").mkdir()
        (self.shared / "demo" / ".half").write_bytes(b"x")
        self.assertEqual(self.machine("one").run(), [])

    def test_a_file_that_is_gone_by_the_time_it_is_read_does_not_matter(self):
        one = self.machine("one", b"a", b"b")
        (self.shared / "demo").mkdir()
        (self.shared / "demo" / "c").write_bytes(b"c")
        gone = {"c", content_name(b"a")}
        read = Path.read_bytes

        def read_if_there(path: Path) -> bytes:
            if path.name in gone:
                path.unlink(missing_ok=True)
            return read(path)

        with mock.patch.object(Path, "read_bytes", read_if_there):
            with contextlib.redirect_stderr(io.StringIO()) as errors:
                self.assertEqual(one.run(), [])
        self.assertEqual(errors.getvalue(), "")
        self.assertEqual(self.contents("shared/demo"), {b"b"})

    def test_nothing_is_left_half_written(self):
        self.machine("one", b"a").run()
        self.assertEqual([path.name for path in (self.shared / "demo").iterdir()],
                         [content_name(b"a")])

    def test_a_disk_that_fails_is_mentioned_once_and_tried_again(self):
        one = self.machine("one", b"a")
        shutil.rmtree(self.shared)
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            self.assertEqual((one.run(), one.run()), ([], []))
        self.assertRegex(errors.getvalue(), r"\Amailproof: --sync: No such file[^\n]*\n\Z")
        self.shared.mkdir()
        one.run()
        self.assertEqual(self.contents("shared/demo"), {b"a"})


if __name__ == "__main__":
    unittest.main()
