// What happened when a schedule ran on real threads: each thread's calls in its own order, and the
// messages in the order in which they came out.
//
// Stamps order calls of different threads: if one call's `end` is less than another's `begin`, it
// returned before the other began. They are drawn from one counter and order nothing else, so that
// a data race stays visible to ThreadSanitizer. All are 0 in a schedule that is not stamped.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "fuzz/mailbox/mailbox_threads_schedule.h"
#include "src/runtime/mailbox.h"

namespace fuzz {

/// One call. Pushes: `first_message` is the number of the first message offered, `count` how many
/// were offered and `result` how many taken. Pops: `count` asked for, `result` came out, and
/// `popped_before` messages had come out earlier. has_pending: `result`.
struct MailboxThreadsEvent {
    uint32_t operation;  ///< index into the thread's list; its size for the final drain
    MailboxThreadsCall call;
    uint32_t first_message;
    uint32_t count;
    uint32_t result;
    uint32_t popped_before;
    uint64_t begin;
    uint64_t end;
};

struct PoppedMessage {
    pto::AICoreCompletionMsgView view;
    uint32_t thread;  ///< the consumer
    uint32_t event;   ///< index into that thread's events
};

struct MailboxThreadsHistory {
    std::array<std::vector<MailboxThreadsEvent>, threads_max> events;
    std::vector<PoppedMessage> popped;  ///< in the order of popping, over all consumers
    bool stuck;  ///< a push that repeats until it is taken was not taken within its time

    void clear() {
        for (auto& list : events) {
            list.clear();
        }
        popped.clear();
        stuck = false;
    }
};

/// Message numbers are unique over all threads: the producer above its own count.
constexpr uint32_t message_number(uint32_t thread, uint32_t count) { return thread << 24 | count; }
constexpr uint32_t message_thread(uint32_t number) { return number >> 24; }
constexpr uint32_t message_count(uint32_t number) { return number & 0xffffffu; }

}  // namespace fuzz
