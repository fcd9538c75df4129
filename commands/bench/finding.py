"""`mailproof bench weave --only finding`: how soon each chooser of weave finds known faults.

A figure is the number of executions until the finding, over searches with different seeds: the
median and its quartiles. It follows from the seeds, so a change of it is one of the code and not of
the machine. The figures of the last change are kept in bench/weave/finding.json.
"""

import json
import math

from commands.kit import build, child, documents, jsonfile, project
from commands.kit.console import (EXIT_FINDING, EXIT_OK, CommandError, Progress, count,
                                  format_table, say)

PRESET = "dev"
PROGRAM = "finding"
KEPT = project.ROOT / "bench" / "weave" / "finding.json"
PAGE = project.ROOT / "weave" / "README.md"
TABLE_BEGIN = "<!-- written by ./mailproof bench weave --only finding -->"
TABLE_END = "<!-- end of what bench weave writes -->"

MODES = ["mix", "random", "pct", "pos", "surw", "delay", "starve", "pctwm"]
SEEDS = 20
# The other modes would take hours for these.
MIX_ONLY = ["safe_stack"]
RUN_SECONDS_MAX = 1800


def run(options) -> int:
    """Measures, prints and compares; renews the table and the kept figures unless told not to."""
    jsonfile.check(options.json)
    before = options.compare or (KEPT if KEPT.is_file() else None)
    old = jsonfile.read_old(before, "bench weave --only finding", _comparable)
    build.build(PRESET, [PROGRAM])
    progress = Progress()
    text = ""
    for mode in MODES:
        progress.show(f"mode {mode}")
        text += _output(mode)
    progress.clear()
    summary = summarize(text)
    rows = table(summary)
    say(format_table(rows[0], rows[1:]))
    jsonfile.write(options.json, summary)
    worse = worsened(old, summary)
    for line in worse:
        say(f"WORSE {line}")
    say(f"{count(len(worse), 'figure')} worsened beyond the spread of both runs")
    if not options.keep_docs and not worse:
        KEPT.write_text(json.dumps(summary, indent=1, sort_keys=True) + "\n")
        _write_page(rows)
    return EXIT_FINDING if worse else EXIT_OK


def _comparable(old: dict) -> dict:
    """The unchanged content; fails if worsened() cannot compare it."""
    worsened(old, old)
    return old


def _output(mode: str) -> str:
    program = project.BUILD / PRESET / "bin" / PROGRAM
    subjects = [] if mode == "mix" else [f"-{name}" for name in MIX_ONLY]
    outcome = child.run([program, mode, SEEDS, *subjects], RUN_SECONDS_MAX)
    if outcome.timed_out or outcome.status != 0:
        raise CommandError(f"{PROGRAM} {mode} ended with status {outcome.status}: "
                           f"{outcome.output.strip()[-500:]}")
    return outcome.output


def summarize(text: str) -> dict:
    """The content of --json, by subject, size and mode, from the lines that the program prints: low
    quartile, median and high quartile; null for one that is past the last execution."""
    figures: dict[str, dict[str, list]] = {}
    for line in text.splitlines():
        subject, size, mode, *executions = line.split()
        spread = _spread([int(number) or math.inf for number in executions])
        figures.setdefault(f"{subject} {size}", {})[mode] = spread
    return {"finding": figures}


def _spread(executions: list[float]) -> list:
    """Quartiles of numbers of which some may be infinite: each is one of the numbers."""
    ordered = sorted(executions)
    return [None if ordered[i] == math.inf else ordered[i]
            for i in (len(ordered) // 4, len(ordered) // 2, len(ordered) * 3 // 4)]


def worsened(old: dict | None, new: dict) -> list[str]:
    """The figures that rose so far that the quartiles of both runs do not touch."""
    if old is None:
        return []
    return [f"{subject}, {mode}: {_text(old['finding'][subject][mode])} executions before, "
            f"{_text(spread)} now"
            for subject, modes in new["finding"].items() for mode, spread in modes.items()
            if mode in old["finding"].get(subject, {})
            and _number(spread[0]) > _number(old["finding"][subject][mode][2])]


def _number(figure: int | None) -> float:
    return math.inf if figure is None else figure


def _text(spread: list) -> str:
    low, median, high = ("none" if figure is None else f"{figure:,}" for figure in spread)
    return f"{median} ({low} to {high})"


def table(summary: dict) -> list[list[str]]:
    """The header, and a row for each subject: medians, and the quartiles of the mix."""
    rows = [["fault", "mix (quartiles)", *MODES[1:]]]
    for subject, modes in summary["finding"].items():
        others = [modes[mode][1] if mode in modes else "" for mode in MODES[1:]]
        rows.append([subject, _text(modes["mix"]),
                     *("none" if figure is None else str(figure) for figure in others)])
    return rows


def _write_page(rows: list[list[str]]) -> None:
    lines = [f"The median number of executions until the finding, over {SEEDS} seeds; `none` if half of",
             "the searches found nothing. The number in a name is that of threads, items or hops.", "",
             "| " + " | ".join(rows[0]) + " |", "|---" * len(rows[0]) + "|",
             *("| " + " | ".join(row) + " |" for row in rows[1:])]
    documents.replace_between(PAGE, TABLE_BEGIN, TABLE_END, "".join(f"{line}\n" for line in lines))
