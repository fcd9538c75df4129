"""Passes if `mailproof corpus check` has nothing against the inputs that are in git.

    corpus_check.py REPLAY_BINARY...

The command builds the programs itself; here they are given.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

# Importable only now.
from commands.corpus import check  # noqa: E402


def main() -> int:
    programs = list(map(Path, sys.argv[1:]))
    found = [problem for program in programs for problem in check.problems(program.name, program)]
    found += check.list_problems()
    print("\n".join(found) or f"the inputs of {len(programs)} targets have no problem")
    return bool(found) or not programs


if __name__ == "__main__":
    sys.exit(main())
