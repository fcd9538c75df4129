"""minimize: one failing input becomes small and keeps its cause."""

from support import StandInCase


class Minimize(StandInCase):
    def minimize(self, content: bytes, *words: str, status: int = 1):
        self.checkout.write("findings/demo/a", content)
        result = self.checkout.run("minimize", "findings/demo/a", *words)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def test_the_small_input_is_written_and_shown(self):
        result = self.minimize(b"BUGabcdefgh")
        self.assertEqual((self.checkout.root / "findings/demo/a.min").read_bytes(), b"BUG")
        self.assertEqual(result.stdout.splitlines()[-2:],
                         ["3 bytes", "findings/demo/a.min: 0 records, 3 bytes, from 4 records, "
                                     "11 bytes"])

    def test_another_cause_is_not_taken(self):
        self.minimize(b"BUGabXXcdef", "--out", "small")
        self.assertEqual((self.checkout.root / "small").read_bytes(), b"BUGXX")

    def test_the_input_itself_stays(self):
        self.minimize(b"BUGabcd")
        self.assertEqual((self.checkout.root / "findings/demo/a").read_bytes(), b"BUGabcd")

    def test_an_input_that_does_not_fail_is_refused(self):
        result = self.minimize(b"fine", status=2)
        self.assert_one_line(result, "findings/demo/a does not fail")
        self.assertFalse((self.checkout.root / "findings/demo/a.min").exists())

    def test_a_missing_file_is_refused(self):
        result = self.checkout.run("minimize", "findings/demo/none")
        self.assert_one_line(result, "no such file: findings/demo/none")


class Page(StandInCase):
    def test_only_weave_has_a_page(self):
        self.checkout.write("findings/demo/a", b"BUG")
        result = self.checkout.run("replay", "--html", "out.html", "findings/demo/a")
        self.assert_one_line(result, "--html: only an input of a target under weave")
