"""Explained findings: the guarantee of a line, the page, and where its arrows are."""

import html.parser
import json
import re
import unittest
from pathlib import Path

from support import ROOT, StandInCase
from commands.kit import explained, explained_page, project
from commands.kit.explained_page import ROW_HEIGHT


def event(thread: int, step: int, text: str, source=None, **more) -> dict:
    return {"thread": thread, "step": step, "text": text, "place": f"mailbox.h:{step}",
            "path": "", "function": "f", "from": source, "is_cause": False, "is_weak": False, "is_shown": True,
            **more}


def some_facts() -> dict:
    return {"verdict": "data-race", "what": "two accesses, and nothing orders them", "threads": 3,
            "facts": [{"text": "thread 2: load of <a1>", "events": [3, 1], "executions": 100,
                       "passed": 7}],
            "is_sure": True, "sure": "with this fact all 12 executions fail",
            "missing": ["thread 1: store of a1 is relaxed"],
            "accesses": [{"thread": 1, "step": 1, "text": "plain write", "place": "mailbox.h:1"},
                         {"thread": 2, "step": 4, "text": "plain read", "place": "mailbox.h:4"}],
            "events": [event(0, 0, "create thread 1", is_shown=False),
                       event(1, 2, "a1 := 1 relaxed", is_cause=True),
                       event(1, 3, "a1 -> 1 (of step 2)", 1),
                       event(2, 4, "a1 -> 1 (of step 2)", 1, is_cause=True)]}


def some_explained() -> explained.Explained:
    return explained.Explained("demo_weave", Path("/x/input"), ["capacity 4"], ["mailbox 1: whole"],
                               "FINDING demo_weave: data-race: <b>\n", some_facts())


class Elements(html.parser.HTMLParser):
    """The names of open elements, and every element with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.all: list[tuple[str, dict]] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.all.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.all.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


class Page(unittest.TestCase):
    def setUp(self) -> None:
        self.html = explained_page.render(some_explained())
        self.elements = Elements()
        self.elements.feed(self.html)

    def test_it_is_well_formed_and_names_no_other_file(self):
        self.assertEqual((self.elements.faults, self.elements.open), ([], []))
        for tag, attributes in self.elements.all:
            self.assertNotIn(tag, ("link", "img", "iframe", "object", "base"))
            self.assertFalse({"src", "href", "onclick"} & set(attributes), (tag, attributes))
        self.assertNotIn("http:", self.html)
        self.assertNotIn("https:", self.html)
        self.assertIn("default-src 'none'", self.html)

    def test_the_only_script_is_the_one_that_the_policy_allows(self):
        [policy] = [attributes["content"] for tag, attributes in self.elements.all
                    if attributes.get("http-equiv") == "Content-Security-Policy"]
        self.assertEqual(len(re.findall("script-src 'sha256-[A-Za-z0-9+/]{43}='$", policy)), 1)
        self.assertEqual(self.html.count("<script"), 1)

    def test_values_are_escaped(self):
        self.assertIn("load of &lt;a1&gt;", self.html)
        self.assertNotIn("<b>\n", self.html)

    def test_each_row_can_have_the_focus_and_the_cause_is_marked(self):
        rows = [attributes for tag, attributes in self.elements.all
                if tag == "li" and "tabindex" in attributes]
        # Three events that matter and two accesses; then all of them.
        self.assertEqual(len(rows), 5 + 6)
        self.assertEqual(sum(row.get("class") == "cause" for row in rows), 2 * 4)

    def test_it_fits_a_phone(self):
        self.assertIn(("meta", {"name": "viewport",
                                "content": "width=device-width, initial-scale=1"}),
                      self.elements.all)


class Timelines(unittest.TestCase):
    def timeline(self) -> explained_page.Timeline:
        return explained_page.timeline(some_facts(), "x", "X", lambda one: one["is_shown"])

    def test_accesses_come_after_the_events_of_their_step(self):
        self.assertEqual([(row.step, row.text[:5]) for row in self.timeline().rows],
                         [(1, "plain"), (2, "a1 :="), (3, "a1 ->"), (4, "a1 ->"), (4, "plain")])

    def test_an_arrow_goes_from_a_store_to_a_load_of_another_thread(self):
        [arrow] = self.timeline().arrows
        self.assertEqual((arrow.y1, arrow.y2), (1.5 * ROW_HEIGHT, 3.5 * ROW_HEIGHT))
        self.assertTrue(100 / 3 < arrow.x1 < 200 / 3 < arrow.x2 < 100)
        self.assertTrue(arrow.is_cause)

    def test_a_fact_has_its_number_at_its_events(self):
        self.assertEqual([row.fact for row in self.timeline().rows], [0, 1, 0, 1, 0])


class Guarantees(unittest.TestCase):
    def broken(self, code: str) -> list[str]:
        lines = (ROOT / "src/runtime/mailbox.h").read_text().splitlines()
        [number] = [number for number, line in enumerate(lines, start=1) if code in line]
        place = f"src/runtime/mailbox.h:{number}"
        return explained.broken_guarantees("mailbox_weave", {"events": [
            event(1, 2, "", path=place, is_cause=True)]})

    def test_the_bug_at_a_line_of_the_cause_names_the_guarantee(self):
        self.assertEqual(self.broken("slot.seq.store(ticket + 1, std::memory_order_release);"),
                         ["mailbox 1: every payload field arrives as pushed"])

    def test_a_weak_order_counts_before_other_parts_of_the_cause(self):
        events = [event(1, 2, "", path="src/runtime/mailbox.h:1", is_cause=True, is_weak=True),
                  event(1, 3, "", path="src/runtime/mailbox.h:216", is_cause=True)]
        self.assertEqual(explained.broken_guarantees("mailbox_weave", {"events": events}),
                         [])

    def test_paths_begin_at_the_checkout(self):
        text = f"weave: FINDING x\n at {ROOT}/src/a.h:1, {ROOT}/build/dev/../../fuzz/b.h:2\n"
        self.assertEqual(explained.shorten(text), " at src/a.h:1, fuzz/b.h:2\n")
        for path in (f"{ROOT}/tests/a.cpp", "../../tests/a.cpp", "build/dev/../../tests/a.cpp",
                     "tests/a.cpp"):
            self.assertEqual(project.below_root(f"assertion: {path}:3: 'x' failed"),
                             "assertion: tests/a.cpp:3: 'x' failed")

    def test_other_lines_break_nothing(self):
        self.assertEqual(self.broken("#pragma once"), [])
        self.assertEqual(explained.broken_guarantees("mailbox_weave", {}), [])


# A target under weave: an input with "BUG" fails, and one with "OLD" does if its operations are known.
WEAVE_BINARY = """
    import os, sys
    if sys.argv[1] == "--describe":
        print("two threads\\nchoices: 1 2 3")
        sys.exit()
    for name in sys.argv[1:]:
        content = open(name, "rb").read()
        known = os.environ.get("WEAVE_RECALL")
        if b"BUG" in content or (b"OLD" in content and known and open(known).read() == "steps"):
            facts = os.environ.get("WEAVE_EXPLANATION")
            if facts:
                open(facts, "w").write(FACTS)
                open(os.environ["WEAVE_OPERATIONS"], "w").write("steps")
            print(f"FINDING demo_weave: data-race: seen {os.environ.get('WEAVE_EXPLAIN')}\\n"
                  f"why:\\ninput: {name}", file=sys.stderr, flush=True)
            os.abort()
"""


class Replay(StandInCase):
    def setUp(self) -> None:
        super().setUp()
        self.checkout.write("fuzz/demo_weave.cpp", b"")
        self.checkout.program("build/dev/bin/demo_weave",
                              f"    FACTS = {json.dumps(json.dumps(some_facts()))}" + WEAVE_BINARY)

    def replay(self, content: bytes, *words: str, status: int = 1) -> str:
        self.checkout.write("findings/demo_weave/a", content)
        result = self.checkout.run("replay", "findings/demo_weave/a", *words)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result.stdout

    def test_a_finding_is_explained_after_its_scenario(self):
        text = self.replay(b"BUG")
        self.assertTrue(text.startswith("scenario:\n  two threads\nFINDING demo_weave: data-race: "
                                        "seen 1\nwhy:\n"), text)
        self.assertNotIn("choices:", text)
        self.assertIn("seen all", self.replay(b"BUG", "--all"))

    def test_the_page_is_written(self):
        self.assertIn("wrote out.html", self.replay(b"BUG", "--html", "out.html"))
        self.assertIn("<h1>demo_weave: data-race</h1>",
                      (self.checkout.root / "out.html").read_text())
        text = self.replay(b"fine", "--html", "none.html", status=0)
        self.assertIn("no page is written", text)

    def test_a_failure_whose_bytes_lead_elsewhere_is_found_again(self):
        self.replay(b"OLD", status=0)
        self.replay(b"BUG")
        kept = self.checkout.root / "findings/operations/demo_weave/a.txt"
        self.assertEqual(kept.read_text(), "steps")
        text = self.replay(b"OLD")
        self.assertIn("demo_weave: data-race: findings/demo_weave/a leads elsewhere now", text)
        kept.write_text("other steps")
        self.replay(b"OLD", status=0)


if __name__ == "__main__":
    unittest.main()
