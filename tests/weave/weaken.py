"""weaken.py HEADER FOLDER NUMBER: copies the headers that are in one folder with HEADER to FOLDER, with
one of HEADER's memory orders made relaxed.

NUMBER counts, from 0, the orders that are not relaxed already.
"""

import pathlib
import re
import sys

ORDER = re.compile(r"memory_order_(acquire|release|acq_rel|seq_cst)")


def weaken(text: str, number: int) -> str:
    orders = list(ORDER.finditer(text))
    if number >= len(orders):
        sys.exit(f"there are {len(orders)} orders to weaken, not {number + 1}")
    order = orders[number]
    return text[:order.start()] + "memory_order_relaxed" + text[order.end():]


def main():
    header, folder, number = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    for source in header.parent.glob("*.h"):
        # All of them: a header includes the ones beside it.
        text = source.read_text(encoding="utf-8")
        copy = weaken(text, number) if source.name == header.name else text
        (folder / source.name).write_text(copy, encoding="utf-8")


if __name__ == "__main__":
    main()
