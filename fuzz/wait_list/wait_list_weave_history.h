// What an explored execution of the wait list did, as far as an oracle has to know.
#pragma once

#include <array>
#include <cstdint>

namespace fuzz {

inline constexpr uint32_t waiting_tasks_max = 4;

/// What an execution marks, so that an explanation can show it (mark_point()).
enum class WaitListPoint : uint8_t {
    subtask_finished = 1,
    completed,
    released,
    other_completed,  ///< one that waited from the beginning; `number` 1: the first that is early
    word_set,         ///< by the engine; `number` is the word
    error_told,       ///< by a poll; `value` is the code
    stale,            ///< a thread has found old data
};

/// The number of such a point. `number` is that of the task or word, at most 255.
constexpr uint64_t point_of(WaitListPoint kind, uint32_t number = 0, uint32_t value = 0) {
    return uint64_t{static_cast<uint8_t>(kind)} << 40 | uint64_t{number} << 32 | value;
}

/// What happened to one task.
struct ExploredTask {
    uint32_t completed = 0;        ///< calls of on_mixed_task_complete()
    uint32_t released = 0;         ///< calls of on_task_release()
    bool was_early = false;        ///< completed before a subtask had finished or a condition held
    bool was_unlocked = false;     ///< no thread held the lock then
    bool was_after_error = false;  ///< the list had an error then
    bool was_released_early = false;  ///< it was released before it completed
};

/// What is there when all threads are done.
struct WaitListWeaveEnd {
    int32_t error = 0;                 ///< the list's
    int32_t status = 0;                ///< the run's
    int32_t completed = 0;             ///< as the polls say, added up
    int32_t waiting = 0;               ///< entries
    bool is_busy = false;              ///< the lock is held
    bool has_messages = false;         ///< a message is in the ring
    bool changed_after_error = false;  ///< a poll after the end took or completed something
    uint64_t skipped = 0;              ///< pushes that met a full ring
};

struct WaitListWeaveHistory {
    std::array<ExploredTask, waiting_tasks_max> tasks{};
    uint32_t others_completed = 0;  ///< of the tasks that waited from the beginning
    uint32_t others_released = 0;
    uint32_t others_early = 0;
    uint32_t stale = 0;       ///< plain data that a completer or a dependent found old
    int32_t first_error = 0;  ///< that a poll reported
    bool saw_another_error = false;
    WaitListWeaveEnd end{};
};

}  // namespace fuzz
