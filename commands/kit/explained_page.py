"""The page of an explained finding: one HTML file that needs nothing else.

explained.html.j2 is the page; this module computes where its arrows are. Rows have one height, so
an arrow's place follows from the numbers of its rows and columns, and no script has to measure.
The only script moves between the rows with the arrow keys.
"""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from commands.kit import project
from commands.kit.explained import Explained
from commands.kit.jinja import environment

TEMPLATE = "explained.html.j2"
ROW_HEIGHT = 34
SCRIPT = """
document.addEventListener("keydown", (event) => {
  const step = {ArrowDown: 1, ArrowUp: -1, j: 1, k: -1}[event.key];
  const table = [...document.querySelectorAll(".timeline")].find((one) => one.offsetParent);
  if (!step || !table || event.ctrlKey || event.altKey || event.metaKey) return;
  const rows = [...table.querySelectorAll("li")];
  const at = rows.indexOf(document.activeElement);
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  if (next) {
    next.focus();
    event.preventDefault();
  }
});
"""


@dataclass(frozen=True)
class Row:
    """A line of the timeline; `number` counts rows from 0, `cause` is a fact's number or 0."""

    number: int
    step: int
    thread: int
    text: str
    place: str
    is_cause: bool
    fact: int


@dataclass(frozen=True)
class Arrow:
    """From a store to the load that reads it: per cents across, pixels down."""

    x1: float
    y1: float
    x2: float
    y2: float
    is_cause: bool


@dataclass(frozen=True)
class Timeline:
    """The rows that one of the two views shows."""

    name: str
    title: str
    rows: list[Row]
    arrows: list[Arrow]
    height: int


def render(explained: Explained) -> str:
    """The page as text."""
    facts = explained.facts
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    timelines = [timeline(facts, "matters", "What matters", lambda event: event["is_shown"]),
                 timeline(facts, "all", "All events", lambda event: True)]
    return environment(Path(__file__).parent).get_template(TEMPLATE).render(
        facts=facts, explained=explained, policy=policy, script=SCRIPT, timelines=timelines,
        threads=range(facts["threads"]), row_height=ROW_HEIGHT,
        input=project.shown(explained.input))


def timeline(facts: dict, name: str, title: str, is_shown) -> Timeline:
    """The rows of the events that are shown, the accesses of the finding among them."""
    fact_of = {event: number for number, fact in reversed(list(enumerate(facts["facts"], start=1)))
               for event in fact["events"]}
    lines = [(event["step"], 0, index, event) for index, event in enumerate(facts["events"])
             if is_shown(event)]
    lines += [(access["step"], 1, -1, {**access, "is_cause": True, "from": None})
              for access in facts["accesses"] if access["text"].startswith("plain")]
    # In the order of the execution; a plain access comes after the events of its step.
    order = sorted(range(len(lines)), key=lambda at: (lines[at][0], lines[at][1], at))
    rows, row_of = [], {}
    for number, (step, _, index, event) in enumerate(lines[at] for at in order):
        row_of[index] = number
        rows.append(Row(number, step, event["thread"], event["text"], event["place"],
                        event["is_cause"], fact_of.get(index, 0)))
    arrows = [_arrow(rows[row_of[event["from"]]], rows[row_of[index]], facts["threads"])
              for _, _, index, event in lines
              if event["from"] is not None and event["from"] in row_of
              and facts["events"][event["from"]]["thread"] != event["thread"]]
    return Timeline(name, title, rows, arrows, len(rows) * ROW_HEIGHT)


def _arrow(store: Row, load: Row, threads: int) -> Arrow:
    """From the side of the store's cell to the near side of the load's."""
    width = 100 / threads
    is_right = load.thread > store.thread
    start = (store.thread + (0.94 if is_right else 0.06)) * width
    end = (load.thread + (0.03 if is_right else 0.97)) * width
    middle = ROW_HEIGHT / 2
    return Arrow(start, store.number * ROW_HEIGHT + middle, end,
                 load.number * ROW_HEIGHT + middle, store.is_cause and load.is_cause)
