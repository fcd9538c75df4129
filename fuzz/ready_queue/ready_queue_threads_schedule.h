// Schedules of the ready queue on real threads: one list of calls per pusher and per popper. What
// the bytes fix is who does what; when it happens is up to the operating system.
//
// Bytes: 0 version | 1 capacity | 2 threads; then records of two bytes:
//   0  bits 0-2: thread; bits 3-5: call; bits 6-7: pause before the call, or within it
//   1  argument: how many tasks
// Byte 2: bits 0-1: pushers, less one; bits 2-3: poppers, less one; bit 4: leave out the stamps, so
// that the history's own bookkeeping orders nothing (the oracle then sees less); bits 5-6: the
// first ticket.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/pause.h"
#include "fuzz/ready_queue/ready_task.h"

namespace fuzz {

enum class ReadyThreadsCall : uint8_t {
    push,
    push_batch,
    push_until_taken,
    push_batch_until_taken,
    push_in_steps,  ///< draws the tickets, pauses, puts
    size,
    pop,
    pop_batch,
    pop_in_steps,  ///< draws the tickets, pauses, takes
};

struct ReadyThreadsOperation {
    ReadyThreadsCall call;
    Pause pause;
    uint32_t count;  ///< of batches and steps: how many; of pops: how many at most
};

inline constexpr uint32_t ready_poppers_max = 4;
inline constexpr uint32_t ready_threads_max = ready_pushers_max + ready_poppers_max;

struct ReadyQueueThreadsSchedule {
    static constexpr ScheduleFormat format{.header_bytes = 3, .record_bytes = 2};

    uint32_t capacity;
    uint64_t first_ticket;
    uint32_t pushers;
    uint32_t poppers;
    bool stamped;
    /// Poppers first, then pushers; lists beyond `poppers + pushers` are empty.
    std::array<std::vector<ReadyThreadsOperation>, ready_threads_max> lists;

    uint32_t threads() const { return poppers + pushers; }

    /// Replaces `*this` by what the bytes say; every byte string is a schedule. Reuses memory.
    void decode(Bytes input);

    static std::string describe(Bytes input);
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs();
};

/// One line, as --describe and the reports show it.
std::string describe(const ReadyThreadsOperation& operation);

/// "popper 0" or "pusher 1": what a thread number stands for.
std::string thread_name(const ReadyQueueThreadsSchedule& schedule, uint32_t thread);

}  // namespace fuzz
