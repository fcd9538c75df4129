"""Mutants by operator, the part of a day, and the matrix of bugs and layers."""

import collections
import contextlib
import io
import json
import os
import subprocess
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

from support import ROOT
from commands.bugs import argued, campaign, matrix, mutants, mutation, page, switches
from commands.bugs.layers import (HEADERS, KINDS, LAYERS, Cell, Layer, layers_of,
                                  subject_of)
from commands.kit.child import Outcome
from commands.kit.console import CommandError
from commands.nightly.mutant_jobs import MutantJob

HEADER = """\
#include <atomic>
// if (a < b) in a comment
struct S {
    std::atomic<int> n;
    int f(int a, int b) {
        static_assert(sizeof(int) < 8);
        PTO_ASSERT(a < b, a);
        if (a < b && n.load(std::memory_order_acquire) == 1) {
            a = b;
            ++b;
        }
        int expected = 0;
        n.compare_exchange_strong(expected, 7, std::memory_order_acq_rel);
        n.store(b, std::memory_order_release);
        unlock();
        cv.notify_one();
        return try_lock() ? a : b;
    }
};
"""


class Operators(unittest.TestCase):
    def setUp(self) -> None:
        self.mutants = mutants.mutants_of("s.h", HEADER)

    def changes(self, operator: str) -> list[tuple[str, str]]:
        return [(one.old, one.new) for one in self.mutants if one.operator == operator]

    def test_an_order_becomes_relaxed(self):
        self.assertEqual([old for old, _ in self.changes("order")],
                         [f"memory_order_{word}" for word in ("acquire", "acq_rel", "release")])
        self.assertEqual({new for _, new in self.changes("order")}, {"memory_order_relaxed"})

    def test_a_statement_that_writes_is_dropped(self):
        self.assertEqual(self.changes("drop"),
                         [("a = b", ""), ("++b", ""),
                          ("n.store(b, std::memory_order_release)", "")])

    def test_neighbours_change_places_and_declarations_stay(self):
        swaps = [" ".join(new.split()) for _, new in self.changes("swap")]
        self.assertEqual(swaps[0], "++b; a = b")
        self.assertTrue(all("int expected" not in text for text in swaps))

    def test_two_writes_that_nothing_orders_stay(self):
        def swaps(*statements: str) -> int:
            body = "".join(f"{one}; " for one in statements)
            found = mutants.mutants_of("s.h", f"void f() {{ {body}}}\n")
            return sum(one.operator == "swap" for one in found)
        relaxed = "b.store(2, std::memory_order_relaxed)"
        self.assertEqual(swaps("a = 1", "b = 2"), 0)
        self.assertEqual(swaps("a = 1", relaxed), 0)
        self.assertEqual(swaps("to.x = from.x", "to.y = from.y"), 0)
        self.assertEqual(swaps("to.x = &from", "to.y = static_cast<int>(n ? 0 : v.size())"), 0)
        self.assertEqual(swaps("a = 1", "++b"), 0)
        self.assertEqual(swaps("a = 1", "++a"), 1)
        self.assertEqual(swaps("a = f(1)", "++b"), 1)
        self.assertEqual(swaps("a = 1", "b.store(2, std::memory_order_release)"), 1)
        self.assertEqual(swaps("a = 1", "b = a"), 1)
        self.assertEqual(swaps("a = b", "b = 2"), 1)
        self.assertEqual(swaps("a = 1", "b = f(2)"), 1)
        self.assertEqual(swaps("one.x = 1", "other.x = 2"), 1, "they may be one object")

    def test_atomic_accesses_become_plain_or_are_split(self):
        self.assertEqual([new for _, new in self.changes("plain")],
                         ["::pto_planted::plain_load(n)", "::pto_planted::plain_store(n, b)"])
        self.assertEqual([new for _, new in self.changes("split")],
                         ["::pto_planted::split_exchange(n, expected, 7)"])

    def test_comparisons_bounds_and_branches_change_where_code_runs(self):
        self.assertEqual(self.changes("compare"), [("<", "<="), ("==", "!=")])
        self.assertIn(("1", "(1 + 1)"), self.changes("off-by-one"))
        self.assertNotIn(("8", "(8 + 1)"), self.changes("off-by-one"))
        self.assertEqual([new.split(" ")[0] for _, new in self.changes("branch")],
                         ["false", "true"])

    def test_locks_and_notifications_are_dropped(self):
        self.assertEqual(self.changes("lock"), [("unlock()", ""), ("try_lock()", "(try_lock(), true)")])
        self.assertEqual(self.changes("notify"), [("cv.notify_one()", "")])

    def test_there_are_enough_of_every_operator_that_src_has_places_for(self):
        listed = mutation.listed()
        self.assertGreaterEqual(len(listed), 400)
        self.assertEqual(len({one.name for one in listed}), len(listed))
        found = collections.Counter(one.operator for one in listed)
        self.assertEqual(set(found) | {"notify"}, set(mutants.OPERATORS))

    def test_the_list_is_the_same_each_time_and_each_mutant_stands_at_its_place(self):
        listed = mutants.all_mutants()
        self.assertEqual(listed, mutants.all_mutants())
        for one in listed:
            source = (mutants.FOLDER / one.header).read_text()
            self.assertTrue(source.startswith(one.old, one.begin), one.name)
            self.assertNotEqual(one.old, one.new, one.name)

    def test_the_parts_of_consecutive_seeds_have_every_mutant_once(self):
        listed = mutation.listed()
        parts = [mutation.part_of(listed, 100, seed) for seed in range(len(listed) // 100)]
        names = [one.name for part in parts for one in part]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(mutation.part_of(listed, 100, 3), parts[3])


SWITCHED = """\
#include <atomic>
inline int f(std::atomic<int>& n, int a, int b) {
    int r = 0;
    if (a + 1 < b && n.load(std::memory_order_acquire) == 1) {
        r = 10;
        r += b;  // twelve
    }
    return r;
}
"""
# f() of three numbers, or f(1, 0, 1), f(1, 0, 2), f(0, 0, 2).
PROGRAM = """\
#include "s.h"
#include <cstdio>
#include <cstdlib>
int main(int argc, char** argv) {
    std::atomic<int> one{1}, zero{0};
    if (argc == 4) {
        std::atomic<int> n{std::atoi(argv[1])};
        std::printf("%d\\n", f(n, std::atoi(argv[2]), std::atoi(argv[3])));
        return 0;
    }
    std::printf("%d %d %d\\n", f(one, 0, 1), f(one, 0, 2), f(zero, 0, 2));
}
"""


class Switched(unittest.TestCase):
    """All mutants of a header in one program."""

    @classmethod
    def setUpClass(cls) -> None:
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = Path(scratch.name)
        (cls.folder / "s.h").write_text(SWITCHED)
        (cls.folder / "main.cpp").write_text(PROGRAM)
        cls.mutants = mutants.mutants_of("s.h", SWITCHED)
        for name, text in switches.Switches(cls.mutants).texts(cls.folder).items():
            (cls.folder / name).write_text(text)
        subprocess.run(["clang++-19", "-std=c++20", "-w", "main.cpp", "-o", "main"], check=True,
                       cwd=cls.folder)

    def printed(self, environment: dict[str, str]) -> str:
        run = subprocess.run([self.folder / "main"], check=True, text=True, capture_output=True,
                             env={**os.environ, **environment})
        return run.stdout.strip()

    def test_without_a_choice_nothing_changes(self):
        self.assertEqual(self.printed({}), "0 12 0")

    def test_each_mutant_does_what_it_says(self):
        expected = {("compare", "<="): "11 12 0", ("compare", "!="): "0 0 12",
                    ("off-by-one", "(0 + 1)"): "1 12 1", ("off-by-one", "(10 + 1)"): "0 13 0",
                    ("swap", ""): "0 10 0", ("branch", "false"): "0 0 0",
                    ("branch", "true"): "11 12 12", ("drop", "r = 10"): "0 2 0",
                    ("drop", "r += b"): "0 10 0", ("plain", ""): "0 12 0", ("order", ""): "0 12 0"}
        for one in self.mutants:
            printed = self.printed({switches.CHOSEN: one.name})
            word = {"drop": one.old, "compare": one.new, "branch": one.new.split(" ")[0],
                    "off-by-one": one.new}.get(one.operator, "")
            if (one.operator, word) in expected:
                self.assertEqual(printed, expected.pop((one.operator, word)), one)
        self.assertEqual(expected, {})

    def test_a_run_notes_which_places_it_reaches(self):
        names = [one.name for one in self.mutants]
        printed, reached = switches.noting([*names, "s.other.0"], self.printed)
        self.assertEqual((printed, reached), ("0 12 0", frozenset(names)))

    def test_no_two_faults_share_a_byte(self):
        names = [one.name for one in mutation.listed()]
        names += [path.stem for path in (ROOT / "bugs").glob("*/*.bug")]
        self.assertEqual(len({switches.place_of(name) for name in names}), len(names))

    def test_a_probe_ends_where_a_condition_differs(self):
        differs = {(one.old, one.new.split(" ")[0]): self.is_ended_as_probe(one.name, "1 0 2")
                   for one in self.mutants if one.operator in switches.PROBED}
        condition = "a + 1 < b && n.load(std::memory_order_acquire) == 1"
        self.assertEqual(differs, {("<", "<="): False, ("==", "!="): True,
                                   (condition, "false"): True, (condition, "true"): False})
        [name] = [one.name for one in self.mutants if one.new == "<="]
        self.assertTrue(self.is_ended_as_probe(name, "1 0 1"))

    def is_ended_as_probe(self, name: str, values: str) -> bool:
        """`values`: n, a and b of one call."""
        run = subprocess.run([self.folder / "main", *values.split()], check=False,
                             capture_output=True,
                             env={**os.environ, switches.CHOSEN: name, switches.PROBE: "1"})
        return run.returncode != 0

    def test_all_mutants_of_the_product_have_a_switch(self):
        listed = mutation.listed()
        texts = switches.Switches(listed).texts(mutants.FOLDER)
        found = set().union(*map(switches.names_in, texts.values()))
        self.assertEqual(found, {one.name for one in listed})

    def test_what_is_left_out_has_none(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "s.h").write_text(SWITCHED)
            left_out = self.mutants[1].name
            texts = switches.Switches(self.mutants, frozenset({left_out})).texts(Path(folder))
        self.assertEqual(switches.names_in(texts["s.h"]),
                         {one.name for one in self.mutants} - {left_out})


class Argued(unittest.TestCase):
    def refusal(self, operator: str, old: str) -> str:
        """Why an entry for the mailbox is refused."""
        return self.refusal_of(f'[[mutant]]\nheader = "mailbox.h"\noperator = "{operator}"\n'
                               f'old = "{old}"\nwhy = "any"\n')

    def refusal_of(self, text: str) -> str:
        """Why a file is refused."""
        (ROOT / "build").mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", suffix=".toml", dir=ROOT / "build") as file:
            file.write(text)
            file.flush()
            with mock.patch.object(argued, "FILE", Path(file.name)), \
                    self.assertRaises(CommandError) as refused:
                argued.load(mutation.listed())
        return str(refused.exception)

    def test_every_reason_is_one_of_a_mutant(self):
        self.assertTrue(all(argued.load(mutation.listed()).values()))

    def test_a_reason_for_code_that_has_changed_is_refused(self):
        self.assertRegex(self.refusal("drop", "gone = 1"),
                         "mailbox.h, drop, 'gone = 1' fits 0 mutants: it must fit one")

    def test_a_reason_for_a_function_without_such_a_mutant_is_refused(self):
        entry = '[[all]]\nheader = "mailbox.h"\nfunctions = ["{}"]\noperators = ["{}"]\nwhy = "w"\n'
        for function, operator in (("gone", "plain"), ("claim_lines", "lock")):
            self.assertRegex(self.refusal_of(entry.format(function, operator)),
                             rf"mailbox.h: {function}\(\) has no mutant by {operator}")

    def test_a_reason_for_several_is_refused(self):
        self.assertRegex(self.refusal("compare", "<"), r"'<' fits \d+ mutants: it must fit one")


class Campaign(unittest.TestCase):
    """Mutants against layers that are stand-ins."""

    def conclusion(self, fate: str, reasons: dict[str, str]) -> tuple[int, str]:
        one = mutation.listed()[0]
        results = mock.Mock(faults={one.name: {"layer": "", "verdict": "", "fate": fate}})
        with contextlib.redirect_stdout(io.StringIO()) as output:
            known = mutation._known([one], results, reasons)
            return mutation._conclude(known, reasons, 0, None), output.getvalue()

    def test_a_survivor_with_a_reason_is_argued_and_not_a_hole(self):
        name = mutation.listed()[0].name
        status, text = self.conclusion("survived", {})
        self.assertEqual(status, 1)
        self.assertIn(f"survived: {name} at src/runtime/", text)
        status, text = self.conclusion("survived", {name: "why"})
        self.assertEqual(status, 0)
        self.assertIn("0 of 0 mutants killed", text)
        self.assertEqual(self.conclusion("not-reached", {name: "why"})[0], 0)

    def test_a_reason_is_wrong_when_a_layer_kills(self):
        name = mutation.listed()[0].name
        status, text = self.conclusion("killed", {name: "no thread reads it"})
        self.assertEqual(status, 0)
        self.assertIn(f"killed: {name} at src/runtime/", text)
        self.assertIn("which cannot be, says equivalent.toml: no thread reads it", text)

    def test_a_night_reads_what_a_campaign_has_written(self):
        one, other = mutation.listed()[:2]
        fates = {one.name: "killed", other.name: "survived"}
        results = mock.Mock(faults={name: {"layer": "", "verdict": "", "fate": fate}
                                    for name, fate in fates.items()})
        with tempfile.TemporaryDirectory() as folder, \
                contextlib.redirect_stdout(io.StringIO()):
            path = Path(folder) / "results.json"
            known = mutation._known([one, other], results, {})
            status = mutation._conclude(known, {}, 0, str(path))
            written = json.loads(path.read_text())
        work = mock.Mock(read_results=mock.Mock(return_value=written))
        harvest = MutantJob().harvest(work, Outcome(status, ""), 1.0)
        self.assertEqual(harvest.figures, {"mutants": 2, "killed": 1})
        self.assertEqual(len(harvest.remarks), 1)
        self.assertIn(f"survived: {other.name} at src/runtime/", harvest.remarks[0])

    def test_the_document_has_the_score_and_a_row_for_each_operator(self):
        known = [{"operator": operator, "fate": fate} for operator, fate in
                 (("drop", "killed"), ("drop", "survived"), ("order", "argued"), ("order", "killed"))]
        self.assertEqual(mutation.document(known, 1460, 3),
                         "Of 1,460 mutants, 4 were held (`--sample 4 --seed 3`):\n"
                         "2 of the 3 that count are killed, 66.7%.\n\n"
                         "| operator | killed | survived | equivalent | argued | not-reached | "
                         "not-built |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
                         "| order | 1 | 0 | 0 | 1 | 0 | 0 |\n| drop | 1 | 1 | 0 | 0 | 0 | 0 |\n")

    def test_an_interrupt_keeps_nothing_that_it_has_ended(self):
        """The layer ends because it was interrupted, and not because it has found something."""
        started = threading.Event()

        def run(*_) -> Cell:
            started.set()
            time.sleep(0.2)
            return Cell(True, "torn", 0.2)

        class Pool(ThreadPoolExecutor):
            def map(self, *arguments):
                super().map(*arguments)
                started.wait()
                raise KeyboardInterrupt

        layer = mock.Mock(run=run)
        results = mock.Mock()
        with mock.patch.object(mutation, "mutant_layers", return_value=[layer]), \
                mock.patch.object(campaign, "ThreadPoolExecutor", Pool):
            one = mutation.listed()[0]
            held = mutation._Campaign([campaign.Reach(layer, 1.0, frozenset({one.name}))],
                                      mock.Mock(), results, campaign.Clock.of_minutes(1))
            with self.assertRaises(KeyboardInterrupt):
                held.hold([one] * 50, {one.name})
        results.keep.assert_not_called()


class LayersOfSubjects(unittest.TestCase):
    def test_each_folder_of_bugs_and_each_header_has_layers(self):
        for path in (ROOT / "bugs").iterdir():
            self.assertIn(path.name, LAYERS)
        for names in HEADERS.values():
            for name in names:
                self.assertTrue((mutants.FOLDER / name).is_file(), name)
        self.assertEqual(subject_of("watermark.h"), "scheduler")
        for subject in LAYERS:
            self.assertLessEqual({layer.kind for layer in layers_of(subject)}, set(KINDS))

    def test_each_program_is_built_by_cmake(self):
        text = (ROOT / "tests" / "bugs" / "layers" / "CMakeLists.txt").read_text()
        for layer in {layer for layers in LAYERS.values() for layer in layers}:
            kind, _, rest = layer.program.partition("_")
            if kind in ("unit", "property", "explored", "verify"):
                self.assertIn(rest, text)
            else:
                name = rest if kind in ("fuzz", "stress") else layer.program
                folder = "stress" if kind == "stress" else "fuzz"
                self.assertTrue((ROOT / folder / f"{name}.cpp").is_file(), layer.name)


class Matrix(unittest.TestCase):
    def row(self, cells: dict[str, list[dict]]) -> dict:
        """A bug of the ready queue with these cells, by the names of layers."""
        bug = mock.Mock(subject="ready_queue")
        bug.name = "demo"
        results = mock.Mock(get=lambda _, layer: cells.get(layer))
        return matrix.row_of(bug, results)

    @staticmethod
    def cell(killed: bool, seconds: float) -> dict:
        return {"killed": killed, "verdict": "lost" if killed else "", "seconds": seconds,
                "executions": None}

    def test_a_cell_is_the_median_of_the_kills(self):
        runs = [self.cell(True, 3), self.cell(True, 1), self.cell(True, 2)]
        self.assertEqual(matrix.median_of(runs)["seconds"], 2)
        self.assertFalse(matrix.median_of([self.cell(True, 1), self.cell(False, 9)])["killed"])
        self.assertIsNone(matrix.median_of([]))

    def test_a_bug_that_one_layer_finds_is_marked_and_one_that_has_not_run_is_not_a_hole(self):
        layers = [layer.name for layer in layers_of("ready_queue")]
        all_survived = {name: [self.cell(False, 1)] for name in layers}
        row = self.row({**all_survived, layers[0]: [self.cell(True, 0.4)]})
        self.assertEqual((row["kinds"], row["is_complete"]), (["replay"], True))
        self.assertEqual(matrix.cell_text(row, "replay"), "0.4")
        self.assertEqual(matrix.cell_text(row, "unit"), "-")
        self.assertFalse(self.row({})["is_complete"])
        text = page.write([row])
        self.assertIn('class="alone">ready_queue/demo', text)
        self.assertIn('class="k0"', text)

    def test_a_layer_runs_where_it_reaches_the_bug_and_a_bug_alone_has_its_own_build(self):
        bugs = [mock.Mock(subject="demo", is_alone=is_alone) for is_alone in (False, False, True)]
        for bug, name in zip(bugs, ("seen", "unseen", "alone")):
            bug.name = name
        layer, kept, slots = mock.Mock(), {}, mock.Mock()
        layer.run.side_effect = lambda seed, switch=None: Cell(True, f"{seed} {switch}", 1.0)
        slots.build.side_effect = [True, False]
        results = mock.Mock(keep=lambda bug, _, cells: kept.setdefault(bug, []).append(cells))
        held = matrix._Held([campaign.Reach(layer, 1.0, frozenset({"seen"}))], results, 2,
                            campaign.Clock.of_minutes(1), 4)
        held.hold_switched([(bugs[0], layer), (bugs[1], layer)])
        held.hold_alone([(bugs[2], layer), (bugs[2], layer)], slots)
        verdicts = {name: [[cell["verdict"] for cell in cells] for cells in runs]
                    for name, runs in kept.items()}
        chosen = {switches.CHOSEN: "seen"}
        self.assertEqual(verdicts, {"seen": [[f"1 {chosen}", f"2 {chosen}"]], "unseen": [[""]],
                                    "alone": [["1 None", "2 None"], []]})
        self.assertEqual(slots.build.call_args_list, [mock.call(layer, bugs[2])] * 2)

    def test_a_layer_that_fails_without_a_fault_is_an_error(self):
        layer = mock.Mock(spec=Layer)
        layer.name = "unit/demo"
        layer.run.return_value = mock.Mock(killed=True, verdict="failed")
        with self.assertRaisesRegex(campaign.CommandError, "'failed' without any fault"):
            campaign.reaches_of([layer], [])


if __name__ == "__main__":
    unittest.main()
