"""weaken.py SOURCE COPY NUMBER: copies a header with one of its memory orders made relaxed.

NUMBER counts, from 0, the orders that are not relaxed already.
"""

import pathlib
import re
import sys

ORDER = re.compile(r"memory_order_(acquire|release|acq_rel|seq_cst)")


def main():
    source, copy, number = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    text = source.read_text(encoding="utf-8")
    orders = list(ORDER.finditer(text))
    if number >= len(orders):
        sys.exit(f"{source} has {len(orders)} orders to weaken, not {number + 1}")
    order = orders[number]
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(text[:order.start()] + "memory_order_relaxed" + text[order.end():],
                    encoding="utf-8")


if __name__ == "__main__":
    main()
