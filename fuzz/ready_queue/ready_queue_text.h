// Where a ready queue stands, as lines of text for the report of a hang.
#pragma once

#include <cstdint>
#include <string>

#include "fuzz/ready_queue/ready_task.h"

namespace fuzz {

/// Tasks that the text names at most.
inline constexpr uint32_t ready_text_tasks_max = 32;

/// The tasks that were put and are not taken, oldest first. Any thread may call it while the queue
/// stands still.
template <class Queue>
std::string describe_queue(const Queue& queue) {
    const uint64_t size = queue.size();
    std::string text = "  queue of " + std::to_string(queue.capacity()) +
                       " slots: " + std::to_string(size) + " tickets are between its ends\n";
    if (size == 0) {
        // The ends may have passed each other, and a walk from one to the other would not end.
        return text;
    }
    uint32_t tasks = 0;
    std::string list;
    queue.for_each([&](const ReadyTask& task) {
        if (tasks++ < ready_text_tasks_max) {
            list += " " + std::to_string(number_of(&task));
        }
    });
    text += "  " + std::to_string(tasks) + " of them hold a task that no pop has taken:" + list;
    return text + (tasks > ready_text_tasks_max ? " and others\n" : "\n");
}

}  // namespace fuzz
