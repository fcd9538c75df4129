"""Reads the output of a failing run and says in a few words what failed.

The oracle's line comes first, since libFuzzer and the sanitizers may add their own report of the
abort. Everything else is recognised by the summary line that all sanitizers and libFuzzer print.
"""

import itertools
import re
import signal
from dataclasses import dataclass

from commands.kit.child import Outcome

ORACLE = re.compile(r"^FINDING (\S+): ([^:\n]+): (.*)$", re.MULTILINE)
ASSERTION = re.compile(r"^(\S+:\d+): assertion failed: (.*)$", re.MULTILINE)
UNDEFINED = re.compile(r"^(\S+): runtime error: (.*)$", re.MULTILINE)
SUMMARY = re.compile(r"^SUMMARY: (\w+): (.*)$", re.MULTILINE)
MEMORY_LIMIT = re.compile(r"hard rss limit exhausted \(.*\)")
CURRENT_INPUT = re.compile(r"^input: (.+)$", re.MULTILINE)
# The verdict of a run that the clock ended.
TIMEOUT = "timeout"


@dataclass(frozen=True)
class Report:
    """`verdict` is one word or a few, the same for every finding of its kind; `sentence` says more.
    Two reports with the same identity count as one fault."""

    verdict: str
    sentence: str
    identity: str


def of_outcome(outcome: Outcome) -> Report | None:
    """Why the run failed; None if it did not fail, or did not run at all."""
    if outcome.timed_out:
        return _plain(TIMEOUT, "still running when the time was up")
    if outcome.status == 0:
        return None
    return of_text(outcome.output) or _of_signal(outcome.status)


def of_text(text: str) -> Report | None:
    """The report in a program's output; None if there is none."""
    return (_of_oracle(text) or _of_assertion(text) or _of_undefined(text) or _of_summary(text)
            or _of_memory(text))


def current_input(text: str) -> str | None:
    """The input that a replay binary was running when it failed, if the output names it."""
    match = CURRENT_INPUT.search(text)
    return match and match[1]


def _plain(verdict: str, sentence: str) -> Report:
    return Report(verdict, sentence, verdict)


def _of_oracle(text: str) -> Report | None:
    match = ORACLE.search(text)
    return match and Report(match[2], match[3], f"oracle {match[2]}")


def _of_assertion(text: str) -> Report | None:
    match = ASSERTION.search(text)
    return match and Report("assertion", match[2], f"assertion {match[1]}")


def _of_undefined(text: str) -> Report | None:
    match = UNDEFINED.search(text)
    if not match:
        return None
    place, message = match.groups()
    return Report(f"undefined-behaviour: {_without_values(message)}", message, f"{place}")


def _without_values(message: str) -> str:
    """'signed integer overflow: 1 + 2 cannot ...' -> 'signed integer overflow'."""
    kind = re.split(r"[:,]", message)[0]
    kind = re.sub(r"(?: of)? type '[^']*'| for$| 0x[0-9a-f]+| -?\d+(?![-\d])", "", kind)
    return re.sub(r" (?:for|of)$", "", kind).strip()


def _of_summary(text: str) -> Report | None:
    match = SUMMARY.search(text)
    if not match:
        return None
    tool, rest = match.groups()
    return Report(_summary_verdict(tool, rest), rest, f"{tool} {rest}")


def _summary_verdict(tool: str, rest: str) -> str:
    if "leaked in" in rest:
        return "leak"
    if tool == "libFuzzer" and "deadly signal" in rest:
        return "crash"
    words = itertools.takewhile(_is_kind_word, rest.split())
    return "-".join(words).lower() or "crash"


def _is_kind_word(word: str) -> bool:
    """Whether the word belongs to the kind of fault, and not to the place after it."""
    return re.fullmatch(r"[A-Za-z-]+", word) is not None and word != "in"


def _of_memory(text: str) -> Report | None:
    match = MEMORY_LIMIT.search(text)
    return match and _plain("out-of-memory", match[0])


def _of_signal(status: int) -> Report | None:
    if status >= 0:
        return None
    return _plain("crash", f"ended by {signal.Signals(-status).name}")
