// Schedules of the ready queue on one thread: whole calls, and the steps that calls are made of.
//
// A thread that stops in the middle of a push has drawn tickets and not put a task to each; one
// that stops in a pop has not taken all of its tasks. The steps leave any number of calls
// unfinished and resume them in any order: every unfinished ticket is a thread that has stopped.
//
// Bytes: 0 version | 1 capacity and first ticket; then records of two bytes:
//   0  low nibble: operation; high nibble: repetitions (push, pop, put, take), else unused
//   1  argument: how many tasks, which unfinished ticket
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/fuzz_target.h"

namespace fuzz {

enum class ReadyQueueCall : uint8_t {
    push,
    push_batch,  ///< count: how many
    pop,
    pop_batch,   ///< count: how many at most
    claim_push,  ///< count: how many; unfinished until put
    put,         ///< count: which of the unfinished pushes, modulo their number
    claim_pop,   ///< count: how many at most; unfinished until taken
    take,        ///< count: which of the unfinished pops, modulo their number
    size,
};

struct ReadyQueueOperation {
    ReadyQueueCall call;
    uint8_t repetitions;  ///< at least 1
    uint32_t count;       ///< see ReadyQueueCall
};

inline constexpr uint32_t ready_capacity_max = 1024;

/// The most tasks in one call: the largest count that an argument can name.
inline constexpr uint32_t ready_batch_max = ready_capacity_max + 64;

struct ReadyQueueStepSchedule {
    static constexpr ScheduleFormat format{.header_bytes = 2, .record_bytes = 2};

    uint32_t capacity;
    uint64_t first_ticket;
    std::vector<ReadyQueueOperation> operations;

    /// Replaces `*this` by what the bytes say; every byte string is a schedule. Reuses memory.
    void decode(Bytes input);

    static std::string describe(Bytes input);
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs();
};

/// One line, as --describe and the reports show it.
std::string describe(const ReadyQueueOperation& operation);

}  // namespace fuzz
