"""Which tests run again: those that something has changed for, or that have not passed."""

import json
import os
import tempfile
import unittest
from pathlib import Path

import support  # noqa: F401, puts the checkout on the module path
from commands.kit import unchanged


class Reading(unittest.TestCase):
    def test_labels_and_environment(self):
        entries = [{"name": "dev/units", "command": ["/tree/build/dev/bin/units"]},
                   {"name": "dev/weave/leak.cpp", "command": ["python3", "a.py"],
                    "properties": [{"name": "LABELS", "value": ["closed"]},
                                   {"name": "ENVIRONMENT", "value": ["A=1"]}]}]
        first, second = unchanged.read_tests(json.dumps({"tests": entries}))
        self.assertEqual((first.number, first.labels), (1, frozenset()))
        self.assertEqual((second.number, second.labels, second.environment),
                         (2, frozenset({"closed"}), ("A=1",)))


class Tree(unittest.TestCase):
    """A checkout without git, with a build of one program, inputs for it, and a script."""

    def setUp(self):
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name, text in {"docs/page.md": "text", "src/ring.h": "ring", "tests/check.py": "script", "corpus/a": "1",
                           "build/dev/bin/units": "program", "build/dev/seeds/s": "2",
                           "build/dev/.ninja_log": "# ninja log v5\n1\t2\t77\tbin/units\tabc\n"}.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)
        program = str(self.root / "build/dev/bin/units")
        script = str(self.root / "tests/check.py")
        folders = [str(self.root / "corpus"), str(self.root / "build/dev/seeds")]
        self.program = unchanged.Test("dev/units", 1, (program, *folders), (), frozenset())
        self.script = unchanged.Test("dev/check", 2, ("/usr/bin/python3", script), (), frozenset())
        self.closed = unchanged.Test("dev/closed", 3, ("/usr/bin/python3", script, program), (),
                                     frozenset({"closed"}))
        self.no_product = unchanged.Test("dev/no_product", 4, ("/usr/bin/python3", script), (),
                                         frozenset({"no_product"}))
        self.before = self.digests()

    def digests(self) -> dict[str, str]:
        digests = unchanged.Digests([self.root / "build/dev"], self.root)
        return {test.name: digests.of(test) for test in (self.program, self.script, self.closed, self.no_product)}

    def changed(self) -> set[str]:
        after = self.digests()
        return {name for name, digest in self.before.items() if after[name] != digest}

    def test_without_a_change_no_test_runs_again(self):
        self.assertEqual(self.changed(), set())

    def test_the_time_of_a_file_of_the_checkout_does_not_count(self):
        os.utime(self.root / "tests/check.py", (1, 1))
        self.assertEqual(self.changed(), set())

    def test_a_page_changes_what_may_read_the_checkout(self):
        (self.root / "docs/page.md").write_text("other")
        self.assertEqual(self.changed(), {"dev/check", "dev/no_product"})

    def test_the_product_changes_what_may_read_it(self):
        (self.root / "src/ring.h").write_text("other")
        self.assertEqual(self.changed(), {"dev/check"})

    def test_a_new_file_changes_what_may_read_the_checkout(self):
        (self.root / "docs/new.md").write_text("")
        self.assertEqual(self.changed(), {"dev/check", "dev/no_product"})

    def test_a_script_changes_those_that_run_it(self):
        (self.root / "tests/check.py").write_text("other")
        self.assertEqual(self.changed(), {"dev/check", "dev/closed", "dev/no_product"})

    def test_an_input_changes_the_program_that_reads_it(self):
        (self.root / "build/dev/seeds/s").write_text("33")
        self.assertEqual(self.changed(), {"dev/units"})

    def test_a_program_built_anew_changes_all_that_run_it(self):
        os.utime(self.root / "build/dev/bin/units", (1, 1))
        log = self.root / "build/dev/.ninja_log"
        log.write_text(log.read_text() + "8\t9\t78\tbin/units\tabc\n")
        self.assertEqual(self.changed(), {"dev/units", "dev/check", "dev/closed"})

    def test_what_ninja_ran_without_a_new_file_changes_nothing(self):
        log = self.root / "build/dev/.ninja_log"
        log.write_text(log.read_text() + "8\t9\t77\tbin/units\tabc\n8\t9\t0\tcheck_layers\td\n"
                       "8\t9\t99\tbuild.ninja\te\n")
        (self.root / "build/dev/build.ninja").write_text("")
        self.assertEqual(self.changed(), set())

    def test_a_test_without_its_program_has_a_digest(self):
        missing = unchanged.Test("dev/missing", 4, (), (), frozenset())
        self.assertTrue(unchanged.Digests([self.root / "build/dev"], self.root).of(missing))

    def test_the_environment_of_a_test_counts(self):
        self.program = unchanged.Test("dev/units", 1, self.program.command, ("SHARD=2",),
                                      frozenset())
        self.assertEqual(self.changed(), {"dev/units"})


class Store(unittest.TestCase):
    def setUp(self):
        self.path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "passed.json"

    def test_only_what_passed_is_kept(self):
        results = {"tests": [{"name": "a", "status": "passed"}, {"name": "b", "status": "failed"},
                             {"name": "c", "status": "skipped"}]}
        digests = {"a": "1", "b": "2", "c": "3", "did not come to run": "4"}
        unchanged.store(self.path, {"b": "old", "did not come to run": "old", "other": "5"},
                        digests, results)
        self.assertEqual(unchanged.load(self.path), {"a": "1", "other": "5"})

    def test_a_damaged_file_keeps_nothing(self):
        self.path.write_text("{")
        self.assertEqual(unchanged.load(self.path), {})
        self.assertEqual(unchanged.load(self.path / "missing"), {})


if __name__ == "__main__":
    unittest.main()
