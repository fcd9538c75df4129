#!/usr/bin/env python3
"""Runs some queues of a benchmark program once and checks what it says of them.

    expect_run.py PROGRAM QUEUE=VERDICT...

Each queue must be there, and all its cells must have the verdict: `good`, `overtaken`, or the words
of an error.
"""
import json
import subprocess
import sys
import tempfile


def cells_of(program, queues):
    with tempfile.NamedTemporaryFile(suffix=".json") as output:
        subprocess.run([program, f"--benchmark_filter=/({'|'.join(queues)})/",
                        f"--benchmark_out={output.name}", "--benchmark_out_format=json"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.load(output)["benchmarks"]


def verdict_of(cell):
    if cell.get("error_occurred"):
        return cell["error_message"]
    return "overtaken" if cell.get("overtaken") else "good"


def main(program, *expectations):
    expected = dict(expectation.split("=", 1) for expectation in expectations)
    seen = set()
    failures = []
    for cell in cells_of(program, expected):
        queue = cell["name"].split("/")[1]
        seen.add(queue)
        verdict = verdict_of(cell)
        if verdict != expected[queue]:
            failures.append(f"{cell['name']}: {verdict}, expected {expected[queue]}")
    failures += [f"{queue}: did not run" for queue in expected if queue not in seen]
    print("\n".join(failures) or f"{len(seen)} queues as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
