// Schedules of the mailbox on real threads: one list of calls per producer and per consumer. What
// the bytes fix is who does what; when it happens is up to the operating system.
//
// Bytes: 0 version | 1 capacity | 2 start ticket, neighbourhood | 3 start ticket, distance |
// 4 threads; then records of two bytes:
//   0  bits 0-2: thread; bits 3-5: call; bits 6-7: pause before the call
//   1  argument: how many messages, conditions or slots
// Byte 4: bits 0-1: producers, less one; bit 2: a second consumer; bit 3: leave out the stamps, so
// that the history's own bookkeeping orders nothing (the oracle then sees less); bit 4: calls that
// others repeat stand for registrations and consume().
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/pause.h"

namespace fuzz {

enum class MailboxThreadsCall : uint8_t {
    push_condition,
    push_normal_done,
    push_conditions,
    push_condition_until_taken,
    push_conditions_until_taken,
    push_registration,
    push_registration_until_taken,  ///< of no more conditions than fit into the ring
    has_pending,
    pop,
    pop_batch,
    consume,  ///< registrations come out with all their conditions
};

struct MailboxThreadsOperation {
    MailboxThreadsCall call;
    Pause pause;
    uint32_t count;  ///< of bulk pushes and registrations: how many conditions; of batch pops and
                     ///< consume: how many slots at most
};

inline constexpr uint32_t producers_max = 4;
inline constexpr uint32_t consumers_max = 2;
inline constexpr uint32_t threads_max = producers_max + consumers_max;

struct MailboxThreadsSchedule {
    static constexpr ScheduleFormat format{.header_bytes = 5, .record_bytes = 2};

    uint32_t capacity;
    uint64_t first_ticket;
    uint32_t producers;
    uint32_t consumers;
    bool stamped;
    /// Consumers first, then producers; lists beyond `consumers + producers` are empty.
    std::array<std::vector<MailboxThreadsOperation>, threads_max> lists;
    /// Messages have cookies. Those of another tree's mailbox may have none, and come out with 0.
    bool has_cookies = true;

    uint32_t threads() const { return consumers + producers; }

    /// Replaces `*this` by what the bytes say; every byte string is a schedule. Reuses memory.
    /// `only_capacity` takes the place of the capacity that they say, unless it is 0.
    void decode(Bytes input, uint32_t only_capacity = 0);

    std::string describe() const;
    static std::string describe(Bytes input);
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs();
};

/// One line, as --describe and the reports show it.
std::string describe(const MailboxThreadsOperation& operation);

/// "producer 0" or "consumer 1": what a thread number stands for.
std::string thread_name(const MailboxThreadsSchedule& schedule, uint32_t thread);

}  // namespace fuzz
