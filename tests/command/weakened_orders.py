"""`mailproof check` on changes of the product, in a copy of the tree: each memory order weakened by one
step is broken, a changed comment leaves nothing to check, and a function that nothing calls is not
exercised.

    weakened_orders.py               all orders
    weakened_orders.py --help

Prints the answer and the seconds of each. Exit status: 1 if one is not as expected. The first change
needs a build of the scenarios; each of the others builds what includes the changed file.
"""

import argparse
import json
import math
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from support import ROOT, copy_tree, git, run_command

from commands.orders import source

MINUTES = 2
WEAKER = {"acquire": ["relaxed"], "release": ["relaxed"], "acq_rel": ["acquire", "release"],
          "seq_cst": ["acq_rel"]}


@dataclass(frozen=True)
class Change:
    """A line of a file of src/ that is replaced, and what `check` must answer."""

    file: str
    line: int  # from 1
    old: str
    new: str
    answer: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.old} -> {self.new}"

    def make(self, tree: Path) -> None:
        path = tree / self.file
        lines = path.read_text().splitlines(keepends=True)
        line = lines[self.line - 1]
        assert line.count(self.old) == 1, f"{self}: {line}"
        lines[self.line - 1] = line.replace(self.old, self.new)
        path.write_text("".join(lines))


def weakened() -> list[Change]:
    """Each order of the product that is stronger than relaxed, one step weaker."""
    orders = source.strong_orders(source.files_of_product())
    return [Change(file, line, f"memory_order_{order}", f"memory_order_{weaker}", "broken")
            for file, line, order in orders for weaker in WEAKER[order]]


def others() -> list[Change]:
    """Changes that break nothing."""
    file = "src/runtime/spin_hint.h"
    lines = (ROOT / file).read_text().splitlines()
    comment = next(number for number, line in enumerate(lines, 1) if line.startswith("//"))
    function = next(number for number, line in enumerate(lines, 1) if line.startswith("}  // names"))
    return [Change(file, comment, "//", "// Note:", "nothing to check"),
            Change(file, function, "}", "inline int uncalled(int n) noexcept {\n    return n + 1;\n}\n}",
                   "not exercised")]


def check(tree: Path, change: Change) -> dict:
    """Makes the change in the copy, asks, takes the change back, and returns what was said."""
    out = tree / "build" / "answer.json"
    out.parent.mkdir(exist_ok=True)
    change.make(tree)
    begin = time.monotonic()
    result = run_command("check", "--minutes", str(MINUTES), "--json", str(out), root=tree)
    seconds = time.monotonic() - begin
    git(tree, "checkout", "-q", "--", "src")
    said = json.loads(out.read_text()) if out.exists() else {"answer": "none"}
    out.unlink(missing_ok=True)
    why = (said.get("broken") or [""])[0].split("\n")[0]
    print(f"{change}: {said['answer']} in {seconds:.0f} s {why}".rstrip(), flush=True)
    if said["answer"] != change.answer:
        print(f"  must be: {change.answer}\n{result.stdout}{result.stderr}", flush=True)
    return {"change": str(change), "answer": said["answer"], "expected": change.answer,
            "seconds": seconds, "why": why}


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ask ./mailproof check of weakened orders.")
    parser.add_argument("--list", action="store_true", help="only print the orders")
    parser.add_argument("--count", type=int, help="orders to weaken; default: all")
    parser.add_argument("--seed", type=int, help="weaken them in an order that it draws")
    parser.add_argument("--seconds", type=float, default=math.inf,
                        help="begin no change after these")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the answers there")
    return parser.parse_args()


def main() -> int:
    options = parse_options()
    orders = weakened()
    if options.seed is not None:
        random.Random(options.seed).shuffle(orders)
    if options.list:
        print("\n".join(map(str, orders)))
        return 0
    deadline = time.monotonic() + options.seconds
    answers: list[dict] = []
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder).resolve() / "tree"
        copy_tree(tree)
        for change in [*others(), *orders[: options.count]]:
            if time.monotonic() > deadline:
                break
            answers.append(check(tree, change))
            if options.json:
                options.json.write_text(json.dumps(answers))
    right = sum(one["answer"] == one["expected"] for one in answers)
    print(f"{right} of {len(answers)} as expected")
    return 0 if right == len(answers) else 1


if __name__ == "__main__":
    sys.exit(main())
