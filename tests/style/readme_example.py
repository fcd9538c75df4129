#!/usr/bin/env python3
"""Checks that the README shows what weave really reports about the program in the README.

    readme_example.py README WEAVE_BIN

Compiles the program and runs it. Each line of the report in the README must be in the output, in
that order; so must be its last line for the corrected program. Times, the folder of the source and
what the README leaves out may differ.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SECONDS_MAX = 50
NAME = "publish.cpp"
REPLAY = f"./mailproof weave {NAME}"


def report_of(compiler, source, folder, options):
    path = pathlib.Path(folder, NAME)
    path.write_text(source, encoding="utf-8")
    subprocess.run([compiler, "-std=c++20", path, "-o", path.with_suffix("")], check=True,
                   timeout=SECONDS_MAX)
    run = subprocess.run([path.with_suffix("")], cwd=folder, text=True, check=False,
                         timeout=SECONDS_MAX, stderr=subprocess.PIPE,
                         env={**os.environ, "WEAVE_OPTIONS": options, "WEAVE_REPLAY": REPLAY})
    return comparable(run.stderr.replace(f"{folder}/", ""))


def comparable(text):
    return [re.sub(r"seconds=[\d.]+", "seconds=", line).rstrip() for line in text.splitlines()]


def missing_line(expected, printed):
    """The first line that is not printed after the ones before it, or None."""
    left = iter(printed)
    return next((line for line in expected if line not in left), None)


def main(readme, weave_bin):
    text = pathlib.Path(readme).read_text(encoding="utf-8")
    source = re.search(r"```cpp\n(.*?)```", text, re.DOTALL)[1]
    shown = re.search(r"\n((?:    .*\n)+)", text[text.index("weave: FINDING") - 10:])[1]
    ok = re.search(r"`(weave: ok executions=\d+)\s+(complete=yes)`", text)
    compiler = pathlib.Path(weave_bin, "weave-c++")
    with tempfile.TemporaryDirectory() as folder:
        report = report_of(compiler, source, folder, "")
        good = report_of(compiler, source.replace("order_relaxed", "order_release"), folder,
                         "mode=exhaustive")
    print("\n".join(report + good))
    missing = missing_line(comparable(re.sub(r"(?m)^    ", "", shown)), report)
    if missing is not None:
        print(f"{readme}: weave does not report: {missing}", file=sys.stderr)
    is_ok = any(line.startswith(f"{ok[1]} {ok[2]} ") for line in good)
    if not is_ok:
        print(f"{readme}: weave does not end with: {ok[0]}", file=sys.stderr)
    return 0 if missing is None and is_ok else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
