// The tasks that ready-queue schedules pass around. They live as long as the program and go by
// number, so a schedule needs no bytes for them, and a history tells a task from any other pointer.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "fuzz/kit/schedule_format.h"

namespace fuzz {

struct ReadyTask {
    /// On real threads: written before the push and read after the pop, so that a pop which does
    /// not see what happened before the push is a race, and shows here.
    uint32_t mark;
};

/// Threads that push their own tasks, as many as a schedule offers.
inline constexpr uint32_t ready_pushers_max = 4;
inline constexpr uint32_t ready_tasks_max = ready_pushers_max * schedule_messages_max;
inline constexpr uint32_t no_ready_task = ~uint32_t{0};

namespace ready_task_detail {

struct Tasks {
    std::array<ReadyTask, ready_tasks_max> all{};
    std::array<ReadyTask*, ready_tasks_max> pointers;

    Tasks() {
        for (uint32_t i = 0; i < ready_tasks_max; ++i) {
            pointers[i] = &all[i];
        }
    }
};

inline Tasks& tasks() {
    static Tasks tasks;
    return tasks;
}

}  // namespace ready_task_detail

/// Task `number`, followed by the next ones, as the array that a batch push takes.
inline ReadyTask* const* ready_tasks_from(uint32_t number) {
    return &ready_task_detail::tasks().pointers[number];
}
inline ReadyTask* ready_task(uint32_t number) { return *ready_tasks_from(number); }

/// The number of a task, or no_ready_task for any other pointer.
inline uint32_t number_of(const ReadyTask* task) {
    const auto& all = ready_task_detail::tasks().all;
    const ReadyTask* const end = all.data() + all.size();
    // std::less orders pointers to different objects, too.
    if (std::less<>()(task, all.data()) || !std::less<>()(task, end)) {
        return no_ready_task;
    }
    return static_cast<uint32_t>(task - all.data());
}

}  // namespace fuzz
