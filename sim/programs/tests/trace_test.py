#!/usr/bin/env python3
"""Traces parse, say what their runs did, and are the same for the same seed in virtual time.

    trace_test.py RUN_GRAPH
"""
import collections
import json
import pathlib
import sys
import tempfile
import unittest

import support

PROGRAM = pathlib.Path()

# What an event has, by its phase, besides a name, a process and a track.
FIELDS = {"M": {"args"}, "X": {"ts", "dur", "args"}, "C": {"ts", "args"}, "i": {"ts", "s"}}


def traced(*arguments, text_in=""):
    """A run, and the text of its trace."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "trace.json")
        ended = support.run(PROGRAM, *arguments, "--trace", file, text_in=text_in)
        return ended, file.read_text(encoding="ascii")


def subtasks_of(events):
    return [event for event in events if event["ph"] == "X" and "task" in event["args"]]


def busy_spans_of(events):
    return [event for event in events if event["ph"] == "X" and event["name"] == "busy"]


class TraceTest(unittest.TestCase):
    def check(self, *arguments, text_in=""):
        """Checks a trace against its run; returns its events."""
        ended, text = traced(*arguments, text_in=text_in)
        events = json.loads(text)["traceEvents"]
        self.check_fields(events)
        self.check_order(events)
        self.check_spans(events)
        self.check_subtasks(ended, events)
        return events

    def check_fields(self, events):
        for event in events:
            self.assertLessEqual({"name", "ph", "pid", "tid"} | FIELDS[event["ph"]], event.keys())
        named = {(event["pid"], event["tid"]) for event in events
                 if event["name"] == "thread_name"}
        for event in events:
            if event["ph"] == "X":
                self.assertIn((event["pid"], event["tid"]), named)
            if event["ph"] == "C":
                self.assertGreaterEqual(event["args"]["value"], 0)

    def check_order(self, events):
        times = [event["ts"] for event in events if event["ph"] != "M"]
        self.assertEqual(times, sorted(times))

    def check_spans(self, events):
        """What is on one track does not overlap; a nanosecond is what the format rounds to."""
        ends = collections.defaultdict(int)
        for event in events:
            if event["ph"] == "X":
                track = event["pid"], event["tid"]
                start = round(1000 * event["ts"])
                self.assertGreaterEqual(start, ends[track], event)
                ends[track] = start + round(1000 * event["dur"])

    def check_subtasks(self, ended, events):
        subtasks = subtasks_of(events)
        tracks = {(event["pid"], event["tid"]): event["args"]["name"] for event in events
                  if event["name"] == "thread_name"}
        # A block of a task for one vector core may be on either, any other on one core of each kind.
        kinds = [(event["args"]["task"], event["args"]["block"],
                  tracks[event["pid"], event["tid"]].split()[-1]) for event in subtasks]
        self.assertEqual(len(set(kinds)), len(kinds))
        finished = [event for event in subtasks if event["args"]["finished"]]
        self.assertEqual(str(len(finished)), ended.pairs["subtasks"])
        if ended.status == 0:
            busy = busy_spans_of(events)
            for count in ("dispatches", "fins"):
                self.assertEqual(sum(event["args"][count] for event in busy), len(subtasks))

    def test_of_random_graphs(self):
        for platform in support.PLATFORMS:
            for seed in range(8):
                self.check("--random", seed, "--platform", platform)
            self.check("--random", 9, "--platform", platform, "--threads", 3)
            self.check("--random", 9, "--platform", platform, "--threads", 2, "--time", "real")

    def test_of_a_graph_with_quotes_in_its_names(self):
        events = self.check("-", text_in='task "a" cores=mix blocks=2\ntask \\ after="a"\n')
        self.assertEqual(sorted({event["args"]["task"] for event in subtasks_of(events)}),
                         ['"a"', "\\"])

    def test_of_runs_that_end_badly(self):
        for fault in ("never_fin", "never_ack"):
            events = self.check("-", text_in=f"task a time=2us\ntask b after=a fault={fault}\n")
            self.assertEqual([event["args"]["finished"] for event in subtasks_of(events)],
                             [True, False])
        self.check("--random", 3, "--faults", "--threads", 2, "--time", "real")

    def test_shows_conditions_and_mailbox(self):
        events = self.check("-", text_in="task a blocks=4 conditions=3 time=1us delay=5us\n")
        values = collections.defaultdict(list)
        for event in events:
            if event["ph"] == "C":
                values[event["name"]].append(event["args"]["value"])
        self.assertEqual(values["conditions pending"], [3, 6, 9, 12, 0])
        self.assertEqual(values["mailbox depth"][-1], 0)
        self.assertGreater(max(values["mailbox depth"]), 0)

    def test_the_same_seed_gives_the_same_output_and_trace(self):
        for seed in range(5):
            arguments = ["--random", seed, "--tasks", 300]
            first, second = traced(*arguments), traced(*arguments)
            self.assertEqual(first[0], second[0])
            self.assertTrue(first[1] == second[1], f"the traces of seed {seed} differ")


if __name__ == "__main__":
    PROGRAM = pathlib.Path(sys.argv.pop(1))
    unittest.main()
