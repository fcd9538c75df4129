// Schedules of the mailbox on one thread: parameters of the ring, then calls, one after the other.
//
// Bytes: 0 version | 1 capacity | 2 start ticket, neighbourhood | 3 start ticket, distance; then
// records of two bytes:
//   0  low nibble: operation; high nibble: repetitions (pushes, pops), else unused
//   1  argument: how many messages, conditions or slots, which claim, which ticket
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/fuzz_target.h"

namespace fuzz {

enum class MailboxCall : uint8_t {
    push_condition,
    push_normal_done,
    push_conditions,    ///< count: how many
    push_registration,  ///< count: how many conditions, 1 to 64
    claim,              ///< count: how many; left unpublished until publish
    publish,            ///< count: which of the unpublished tickets, modulo their number
    pop,
    pop_batch,  ///< count: how many at most
    consume,    ///< count: as of pop_batch; registrations come out with all their conditions
    has_pending,
    restart,  ///< only when every claim is published; else nothing happens
    reset,    ///< first_ticket: where to; only when every claim is published
};

struct MailboxOperation {
    MailboxCall call;
    uint8_t repetitions;    ///< at least 1
    uint32_t count;         ///< see MailboxCall
    uint64_t first_ticket;  ///< of reset
};

struct MailboxStepSchedule {
    static constexpr ScheduleFormat format{.header_bytes = 4, .record_bytes = 2};

    uint32_t capacity;
    uint64_t first_ticket;
    std::vector<MailboxOperation> operations;
    /// Messages have cookies. Those of another tree's mailbox may have none, and come out with 0.
    bool has_cookies = true;

    /// Replaces `*this` by what the bytes say; every byte string is a schedule. Reuses memory.
    /// `only_capacity` takes the place of the capacity that they say, unless it is 0.
    void decode(Bytes input, uint32_t only_capacity = 0);

    std::string describe() const;
    static std::string describe(Bytes input);
    static std::vector<Seed> seeds();
    static std::vector<Seed> benchmark_inputs();
};

/// One line, as --describe and the reports show it.
std::string describe(const MailboxOperation& operation);

}  // namespace fuzz
