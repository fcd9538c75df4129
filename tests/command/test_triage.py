"""Triage: causes, minimising, the folders of causes, keeping."""

import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from support import REPLAY_BINARY, StandInCase
from commands.kit import cause, project, report
from commands.triage import work
from commands.triage.minimiser import Format, Minimiser, read_format, sizes_of
from commands.triage.store import Seen

FORM = Format(version=1, header=3, record=2)
WISHING = Format(version=2, header=3, record=1, wishes=8)

# The replay binary of the stand-in, which also notes each of its runs.
NOTING_BINARY = REPLAY_BINARY.replace(
    "    for name in", '    open("runs", "a").write("run\\n")\n    for name in', 1)

# Fails in 1 of 4 runs, counted in a file, and then with one of two verdicts.
RARE_BINARY = """
    import os, sys
    if sys.argv[1] == "--format":
        print("version 1 header 3 record 2")
        sys.exit()
    if sys.argv[1] == "--describe":
        sys.exit()
    for name in sys.argv[1:]:
        with open("count", "a+") as file:
            file.write("x")
            number = file.tell()
        if number % 4 == 0:
            verdict = "rare" if number % 20 == 0 else "common"
            print(f"FINDING demo_threads: {verdict}: seen\\ninput: {name}", flush=True)
            os.abort()
"""

STACK = """\
==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602
READ of size 1 at 0x602 thread T0
    #0 0x55d in memcpy (demo+0x1)
    #1 0x55e in {function}(unsigned long) {root}/src/runtime/mailbox.h:{line}:9
    #2 0x55f in main {root}/fuzz/kit/replay_main.cpp:3:1
SUMMARY: AddressSanitizer: heap-buffer-overflow {root}/src/runtime/mailbox.h:{line}:9 in x
"""
WEAVE = """\
FINDING demo_weave: data-race: two accesses, and nothing orders them
  thread {first}: plain write at step 7, src/runtime/mailbox.h:88 in pto::push(int)
  thread {second}: plain read at step 12, src/runtime/mailbox.h:120 in pto::pop()
  stack:
    src/runtime/mailbox.h:120 in pto::pop()
"""


def id_of(text: str, target: str = "demo") -> str:
    return cause.of_report(target, report.of_text(text), text).id


class Causes(unittest.TestCase):
    def stack(self, function: str = "pto::pop", line: int = 88) -> str:
        return STACK.format(root=project.ROOT, function=function, line=line)

    def test_lines_do_not_count_and_functions_do(self):
        self.assertEqual(id_of(self.stack()), id_of(self.stack(line=90)))
        self.assertNotEqual(id_of(self.stack()), id_of(self.stack("pto::push")))

    def test_instantiations_of_a_template_are_one_function(self):
        four, eight = (self.stack(f"void pto::Ring<{size}, pto::Of<int>>::push<bool>")
                       for size in ("4u", "8u"))
        self.assertEqual(id_of(four), id_of(eight))
        self.assertEqual(cause.places(report.of_text(four), four),
                         ["void pto::Ring::push src/runtime/mailbox.h"])

    def test_the_place_is_the_innermost_function_of_the_checkout(self):
        text = self.stack()
        self.assertEqual(cause.places(report.of_text(text), text),
                         ["pto::pop src/runtime/mailbox.h"])

    def test_of_an_oracle_the_words_count_and_numbers_do_not(self):
        one, two, other, verdict = (
            id_of(f"FINDING demo: {words}") for words in (
                "lost: 3 of 4 came, 7, 8 and 9 not", "lost: 0 of 1 came, 5 not",
                "lost: nothing came", "torn: 3 of 4 came, 7, 8 and 9 not"))
        self.assertEqual(one, two)
        self.assertEqual(len({one, other, verdict}), 3)

    def test_the_stack_of_an_oracle_s_abort_does_not_count(self):
        words = "FINDING demo: lost: 3 of 4\n"
        self.assertEqual(id_of(words), id_of(words + self.stack()))

    def test_a_race_under_weave_is_its_two_functions_in_any_order(self):
        text = WEAVE.format(first=1, second=0)
        self.assertEqual(cause.places(report.of_text(text), text), [
            "pto::pop src/runtime/mailbox.h", "pto::push src/runtime/mailbox.h"])
        lines = WEAVE.format(first=0, second=2).splitlines(keepends=True)
        turned = "".join([lines[0], lines[2], lines[1], *lines[3:]])
        self.assertEqual(id_of(text), id_of(turned))


class Minimise(unittest.TestCase):
    def minimise(self, content: bytes, fails, form: Format = FORM, seconds: float = 60):
        self.kept: list[bytes] = []
        self.calls = 0

        def first_failing(candidates):
            self.calls += 1
            return next((number for number, one in enumerate(candidates) if fails(one)), None)

        return Minimiser(form, first_failing, self.kept.append, seconds).run(content)

    def test_the_records_that_matter_are_left(self):
        content = b"HDR" + b"".join(b"%c%c" % (65 + number, 97) for number in range(40))

        def fails(one):
            _, records = FORM.split(one)
            return [record for record in records if record[0] in b"Cc"] and (
                any(record[0] == ord("Z") for record in records))

        smallest, complete = self.minimise(content, fails)
        self.assertTrue(complete)
        self.assertEqual(smallest, b"\0\0\0Z\0C\0")
        self.assertEqual(self.kept[-1], smallest)
        self.assertEqual(sorted(map(len, self.kept), reverse=True), [len(one) for one in self.kept])
        # Most groups of candidates cost one call.
        self.assertLess(self.calls, 80)

    def test_wishes_that_do_not_matter_are_dropped(self):
        content = b"\2DR" + b"wish" + b"WISH" + b"choices"
        self.assertEqual(WISHING.split(content), (b"\2DRwishWISH", [b"c", b"h", b"o", b"i", b"c",
                                                                    b"e", b"s"]))
        smallest, _ = self.minimise(content, lambda one: one.endswith(b"s"), WISHING)
        self.assertEqual(smallest, b"\0\0\0s")
        smallest, _ = self.minimise(content, lambda one: one[:1] == b"\2" and one[7:8] >= b"W",
                                    WISHING)
        self.assertEqual(smallest, b"\2\0\0" + b"\0\0\0\0" + b"W")

    def test_bytes_are_lowered_as_far_as_they_fail(self):
        smallest, _ = self.minimise(b"HDR\xc8\xff", lambda one: len(one) == 5 and one[3] >= 100)
        self.assertEqual(smallest, b"\0\0\0\x64\0")

    def test_a_header_is_shortened_when_no_record_is_left(self):
        smallest, _ = self.minimise(b"ABCxy", lambda one: one[:1] == b"A")
        self.assertEqual(smallest, b"A")

    def test_bytes_without_structure_are_records_of_one_byte(self):
        form = Format(1, 1, 0)
        smallest, _ = self.minimise(b"..x...y..", lambda one: b"x" in one and b"y" in one, form)
        self.assertEqual(smallest, b"xy")

    def test_out_of_time_the_smallest_so_far_is_returned(self):
        content = b"HDR" + b"ab" * 20
        self.assertEqual(self.minimise(content, lambda one: True, seconds=-1), (content, False))

    def test_the_result_does_not_depend_on_where_it_began(self):
        fails = (lambda one: one.count(b"q") >= 2)
        first, _ = self.minimise(b"HDR" + b"qaqb" * 9, fails)
        self.assertEqual(self.minimise(first, fails), (first, True))

    def test_the_format_of_a_program(self):
        self.assertEqual(read_format("version 1 header 3 record 2\n"), FORM)
        self.assertEqual(read_format("version 2 header 3 record 1 wishes 8\n"), WISHING)
        for text in ("", "demo: no such option", "version 1 header x record 2"):
            self.assertIsNone(read_format(text))
        self.assertEqual(sizes_of(b"HDRabcde", FORM), "2 records, 8 bytes")


class Judging(unittest.TestCase):
    def test_without_time_the_first_input_is_judged_and_what_is_known_counts(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / name for name in ("new", "newer", "known")]
            for file in files:
                file.write_text(file.name)
            known = mock.Mock()
            known.seen.side_effect = [None, None, Seen("known", "one", 1, 1, "programs")]
            known.remember.return_value = Seen("new", "one", 1, 1, "programs")
            with mock.patch.object(work, "Known", lambda target: known), \
                    mock.patch.object(work, "judge") as judge:
                [found] = work.judge_all("demo", files, until=0)
        self.assertEqual(found.inputs, [files[0], files[2]])
        judge.judge.assert_called_once_with("demo", files[0])


class Triage(StandInCase):
    def triage(self, *words: str, status: int = 1) -> dict:
        result = self.checkout.run("triage", *words, "--json", "out.json")
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        self.printed = result.stdout
        return json.loads((self.checkout.root / "out.json").read_text())

    def folder(self, entry: dict) -> Path:
        return self.checkout.root / entry["folder"]

    def plant(self) -> None:
        for name, content in {"a": b"BUGabcdefgh", "b": b"BUG12", "c": b"BUGabXXcd",
                              "d": b"fine"}.items():
            self.checkout.write(f"findings/demo/{name}", content)

    def test_one_cause_is_one_group_and_two_are_two(self):
        self.plant()
        written = self.triage()
        causes = {entry["verdict"]: entry for entry in written["causes"]}
        self.assertEqual(set(causes), {"planted", "other"})
        self.assertEqual(causes["planted"]["inputs"], ["findings/demo/a", "findings/demo/b"])
        self.assertEqual(causes["other"]["inputs"], ["findings/demo/c"])
        self.assertEqual(written["passed"], 1)
        self.assertIn("2 causes\n1 input did not fail\n", self.printed)

    def test_the_folder_of_a_cause(self):
        self.plant()
        self.checkout.write("bugs/x/one.bug", b"why: w\nguarantee: demo 3: nothing is lost\n"
                                              b"check: demo asan-ubsan torn | planted\n")
        [entry] = [entry for entry in self.triage()["causes"] if entry["verdict"] == "planted"]
        folder = self.folder(entry)
        self.assertEqual((folder / "original").read_bytes(), b"BUGabcdefgh")
        self.assertEqual((folder / "minimised").read_bytes(), b"BUG")
        self.assertEqual((folder / "schedule.txt").read_text(), "3 bytes\n")
        self.assertIn("FINDING demo: planted", (folder / "report.txt").read_text())
        page = (folder / "cause.md").read_text()
        for words in ("# demo: planted", "the input asked for it", "fails in 1 of 1 run",
                      "breaks: demo 3: nothing is lost", "commit: unknown", "seen with 2 inputs",
                      f"    ./mailproof replay {entry['folder']}/minimised\n", "    3 bytes\n"):
            self.assertIn(words, page)
        again = self.checkout.run(*entry["reproduce"].split()[1:])
        self.assertEqual(again.returncode, 1)
        self.assertIn("FINDING demo: planted", again.stdout)

    def test_minimising_keeps_the_cause(self):
        self.checkout.write("findings/demo/c", b"BUGabXXcd")
        [entry] = self.triage()["causes"]
        self.assertEqual((self.folder(entry) / "minimised").read_bytes(), b"BUGXX")

    def test_a_second_run_does_nothing_again(self):
        self.checkout.program("build/asan-ubsan/bin/demo", NOTING_BINARY)
        self.plant()
        first = self.triage()
        runs = (self.checkout.root / "runs").read_text()
        self.assertGreater(len(runs), 0)
        self.assertEqual(self.triage(), first)
        self.assertEqual((self.checkout.root / "runs").read_text(), runs)
        # A new input costs one run, and its cause is known.
        self.checkout.write("findings/demo/e", b"BUGzz")
        times = {entry["verdict"]: entry["times"] for entry in self.triage()["causes"]}
        self.assertEqual((self.checkout.root / "runs").read_text(), runs + "run\n")
        self.assertEqual(times, {"planted": 3, "other": 1})

    def test_other_programs_judge_again(self):
        self.plant()
        self.triage()
        self.checkout.program("build/asan-ubsan/bin/demo", "import sys\n")
        self.assertEqual(self.triage(status=0), {"causes": [], "passed": 4})

    def test_what_a_killed_run_left_is_continued(self):
        self.plant()
        [entry] = [entry for entry in self.triage()["causes"] if entry["verdict"] == "planted"]
        folder = self.folder(entry)
        # As if it had been killed while it minimised, and another while it made a folder.
        for name in ("minimised", "schedule.txt", "cause.md"):
            (folder / name).unlink()
        (folder / "smallest").write_bytes(b"BUGab")
        self.checkout.write(f"{entry['folder']}-x.new/original", b"half")
        self.triage()
        self.assertEqual((folder / "minimised").read_bytes(), b"BUG")
        self.assertFalse((folder / "smallest").exists())
        self.assertTrue((folder / "cause.md").exists())

    def test_what_is_there_is_not_overwritten(self):
        self.plant()
        [entry] = [entry for entry in self.triage()["causes"] if entry["verdict"] == "planted"]
        folder = self.folder(entry)
        for name in ("original", "minimised", "schedule.txt", "cause.json"):
            os.utime(folder / name, (1, 1))
        self.checkout.write("findings/demo/0", b"BUGBUGBUG")
        self.triage()
        for name in ("original", "minimised", "schedule.txt", "cause.json"):
            self.assertEqual((folder / name).stat().st_mtime, 1, name)

    def test_without_time_the_next_run_minimises(self):
        slow = NOTING_BINARY.replace("for name", "import time; time.sleep(0.6)\n    for name")
        self.checkout.program("build/asan-ubsan/bin/demo", slow)
        self.checkout.write("findings/demo/a", b"BUG" + b"ab" * 9)
        [entry] = self.triage("--seconds", "1")["causes"]
        self.assertFalse(entry["minimised"])
        self.assertEqual(entry["input"], f"{entry['folder']}/smallest")
        [entry] = self.triage("--seconds", "100")["causes"]
        self.assertTrue(entry["minimised"])

    def test_named_files_and_wrong_ones(self):
        self.plant()
        self.checkout.write("elsewhere/x", b"BUG")
        self.assertEqual(len(self.triage("findings/demo/c")["causes"]), 1)
        self.assertEqual(len(self.triage("elsewhere", "--target", "demo")["causes"]), 1)
        # A folder of folders that are named after targets; an empty one and others do not matter.
        self.checkout.write("fuzz/unused.cpp", b"")
        (self.checkout.root / "findings/unused").mkdir()
        self.assertEqual(len(self.triage("findings")["causes"]), 2)
        self.assertEqual(len(self.triage()["causes"]), 2)
        self.assert_one_line(self.checkout.run("triage", "elsewhere"), "use --target")
        self.assert_one_line(self.checkout.run("triage", "elsewhere/x"), "use --target")
        self.assert_one_line(self.checkout.run("triage", "no/such"), "no such file")

    def test_nothing_to_do(self):
        self.assertEqual(self.triage(status=0), {"causes": []})
        self.assertEqual(self.printed, "no failing inputs\n")


class OnThreads(StandInCase):
    def setUp(self) -> None:
        super().setUp()
        self.checkout.write("fuzz/demo_threads.cpp", b"")
        self.checkout.write("corpus/demo_threads/seed", b"seed")
        self.checkout.program("build/tsan/bin/demo_threads", RARE_BINARY)
        self.checkout.program("build/asan-ubsan/bin/demo_threads", "import sys\n"
                              "if sys.argv[1] == '--format':\n"
                              "    print('version 1 header 3 record 2')\n")

    def triage(self) -> list[dict]:
        self.checkout.run("triage", "--json", "out.json")
        return json.loads((self.checkout.root / "out.json").read_text())["causes"]

    def test_an_input_runs_20_times_and_the_most_frequent_cause_counts(self):
        self.checkout.write("findings/demo_threads/a", b"xyz")
        [entry] = self.triage()
        self.assertEqual((entry["verdict"], entry["failed"], entry["runs"], entry["sanitizer"]),
                         ("common", 4, 20, "thread"))

    def test_an_input_that_does_not_fail_again_has_the_cause_of_its_report(self):
        self.checkout.program("build/tsan/bin/demo_threads", "import sys\n"
                              "if sys.argv[1] == '--format':\n"
                              "    print('version 1 header 3 record 2')\n")
        self.checkout.write("findings/demo_threads/a", b"xyz")
        self.checkout.write("findings/reports/demo_threads/a.txt",
                            b"FINDING demo_threads: lost: 3 of 4\n")
        [entry] = self.triage()
        self.assertEqual((entry["verdict"], entry["failed"], entry["runs"], entry["minimised"]),
                         ("lost", 0, 20, False))


class Keep(StandInCase):
    def setUp(self) -> None:
        super().setUp()
        self.list = self.checkout.write("corpus/regress/README.md", b"# Inputs\n\n| a | b | c |\n")
        self.checkout.write("findings/demo/a", b"BUGabcd")

    def test_the_minimal_input_is_a_regression_with_its_text_and_a_line(self):
        self.assertEqual(self.checkout.run("triage", "--keep").returncode, 1)
        folder = self.checkout.root / "corpus/regress"
        [kept] = (folder / "demo").iterdir()
        self.assertEqual(kept.read_bytes(), b"BUG")
        text = folder / "described" / "demo" / f"{kept.name}.txt"
        self.assertEqual(text.read_text(), "3 bytes\n")
        line = f"| `demo/{kept.name}` | planted: the input asked for it | not known yet |\n"
        self.assertTrue(self.list.read_text().endswith(f"| a | b | c |\n{line}"))
        self.checkout.run("triage", "--keep")
        self.assertEqual(self.list.read_text().count(kept.name), 1)
        self.assertEqual(self.checkout.run("replay").returncode, 1)

    def test_another_input_of_that_name_is_not_replaced(self):
        self.checkout.run("triage", "--keep")
        [kept] = (self.checkout.root / "corpus/regress/demo").iterdir()
        kept.write_bytes(b"mine")
        self.assert_one_line(self.checkout.run("triage", "--keep"), "is another input")
        self.assertEqual(kept.read_bytes(), b"mine")


if __name__ == "__main__":
    unittest.main()
