#!/usr/bin/env python3
"""Runs random graphs, each of which has to end well; those with a fault have to end at all.

    random_runs.py RUN_GRAPH PLATFORM
"""
import sys

import support

# Options, how many seeds, and the statuses that a run may exit with.
PLAN = [
    (["--tasks", "200"], 12, {0}),
    (["--threads", "3"], 4, {0}),
    (["--threads", "2", "--time", "real", "--tasks", "60"], 4, {0}),
    (["--faults"], 12, {0, 1}),
    (["--faults", "--threads", "2", "--tasks", "60"], 4, {0, 1}),
]


def failures_of(program, platform):
    for options, seeds, statuses in PLAN:
        for seed in range(seeds):
            command = [program, "--random", seed, "--platform", platform, *options]
            ended = support.run(*command)
            if ended.status not in statuses or ended.err:
                yield f"{' '.join(map(str, command))}\n{ended.out}{ended.err}"


def main(program, platform):
    failures = list(failures_of(program, platform))
    print("\n".join(failures) or "all ended as they should")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
