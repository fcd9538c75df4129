"""The corpus command: set cover, siblings, the checks, conversion, merging, in a stand-in checkout
whose programs tell features and states from the bytes of an input."""

import json
import re
import unittest

from support import ROOT, StandInCase
from commands.corpus import programs
from commands.corpus.convert import converter
from commands.corpus.cover import cover
from commands.corpus.siblings import (SIBLINGS, mailbox_weave_to_threads,
                                      ready_queue_weave_to_threads, scheduler_weave_to_threads,
                                      step_to_threads, step_to_weave)

# Each letter of an input is a state and each digit a feature. "slow" takes long.
REPLAY = """
    import os, sys
    VERSION = 1
    if sys.argv[1] == "--format":
        print(f"version {VERSION} header 3 record 2")
    elif sys.argv[1] == "--describe":
        print("means " + open(sys.argv[2]).read())
    elif sys.argv[1] == "--states":
        content = "".join(open(name).read() for name in sys.argv[2:])
        for letter in "abcdefgh":
            missed = "" if letter in content else "  <- never reached"
            print(f"{content.count(letter):12}  state {letter}{missed}")
    elif sys.argv[1] == "--each":
        for name in sys.argv[2:]:
            content = open(name).read()
            states = [f"state {letter}" for letter in "abcdefgh" if letter in content]
            micros = 11000000 if "slow" in content else 5
            print("\\t".join([str(len(content)), str(micros), name, *states]))
"""
MERGE = """
    import os, random, sys
    options = dict(word[1:].split("=", 1) for word in sys.argv[1:] if word.startswith("-"))
    folders = [word for word in sys.argv[1:] if not word.startswith("-")]
    files = sorted(os.path.join(folders[1], name) for name in os.listdir(folders[1]))
    with open(options["merge_control_file"], "w") as control:
        control.write(f"{len(files)}\\n0\\n" + "".join(f"{file}\\n" for file in files))
        for number, file in enumerate(files):
            content = open(file).read()
            control.write(f"STARTED {number} {len(content)}\\n")
            if "BUG" not in content:
                luck = random.randrange(1 << 30) if "?" in content else 77
                found = {ord(letter) for letter in content if letter.isdigit()} | {luck}
                control.write(f"FT {number} {' '.join(map(str, sorted(found)))}\\n")
                control.write(f"COV {number} {' '.join(filter(str.isdigit, content))}\\n")
"""
# Eight edges, at the addresses 0x100 and so on; those with even numbers are the product's. Of a
# target under weave two more counters are pairs, with the features 64 to 79.
READELF = """
    import sys
    if sys.argv[1] == "-SW":
        print("  [31] __sancov_pcs  PROGBITS  0000000000001000 001000 000080 00  WA  0   0  8")
        if "weave" in sys.argv[2]:
            print("  [32] __libfuzzer_extra_counters PROGBITS 0000000000002000 002000 000002 00 WA"
                  "  0   0 16")
    else:
        for number in range(8):
            print(f"{0x1000 + 16 * number:016x}  0000000000000008 R_X86_64_RELATIVE  "
                  f"               {0x100 + number:x}")
"""
SYMBOLIZER = """
    import json, os, sys
    def source(address):
        number = int(address, 16) - 0x100
        return "/elsewhere/src/runtime/x.h" if number % 2 == 0 else "/elsewhere/fuzz/kit/x.h"
    print(json.dumps([{"Symbol": [{"FileName": source(word)}, {"FileName": "/main.cpp"}]}
                      for word in sys.argv[1:] if word.startswith("0x")]))
"""


class Cover(unittest.TestCase):
    def choose(self, already=frozenset(), **shown: str) -> list[str]:
        return cover({name: frozenset(items) for name, items in shown.items()},
                     {name: len(name) for name in shown}, frozenset(already))

    def test_nothing_is_lost_and_nothing_is_needless(self):
        self.assertEqual(self.choose(a="123", b="34", c="4", d="12"), ["a", "b"])

    def test_an_early_choice_that_later_ones_replace_is_dropped(self):
        # The largest first is needless once both others are there.
        self.assertEqual(sorted(self.choose(l="2356", m="123x", n="456y", o="")), ["m", "n"])

    def test_what_is_shown_already_needs_no_input(self):
        self.assertEqual(self.choose("123", a="12", b="3", c="45"), ["c"])
        self.assertEqual(self.choose("12", a="12"), [])

    def test_of_equal_ones_the_smaller(self):
        self.assertEqual(self.choose(long="12", s="12"), ["s"])


class Control(unittest.TestCase):
    def test_features_by_file_and_none_for_one_that_failed(self):
        text = "3\n1\n/a\n/b\n/c\nSTARTED 0 4\nFT 0 1 2 3\nCOV 0 9\nSTARTED 1 4\nSTARTED 2 4\nFT 2\n"
        self.assertEqual(programs.parse_control(text),
                         ({"/a": frozenset({1, 2, 3}), "/c": frozenset()}, frozenset({9})))


class Converters(unittest.TestCase):
    def test_what_says_that_there_are_wishes_now_meant_nothing_before(self):
        for target in ("mailbox_weave", "ready_queue_weave", "scheduler_weave", "wait_list_weave"):
            convert = converter(target, 1)
            self.assertEqual(convert(b"\2\2abc"), b"\1\2abc")
            for same in (b"", b"\1\2abc", b"\0", b"\xff\2"):
                self.assertEqual(convert(same), same)


class Siblings(unittest.TestCase):
    def test_calls_keep_their_order_and_go_to_threads(self):
        # Ring of 4 below the wrap: push four times, pop, claim, publish, has_pending, batch of 3.
        step = bytes([9, 0, 1, 2, 0xD0, 5, 1, 0, 4, 2, 5, 0, 7, 0, 3, 3])
        self.assertEqual(step_to_threads(step), bytes(
            [9, 0, 1, 2, 1, 1, 5, 2, 5, 1, 5, 2, 5, 0, 0, 1 | 1 << 3, 2, 7 << 3, 0, 1 << 3, 3]))

    def test_registrations_and_what_takes_them_turn_the_header_bit_on(self):
        # A registration, consume, a push.
        step = bytes([9, 0, 1, 2, 15, 3, 13, 2, 0, 7])
        self.assertEqual(step_to_threads(step), bytes(
            [9, 0, 1, 2, 1 | 16, 1 | 5 << 3, 3, 3 << 3, 2, 2, 7]))

    def test_under_weave_the_header_has_the_calls_and_the_records_are_choices(self):
        step = bytes([9, 1, 1, 2, 2, 3, 3, 2, 0, 0])
        calls = [1 | 1 << 3, 3, 0 | 1 << 3, 2, 2, 0]
        self.assertEqual(step_to_weave(step), bytes(
            [9, 3, 1, 2, 1, 0, 3, *calls, *[0] * 26, 2, 3, 3, 2, 0, 0]))

    def test_calls_under_weave_are_calls_on_threads(self):
        calls = bytes([1, 5, 0, 0])
        weave = bytes([9, 2, 1, 2, 4, 1, 2]) + calls.ljust(32, b"\0") + b"choices"
        self.assertEqual(mailbox_weave_to_threads(weave), bytes([9, 0, 1, 2, 4]) + calls)
        weave = bytes([9, 1, 5, 1, 2]) + calls.ljust(32, b"\0") + b"choices"
        self.assertEqual(ready_queue_weave_to_threads(weave), bytes([9, 2, 5]) + calls)
        weave = bytes([9, 1, 1, 7, 2, 1, 2, 1, 4]) + b"choices"
        self.assertEqual(scheduler_weave_to_threads(weave), bytes([9, 3, 4, 7, 2, 1, 4, 99]))

    def test_under_weave_the_value_of_inputs_with_wishes_is_left_out(self):
        self.assertEqual(step_to_weave(bytes([2, 1, 1, 2]))[0], 1)

    def test_any_bytes_can_be_translated(self):
        for translate in SIBLINGS.values():
            for content in (b"", b"\xff", b"\xff" * 9, bytes(range(256)) * 40):
                self.assertLessEqual(len(translate(content)), 39 + 2 * 4096)

    def test_the_tables_are_those_of_the_formats(self):
        from commands.corpus import siblings
        for name, table in (("step", siblings.STEP_CAPACITIES),
                            ("threads", siblings.THREADS_CAPACITIES)):
            source = (ROOT / f"fuzz/mailbox/mailbox_{name}_schedule.cpp").read_text()
            numbers = re.search(r"capacities = \{([^}]*)\}", source)[1]
            self.assertEqual(tuple(map(int, numbers.replace("\n", " ").split(","))), table)

    def test_the_calls_are_those_of_the_formats(self):
        from commands.corpus import siblings

        def calls(name: str, table: str) -> list[str]:
            source = (ROOT / f"fuzz/mailbox/mailbox_{name}_schedule.cpp").read_text()
            return re.findall(r"::(\w+)", re.search(rf" {table} = \{{([^}}]*)\}}", source)[1])

        step = calls("step", "calls")
        self.assertEqual([step[siblings.CONSUME], step[siblings.REGISTRATION]],
                         ["consume", "push_registration"])
        for suffix in ("", "_with_registrations"):
            producer = calls("threads", f"producer_calls{suffix}")
            consumer = calls("threads", f"consumer_calls{suffix}")
            self.assertEqual([producer[siblings.PRODUCER_CALLS[call]]
                              for call in ("push", "bulk", "normal-done")],
                             ["push_condition", "push_conditions", "push_normal_done"])
            self.assertEqual([consumer[siblings.CONSUMER_CALLS[call]]
                              for call in ("pop", "batch", "has-pending")],
                             ["pop", "pop_batch", "has_pending"])
        self.assertEqual(producer[siblings.PRODUCER_CALLS["registration"]], "push_registration")
        self.assertEqual(consumer[siblings.CONSUMER_CALLS["consume"]], "consume")


class CorpusCase(StandInCase):
    def setUp(self) -> None:
        super().setUp()
        self.checkout.program("build/asan-ubsan/bin/demo", REPLAY)
        self.checkout.program("build/fuzz/bin/demo", MERGE)
        self.checkout.program("bin/readelf", READELF)
        self.checkout.program("bin/llvm-symbolizer", SYMBOLIZER)
        self.checkout.write("src/runtime/x.h", b"")
        self.checkout.write("corpus/regress/README.md", b"| input | what |\n|---|---|\n"
                                                        b"| `demo/old` | it |\n")
        self.checkout.write("corpus/regress/demo/old", b"1a")
        self.checkout.write("corpus/regress/described/demo/old.txt", b"means 1a\n")
        (self.checkout.root / "corpus/demo/seed").unlink()

    def inputs(self, **contents: str) -> None:
        for name, content in contents.items():
            self.checkout.write(f"corpus/demo/{name}", content.encode())

    def contents(self) -> list[str]:
        return sorted(path.read_text() for path in (self.checkout.root / "corpus/demo").iterdir())

    def corpus(self, *words: str, status: int = 0):
        result = self.checkout.run("corpus", *words)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result


class Stats(CorpusCase):
    def test_figures(self):
        self.inputs(one="123ab", two="?4c")
        self.corpus("stats", "--json", "out.json")
        [found] = json.loads((self.checkout.root / "out.json").read_text())["targets"]
        self.assertEqual(found, {"target": "demo", "inputs": 3, "bytes": 10, "product_edges": 2,
                                 "product_edges_all": 4, "states_reached": 3, "states": 8,
                                 "read_pairs": 0, "replay_seconds": 0.000015,
                                 "stable_inputs": 2 / 3})

    def test_a_target_under_weave_must_be_stable(self):
        self.checkout.write("fuzz/demo_weave.cpp", b"")
        self.checkout.program("build/dev/bin/demo_weave", REPLAY)
        self.checkout.program("build/dev/bin/demo_weave_fuzzer", MERGE)
        self.checkout.write("corpus/demo_weave/one", b"12")
        # The two features of each input and the one that every input has: '1' is 49, 77 a pair.
        self.assertRegex(self.corpus("stats", "demo_weave").stdout, r"states  read pairs +replay")
        self.corpus("stats", "demo_weave", "--json", "out.json")
        [found] = json.loads((self.checkout.root / "out.json").read_text())["targets"]
        self.assertEqual(found["read_pairs"], 1)
        self.checkout.write("corpus/demo_weave/two", b"12?")
        self.assertIn("must reach the same", self.corpus("stats", "demo_weave", status=1).stderr)


class Minimize(CorpusCase):
    def test_every_feature_and_every_state_is_kept(self):
        self.inputs(a="12345", b="123", c="5d", d="1a", e="45")
        self.corpus("minimize")
        # The regression has 1 and a; d is needed for its state.
        self.assertEqual(self.contents(), ["12345", "5d"])

    def test_luck_does_not_keep_an_input(self):
        self.inputs(a="12", b="?1")
        self.corpus("minimize")
        self.assertEqual(self.contents(), ["12"])


class Merge(CorpusCase):
    def test_only_what_shows_more_is_taken(self):
        self.inputs(a="12")
        for name, content in {"x": "123", "y": "1", "z": "1h", "bug": "BUG9"}.items():
            self.checkout.write(f"fleet/demo/{name}", content.encode())
        result = self.corpus("merge", "fleet")
        self.assertEqual(self.contents(), ["12", "123", "1h"])
        self.assertIn("demo: 4 new inputs, 2 show more", result.stdout)

    def test_a_sibling_feeds_another(self):
        for target in ("mailbox_step", "mailbox_threads", "mailbox_weave"):
            self.checkout.write(f"fuzz/{target}.cpp", b"")
            self.checkout.write(f"corpus/{target}/one", b"0")
            self.checkout.program(f"build/asan-ubsan/bin/{target}", REPLAY)
            self.checkout.program(f"build/fuzz/bin/{target}", MERGE)
        self.checkout.write("fleet/mailbox_step/x", bytes([0, 0, 0, 0]) + b"08")
        self.corpus("merge", "fleet", "mailbox_threads")
        folder = self.checkout.root / "corpus/mailbox_threads"
        self.assertEqual({path.read_bytes() for path in folder.iterdir()},
                         {b"0", bytes([0, 0, 0, 0, 1, 1]) + b"8"})

    def test_no_folder(self):
        self.assert_one_line(self.checkout.run("corpus", "merge", "nowhere"), "no such folder")


class Check(CorpusCase):
    def assert_problem(self, words: str) -> None:
        self.assertIn(words, self.corpus("check", status=1).stdout)

    def test_a_good_corpus(self):
        self.inputs(a="12")
        self.assertIn("1 target: 0 problems", self.corpus("check").stdout)

    def test_a_long_input_may_reach_what_a_short_one_does(self):
        self.inputs(short="af", long="1" * 200 + "fa")
        self.assertIn("0 problems", self.corpus("check").stdout)
        # Generated ones count.
        self.setUp()
        self.checkout.write("build/asan-ubsan/seeds/demo/generated", b"f")
        self.inputs(long="1" * 200 + "fa")
        self.assertIn("0 problems", self.corpus("check").stdout)

    def test_each_problem_is_seen(self):
        cases = {
            "corpus/demo/big": (b"1" * 20000, "has 20000 bytes"),
            "corpus/demo/slow": (b"slow", "takes 11.0 s"),
            "corpus/demo/long": (b"1" * 200 + b"f", "reaches the state: state f"),
            "corpus/demo/twin": (b"1a", "corpus/regress/demo/old is the same"),
            "corpus/regress/demo/new": (b"9", "corpus/regress/demo/new has no line"),
            "corpus/regress/described/demo/old.txt": (b"means 2\n", "does not mean what"),
            "corpus/regress/described/demo/gone.txt": (b"", "gone.txt has no input"),
            "corpus/regress/README.md": (b"| `demo/old` |\n| `demo/lost` |\n", "names demo/lost"),
            "corpus/formats": (b"demo 0\n", "have format 0, its program reads 1"),
        }
        for name, (content, words) in cases.items():
            with self.subTest(words):
                self.setUp()
                self.checkout.write(name, content)
                self.assert_problem(words)
        self.setUp()
        (self.checkout.root / "corpus/regress/described/demo/old.txt").unlink()
        self.assert_problem("described/demo/old.txt is missing")


class Convert(CorpusCase):
    """A planted version 2, in which an input has a letter more at its end."""

    def setUp(self) -> None:
        super().setUp()
        self.inputs(a="12", b="xx")
        self.checkout.program("build/asan-ubsan/bin/demo",
                              REPLAY.replace("VERSION = 1", "VERSION = 2"))

    def plant_converter(self) -> None:
        self.checkout.write("commands/corpus/converters/demo_1.py", b'"""Planted."""\n'
                            b"def convert(content):\n"
                            b"    return None if content == b'xx' else content + b'h'\n")

    def test_a_new_version_is_seen_and_its_converter_missed(self):
        self.assertIn("./mailproof corpus convert", self.corpus("check", status=1).stdout)
        self.assert_one_line(self.checkout.run("corpus", "convert"), "converters/demo_1.py")
        self.assertEqual(self.contents(), ["12", "xx"])

    def test_old_inputs_live_on(self):
        self.plant_converter()
        self.assertIn("now of version 2", self.corpus("convert").stdout)
        self.assertEqual(self.contents(), ["12h"])
        folder = self.checkout.root / "corpus"
        self.assertEqual((folder / "regress/demo/old").read_text(), "1ah")
        self.assertEqual((folder / "regress/described/demo/old.txt").read_text(), "means 1ah\n")
        self.assertEqual((folder / "formats").read_text(), "demo 2\n")
        self.corpus("check")
        # A target without inputs needs no converter.
        self.checkout.write("fuzz/empty.cpp", b"")
        self.checkout.program("build/asan-ubsan/bin/empty",
                              REPLAY.replace("VERSION = 1", "VERSION = 2"))
        self.corpus("convert", "empty")
        self.assertEqual((folder / "formats").read_text(), "demo 2\nempty 2\n")
        # Once only.
        self.corpus("convert")
        self.assertEqual(self.contents(), ["12h"])


if __name__ == "__main__":
    unittest.main()
