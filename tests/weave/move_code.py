"""move_code.py FOLDER: changes a copy of the product below FOLDER in ways that have nothing to do
with its bugs, but that move its steps: loads are added, functions are renamed, fields change places.
Prints an error if the product has no such place any more; a bug may have taken it from the copy.
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUNTIME = "src/runtime"
LOAD = "(void)head.load(std::memory_order_relaxed);"
CHANGES = {
    "mailbox.h": [
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
    ],
    "ready_queue.h": [
        ("uint64_t t = tail_.load(std::memory_order_relaxed);\n        for (;;) {",
         "(void)head_.load(std::memory_order_relaxed);\n"
         "        uint64_t t = tail_.load(std::memory_order_relaxed);\n        for (;;) {"),
        ("distance(", "way_to("),
        ("std::atomic<uint64_t> sequence;\n        Task* task;",
         "Task* task;\n        std::atomic<uint64_t> sequence;"),
    ],
    "wait_list.h": [
        ("profile.polls.fetch_add(1, std::memory_order_relaxed);",
         "(void)count.load(std::memory_order_relaxed);\n"
         "        profile.polls.fetch_add(1, std::memory_order_relaxed);"),
        ("entry_count()", "number_of_entries()"),
        ("std::atomic<uint64_t> polls;\n    std::atomic<uint64_t> messages;",
         "std::atomic<uint64_t> messages;\n    std::atomic<uint64_t> polls;"),
    ],
    "run_state.h": [
        ("int32_t expected = PTO2_ERROR_NONE;",
         "(void)stop_.load(std::memory_order_relaxed);\n"
         "        int32_t expected = PTO2_ERROR_NONE;"),
        ("std::atomic<bool> stop_ = false;\n    std::atomic<bool> submission_finished_ = false;",
         "std::atomic<bool> submission_finished_ = false;\n    std::atomic<bool> stop_ = false;"),
    ],
    "task_slot.h": [
        ("const int16_t required = total_required_subtasks;",
         "const int16_t required = total_required_subtasks;\n"
         "        (void)task_state.load(std::memory_order_relaxed);"),
        ("std::atomic<int32_t> fanout_lock;\n    std::atomic<int32_t> fanout_count;",
         "std::atomic<int32_t> fanout_count;\n    std::atomic<int32_t> fanout_lock;"),
    ],
}


def main():
    for name, changes in CHANGES.items():
        path = pathlib.Path(sys.argv[1]) / RUNTIME / name
        right = (ROOT / RUNTIME / name).read_text()
        text = path.read_text()
        for old, new in changes:
            if old not in right:
                sys.exit(f"move_code.py: error: {name} has no '{old}'")
            text = text.replace(old, new)
        path.write_text(text)


if __name__ == "__main__":
    main()
