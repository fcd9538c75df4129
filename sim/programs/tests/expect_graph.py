#!/usr/bin/env python3
"""Runs a graph file on both platforms and checks that it ends as the file says.

    expect_graph.py RUN_GRAPH FILE

The file says so in comments: `# expect KEY=VALUE` for a pair of the summary, `# expect PLATFORM
KEY=VALUE` for one platform's, `# expect more KEY=VALUE` for a number that has to be greater. A
`problem` is a part of what is said. `# problem` or `# problem on PLATFORM` after a task says that
the problem names this task and its line. `# says WORDS`: the output has a line with these words.
"""
import pathlib
import re
import sys

import support

EXPECTATION = re.compile(r"# expect (?:(a2a3sim|a5sim|more) )?(\w+)=(.*)")
SAYS = re.compile(r"^# says (.*)$", re.MULTILINE)
CULPRIT = re.compile(r"task (\S+) .*# problem(?: on (\S+))?$")


def expectations(text, platform):
    """(is_minimum, key, value) of this platform."""
    found = [match.groups() for match in map(EXPECTATION.fullmatch, text.splitlines()) if match]
    return [(condition == "more", key, value) for condition, key, value in found
            if condition in (None, "more", platform)]


def culprit(file, text, platform):
    """How the problem has to name the task that is marked, or None."""
    for number, line in enumerate(text.splitlines(), start=1):
        match = CULPRIT.match(line)
        if match and match[2] in (None, platform):
            return f"{file}:{number}: task {match[1]}: "
    return None


def check(pairs, is_minimum, key, value):
    """What is wrong with one pair, or None."""
    said = pairs.get(key, "")
    if is_minimum:
        is_right = said.isdigit() and int(said) > int(value)
    else:
        is_right = value in said if key == "problem" else said == value
    return None if is_right else f"{key} is {said}, expected {value}"


def failures_of(program, file, text, platform):
    expected = expectations(text, platform)
    ended = support.run(program, file, "--platform", platform)
    print(ended.out + ended.err, end="")
    status = next(value for _, key, value in expected if key == "status")
    failures = [check(ended.pairs, *expectation) for expectation in expected]
    if ended.status != (0 if status == "0" else 1):
        failures.append(f"exit status {ended.status}")
    named = culprit(file, text, platform)
    if named and named not in ended.out:
        failures.append(f"the problem does not begin with {named}")
    failures += [f"nothing said of: {words}" for words in SAYS.findall(text)
                 if words not in ended.out]
    if status == "0" and ended.pairs["problem"] != "none":
        failures.append("a good run has no problem")
    return [f"{platform}: {failure}" for failure in failures if failure]


def main(program, file):
    text = pathlib.Path(file).read_text(encoding="utf-8")
    failures = [failure for platform in support.PLATFORMS
                for failure in failures_of(program, file, text, platform)]
    print("\n".join(failures) or "as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
