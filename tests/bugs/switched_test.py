"""Tests of switched.py on small sources, and on every bug of the tree."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bug_file import BadBug, Bug, all_bugs, place_of, product_files  # noqa: E402
from switched import switched  # noqa: E402

from commands.kit.cpp_source import closing_brackets, tokens_of  # noqa: E402

SOURCE = """\
#include <atomic>
struct Count {
    Count() noexcept : value{1}, limit(2) { raise(); }
    int raise() { return value.fetch_add(1, std::memory_order_release); }
    bool operator==(const Count& other) const { return limit == other.limit; }
    std::atomic<int> value;
    static constexpr int limit = 3;
};
"""
SWITCH = ["if", "(", "::", "pto_planted", "::", "is", "("]


def words_of(source: str) -> list[str]:
    """The tokens as text."""
    return [token.text for token in tokens_of(source)]


def chosen(source: str) -> list[str]:
    """The tokens of a source with one switched bug, as they are when it is chosen."""
    words, closing = words_of(source), closing_brackets(tokens_of(source))
    result, at = [], 0
    while at < len(words):
        if words[at : at + len(SWITCH)] == SWITCH:
            brace = closing[at + 1] + 1
            result += words[brace + 1 : closing[brace]]
            at = closing[closing[brace] + 2] + 1
        else:
            result.append(words[at])
            at += 1
    return result


class SwitchedTest(unittest.TestCase):
    def bug(self, old: str, new: str, name: str = "loses") -> Bug:
        """A bug that turns the old text of SOURCE into the new one."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / f"{name}.bug"
            path.write_text("why: a test\nguarantee: none\ncheck: one dev lost\n"
                            f"--- old\n{old}\n--- new\n{new}\n")
            return Bug(path)

    def assert_chosen(self, old: str, new: str) -> None:
        """The variant of the bug has the tokens of the source with the bug alone."""
        self.assertEqual(chosen(switched(SOURCE, [self.bug(old, new)])),
                         words_of(SOURCE.replace(old, new)))

    def test_the_body_is_chosen_by_name_and_is_otherwise_as_it_was(self):
        bugs = [self.bug("fetch_add(1", "fetch_add(2", "two"),
                self.bug("std::memory_order_release", "std::memory_order_relaxed", "weak")]
        self.assertIn('int raise() {if (::pto_planted::is("two")) { return value.fetch_add( 2 , '
                      'std::memory_order_release); } else if (::pto_planted::is("weak")) { return '
                      'value.fetch_add(1, std:: memory_order_relaxed ); } else { return '
                      'value.fetch_add(1, std::memory_order_release); }}', switched(SOURCE, bugs))

    def test_what_is_outside_bodies_stays(self):
        text = switched(SOURCE, [self.bug("value.fetch_add", "0; value.fetch_add")])
        self.assertTrue(text.startswith("#include <atomic>\nstruct Count {\n    Count() noexcept :"))
        self.assertTrue(text.endswith("    static constexpr int limit = 3;\n};\n"))

    def test_constructors_operators_and_parts_of_tokens(self):
        self.assert_chosen("raise(); }", "}")
        self.assert_chosen("limit == other", "limit != other")
        self.assert_chosen("= other.lim", "= (&other)->lim")
        self.assert_chosen("raise(); }\n    int raise() { return value",
                           "}\n    int raise() { return 0 * value")

    def test_a_change_outside_bodies_has_to_be_planted_alone(self):
        for old, new in (("limit = 3", "limit = 4"), ("std::atomic<int> value", "int value"),
                         ("limit(2)", "limit(3)")):
            with self.assertRaisesRegex(BadBug, r"line \d of its header is in no function's body, so "
                                                "it needs a line 'alone: WHY'"):
                switched(SOURCE, [self.bug(old, new)])


class TreeTest(unittest.TestCase):
    def test_each_bug_reads_as_if_it_were_planted_alone(self):
        files = product_files(ROOT)
        for bug in all_bugs(ROOT):
            source = files[place_of(bug, files)]
            with self.subTest(bug=bug.name):
                if bug.is_alone:
                    self.assertRaises(BadBug, switched, source, [bug])
                else:
                    self.assertEqual(chosen(switched(source, [bug])),
                                     words_of(source.replace(bug.old, bug.new)))


if __name__ == "__main__":
    unittest.main()
