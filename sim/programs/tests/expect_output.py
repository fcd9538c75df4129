#!/usr/bin/env python3
"""Runs a command and checks its status and its output.

    expect_output.py STATUS LINE... -- COMMAND...

The output has to be these lines, each a regular expression, and nothing else.
"""
import re
import sys

import support


def main(status, *words):
    lines = words[:words.index("--")]
    ended = support.run(*words[words.index("--") + 1:])
    said = ended.out.splitlines()
    is_right = (ended.status == int(status) and len(said) == len(lines) and
                all(re.fullmatch(line, text) for line, text in zip(lines, said)))
    print(f"status {ended.status}\n{ended.out}{ended.err}", end="")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
