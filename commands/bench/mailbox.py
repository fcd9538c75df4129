"""`mailproof bench mailbox`: the mailbox next to its peers, as ratios within one run.

A round is one process that runs every case with every queue, the queues of a case right after one
another. Within a round the mailbox's time is divided by a queue's. The figure is the median of
these ratios over all rounds, with its quartiles. So a machine that is slow for a minute changes
both times alike.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from commands.bench import plot, records
from commands.bench.spread import Spread
from commands.kit import build, child, jsonfile, packages, project
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, complain, count,
                                  format_table, say)

PROGRAM = "bench_mailbox"
ROUNDS_DEFAULT = 21
ROUND_SECONDS = 4
ROUND_SECONDS_MAX = 120

SUBJECT = "mailbox"
REPLACED = "register_deferred"
FLOORS = ["one_flag"]
LATENCIES = {"push_p50_ns": "p50", "push_p99_ns": "p99", "push_p999_ns": "p99.9"}

CASES = {
    "uncontended": "one thread pushes and pops",
    "round_trip": "two threads, a message there and one back",
    "spsc_single": "one producer, one consumer, one by one",
    "spsc_batch": "the same in batches of 64",
    "producers_2": "2 producers and the consumer on 2 cores",
    "producers_4": "4 producers",
    "producers_8": "8 producers",
    "burst_single": "a task of 64 conditions, one by one",
    "burst_bulk": "the same task in bulk",
    "has_pending": "asking an idle mailbox, against taking a free lock",
}

UNITS = {"round_trip": "ns a round trip", "burst_single": "ns a task", "burst_bulk": "ns a task",
         "has_pending": "ns a question"}
UNIT_DEFAULT = "ns a message"

NOT_BUILT = "not built: its header is not installed"

TABLE_BEGIN = "<!-- written by ./mailproof bench mailbox -->"
TABLE_END = "<!-- end of what bench writes -->"


@dataclass(frozen=True)
class Cell:
    """One queue's figures in one round of one case."""

    time_ns: float
    overtaken: bool
    latencies_ns: dict[str, float]


class Results:
    """All rounds: the cells of each case and queue, in the order of the rounds."""

    def __init__(self) -> None:
        self.cells: dict[tuple[str, str], list[Cell]] = {}
        self.errors: dict[tuple[str, str], str] = {}

    def add_round(self, report: dict) -> None:
        """Adds the benchmark program's JSON of one round."""
        for run in report["benchmarks"]:
            case, queue = run["name"].split("/")[:2]
            if run.get("error_occurred"):
                self.errors[case, queue] = run["error_message"]
            else:
                self.cells.setdefault((case, queue), []).append(_cell(run))

    def queues(self, case: str) -> list[str]:
        """The queues that the case ran with, including those that failed."""
        return sorted({queue for name, queue in [*self.cells, *self.errors] if name == case})

    def is_good(self, case: str, queue: str) -> bool:
        """Whether it was measured, and no message was lost or overtaken."""
        cells = self.cells.get((case, queue), [])
        return (case, queue) not in self.errors and cells != [] and not any(
            cell.overtaken for cell in cells)

    def times(self, case: str, queue: str) -> Spread:
        """The queue's time per operation in ns."""
        return Spread.of([cell.time_ns for cell in self.cells[case, queue]])

    def latency(self, case: str, queue: str, name: str) -> Spread:
        """The queue's latency `name` in ns."""
        return Spread.of([cell.latencies_ns[name] for cell in self.cells[case, queue]])

    def ratio(self, case: str, queue: str, name: str | None = None) -> Spread:
        """The mailbox's time, or its latency `name`, over the queue's."""
        def figure(cell: Cell) -> float:
            return cell.latencies_ns[name] if name else cell.time_ns

        pairs = zip(self.cells[case, SUBJECT], self.cells[case, queue])
        return Spread.of([figure(mine) / figure(theirs) for mine, theirs in pairs])

    def best_peer(self, case: str) -> str | None:
        """The fastest queue that kept the order of every producer; None if there is none, or if the
        mailbox itself failed."""
        if not self.is_good(case, SUBJECT):
            return None
        peers = [queue for queue in self.queues(case)
                 if queue not in [SUBJECT, *FLOORS] and self.is_good(case, queue)]
        return max(peers, key=lambda queue: self.ratio(case, queue).median, default=None)


def _cell(run: dict) -> Cell:
    return Cell(1e9 / run["items_per_second"], run.get("overtaken", 0) != 0,
                {name: run[name] for name in LATENCIES if name in run})


def run(options) -> int:
    jsonfile.check(options.json)
    old = jsonfile.read_old(options.compare, "bench", _comparable)
    packages.ensure({**packages.PACKAGES, **packages.BENCH_PACKAGES})
    build.build(records.PRESET, [PROGRAM])
    rounds = options.rounds or ROUNDS_DEFAULT
    results = _measure(rounds)
    summary = summarize(results)
    say(format_table(TABLE_HEADER, _rows(results)))
    for case, text in summary["reasons"].items():
        say(f"{case}: {text}")
    jsonfile.write(options.json, summary)
    if not options.keep_docs:
        _write_page(results, rounds)
        _write_plots(results)
    lost = _lost_by_the_mailbox(results)
    for line in lost:
        complain(line)
    return EXIT_FINDING if records.report_worse(old, summary) or lost else EXIT_OK


def _comparable(old: dict) -> dict:
    """The unchanged content; fails if records.worsened() cannot compare it."""
    records.worsened(old, old)
    return old


def _measure(rounds: int) -> Results:
    results = Results()
    progress = Progress()
    program = project.BUILD / records.PRESET / "bin" / PROGRAM
    for number in range(rounds):
        progress.show(f"round {number + 1} of {rounds}")
        results.add_round(_run_round(program, number))
    progress.clear()
    return results


def _run_round(program: Path, number: int) -> dict:
    output = project.BUILD / records.PRESET / "bench.json"
    command = [program, f"--rotate={number}", f"--benchmark_out={output}",
               "--benchmark_out_format=json"]
    outcome = child.run(command, ROUND_SECONDS_MAX)
    if outcome.timed_out or outcome.status != 0:
        raise CommandError(f"{PROGRAM} ended with status {outcome.status} in round {number + 1}: "
                           f"{outcome.output.strip()[-500:]}")
    return json.loads(output.read_text())


def summarize(results: Results) -> dict:
    """The content of --json. `ratios` and `reasons` are the contract; the rest explains them."""
    ratios, reasons, spreads, best, peers = {}, {}, {}, {}, {}
    for case in CASES:
        peer = results.best_peer(case)
        ratios[case] = round(results.ratio(case, peer).median, 4) if peer else None
        spreads[case] = results.ratio(case, peer).as_list() if peer else None
        best[case] = peer
        peers[case] = {queue: _as_json(results, case, queue)
                       for queue in _all_queues(results, case)}
        reason = _reason(results, case)
        if reason:
            reasons[case] = reason
    return {"ratios": ratios, "reasons": reasons, "quartiles": spreads, "best_peer": best,
            "queues": peers}


def _all_queues(results: Results, case: str) -> list[str]:
    """The queues of a case, including those that were not built; has_pending has its own."""
    expected = [] if case == "has_pending" else _known_peers()
    return sorted({*expected, *results.queues(case)})


def _known_peers() -> list[str]:
    sources = (project.ROOT / "bench" / "queues").glob("*.cpp")
    return sorted({path.stem for path in sources} - {SUBJECT, "free_lock", *FLOORS})


def _as_json(results: Results, case: str, queue: str) -> dict:
    if (case, queue) not in results.cells:
        return {"ratio": None, "reason": results.errors.get((case, queue), NOT_BUILT)}
    entry = {"time_ns": results.times(case, queue).as_list(),
             "keeps_order": results.is_good(case, queue)}
    names = results.cells[case, queue][0].latencies_ns
    entry |= {name: results.latency(case, queue, name).as_list() for name in names}
    if (case, SUBJECT) in results.cells:
        entry["ratio"] = results.ratio(case, queue).median
        entry["quartiles"] = results.ratio(case, queue).as_list()
    return entry


def _reason(results: Results, case: str) -> str:
    """The queues that do not count in this case, with the reasons."""
    lines = []
    for queue in _all_queues(results, case):
        if (case, queue) in results.errors:
            lines.append(f"{queue}: {results.errors[case, queue]}")
        elif (case, queue) not in results.cells:
            lines.append(f"{queue}: {NOT_BUILT}")
        elif not results.is_good(case, queue):
            rounds = [cell.overtaken for cell in results.cells[case, queue]]
            lines.append(f"{queue} does not count: messages of one producer overtook one another "
                         f"in {sum(rounds)} of {len(rounds)} rounds")
    return "; ".join(lines)


def _lost_by_the_mailbox(results: Results) -> list[str]:
    """The cases in which the mailbox lost, invented or reordered messages."""
    return [f"{case}: the mailbox failed: {results.errors.get((case, SUBJECT), 'order broken')}"
            for case in CASES if not results.is_good(case, SUBJECT)]


TABLE_HEADER = ["case", "mailbox ns", "best peer", "its ns", "ratio (quartiles)",
                "lock-based design", "p99.9 ratio"]


def _rows(results: Results) -> list[list[str]]:
    rows = []
    for case in CASES:
        peer = results.best_peer(case)
        if peer is None:
            rows.append([case, *["-"] * (len(TABLE_HEADER) - 1)])
            continue
        rows.append([case, _ns(results.times(case, SUBJECT).median), peer,
                     _ns(results.times(case, peer).median), str(results.ratio(case, peer)),
                     _times_faster(results, case), _tail_ratio(results, case, peer)])
        rows += [[f"{case} / {floor}", "", "", _ns(results.times(case, floor).median),
                  str(results.ratio(case, floor)), "", ""]
                 for floor in FLOORS if (case, floor) in results.cells]
    return rows


def _ns(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _times_faster(results: Results, case: str) -> str:
    if not results.is_good(case, REPLACED):
        return ""
    return f"{1 / results.ratio(case, REPLACED).median:.1f}x slower"


def _tail_ratio(results: Results, case: str, peer: str) -> str:
    if not results.cells[case, SUBJECT][0].latencies_ns:
        return ""
    return f"{results.ratio(case, peer, 'push_p999_ns').median:.2g}"


def _write_page(results: Results, rounds: int) -> None:
    """Writes the table between its two marks."""
    lines = ["| " + " | ".join(TABLE_HEADER) + " |", "|---" * len(TABLE_HEADER) + "|"]
    for row in _rows(results):
        case = row[0]
        name = f"[{case}](bench/{case}.svg)" if case in CASES else case
        lines.append("| " + " | ".join([name, *row[1:]]) + " |")
    lines += ["", f"{count(rounds, 'round')} on {project.machine()}."]
    records.write_table(TABLE_BEGIN, TABLE_END, lines)


def _write_plots(results: Results) -> None:
    records.PLOTS.mkdir(parents=True, exist_ok=True)
    for case, title in CASES.items():
        queues = [queue for queue in results.queues(case) if (case, queue) in results.cells]
        rows = [plot.Row(_label(results, case, queue), results.times(case, queue))
                for queue in queues]
        panels = [plot.Panel(UNITS.get(case, UNIT_DEFAULT), rows)]
        if results.cells.get((case, SUBJECT)) and results.cells[case, SUBJECT][0].latencies_ns:
            panels += [plot.Panel(f"push latency {short}, ns",
                                  [plot.Row(_label(results, case, queue),
                                            results.latency(case, queue, name))
                                   for queue in queues])
                       for name, short in LATENCIES.items()]
        plot.write(records.PLOTS / f"{case}.svg", f"{case}: {title}", panels)


def _label(results: Results, case: str, queue: str) -> str:
    return queue if results.is_good(case, queue) else f"{queue} (overtakes)"
