// Scenarios of the wait list and its mailbox under weave: two threads that handle FINs, one or two
// that poll, an engine that conditions wait for, and a thread that depends on every task.
//
// Bytes: 0 version | 1 bits 0-1: slots of the mailbox | 2 start ticket, neighbourhood | 3 start
// ticket, distance | 4 bit 0: sequentially consistent memory; bit 1: a second poller; bits 2-3:
// tasks that wait from the beginning; bit 4: no release buffer | 5 number of operations |
// operations of three bytes:
//   0  bits 0-1: thread (FIN 0, FIN 1, engine, FIN 0); bits 2-4: call; bits 6-7: pause before it
//   1  bits 0-1: task; bits 2-4: conditions; bit 5: records instead of counters
//   2  bits 0-1: word; bits 2-3: value
// Then choices, a byte each. A pause tells or looks: see fuzz/kit/news.h.
//
// A task has as many subtasks as operations finish one. When the engine has made its calls, it
// gives every word the highest value, so that every condition holds in the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/pause.h"
#include "fuzz/wait_list/wait_list_weave_history.h"

namespace fuzz {

enum class WaitListWeaveCall : uint8_t {
    finish,          ///< leaves the conditions one by one, counts the subtask
    finish_in_bulk,  ///< leaves them in bulk
    push_malformed,  ///< a message or a condition that is an error; `value` says which
    poll,
    set,  ///< engine: gives a word its value, or a higher one that it has
};

/// What is wrong with a malformed message.
enum class Malformed : uint8_t {
    unknown_kind,
    done_without_slot,
    done_of_another_task,
    done_twice,
    misaligned_condition,
    unknown_type,
    zero_cookie,
    count,
};

struct WaitListWeaveOperation {
    WaitListWeaveCall call;
    Pause pause;
    uint32_t task;
    uint32_t conditions;
    bool is_record;
    uint32_t word;
    uint32_t value;
    Malformed malformed;
};

inline constexpr uint32_t engine_words = 3;
inline constexpr uint32_t engine_value_max = 2;
/// The word that the tasks wait for that wait from the beginning.
inline constexpr uint32_t gate_word = engine_words - 1;

struct WaitListWeaveSchedule {
    static constexpr size_t operations_max = 14;
    static constexpr ScheduleFormat format{.header_bytes = 6 + 3 * operations_max,
                                           .record_bytes = 1,
                                           .operation_bytes = 3,
                                           .operations_max = operations_max,
                                           .wishes_max = explored_wishes_max};
    enum Thread : uint32_t { fin_0, fin_1, engine, thread_count };
    /// More conditions than a task may have.
    static constexpr uint32_t conditions_overfull = 65;

    bool is_sc;
    uint32_t capacity;
    uint64_t first_ticket;
    uint32_t pollers;
    /// Tasks that wait from the beginning, for the last word.
    uint32_t waiting_before;
    bool has_release_buffer;
    std::array<std::vector<WaitListWeaveOperation>, thread_count> lists;
    /// Subtasks of each task; 0: the scenario does not have it.
    std::array<uint32_t, waiting_tasks_max> subtasks;
    Bytes choices;

    /// Replaces `*this` by what the bytes say; every byte string is a scenario.
    void decode(Bytes input);

    /// Tasks to complete, those included that wait from the beginning.
    uint32_t task_count() const;
    /// Does some message have to end the run?
    bool must_fail() const;
    /// May the run end with this error?
    bool may_fail_with(int32_t code) const;

    static std::string describe(Bytes input);
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs() { return seeds(); }
};

}  // namespace fuzz
