"""move_code.py FOLDER: changes a copy of the product below FOLDER in ways that have nothing to do
with its bugs, but that move its steps: a load is added, a function is renamed, two fields change
places. Prints an error if the code has no such place any more.
"""

import pathlib
import sys

MAILBOX = "src/runtime/mailbox.h"
LOAD = "(void)head.load(std::memory_order_relaxed);"
CHANGES = [
    # Another load at the begin of each call.
    ("uint64_t h = head.load(std::memory_order_relaxed);\n        // Acquire",
     f"{LOAD}\n        uint64_t h = head.load(std::memory_order_relaxed);\n        // Acquire"),
    ("while (more && taken < max) {", f"{LOAD}\n        while (more && taken < max) {{"),
    # Another name.
    ("refresh_tail(", "look_at_tail("),
    ("count_published(", "published_from("),
    # Another order of fields.
    ("std::atomic<uint64_t> head;\n    std::atomic<uint64_t> cached_tail;",
     "std::atomic<uint64_t> cached_tail;\n    std::atomic<uint64_t> head;"),
]


def main():
    path = pathlib.Path(sys.argv[1]) / MAILBOX
    text = path.read_text()
    for old, new in CHANGES:
        if old not in text:
            sys.exit(f"move_code.py: error: {MAILBOX} has no '{old}'")
        text = text.replace(old, new)
    path.write_text(text)



if __name__ == "__main__":
    main()
