// What happened when a schedule ran on real threads: each thread's calls in its own order, and the
// messages in the order in which they came out.
//
// Stamps order calls of different threads: if one call's `end` is less than another's `begin`, it
// returned before the other began. They are drawn from one counter and order nothing else, so that
// a data race stays visible to ThreadSanitizer. All are 0 in a schedule that is not stamped.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "fuzz/mailbox/mailbox_threads_schedule.h"
#include "src/runtime/mailbox.h"

namespace fuzz {

/// One call. Pushes: `first_message` is the number of the first message offered, `count` how many
/// were offered and `result` how many taken; of a registration these are its conditions. Pops:
/// `count` slots asked for, `result` messages came out, and `popped_before` had come out earlier.
/// consume: `result` slots were freed, `views` came out. has_pending: `result`.
struct MailboxThreadsEvent {
    uint32_t operation;  ///< index into the thread's list; its size for the final drain
    MailboxThreadsCall call;
    uint32_t first_message;
    uint32_t count;
    uint32_t result;
    uint32_t popped_before;
    uint64_t begin;
    uint64_t end;
    uint32_t views = 0;
};

/// A view that came out; see registration_views.h.
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

constexpr bool is_push(const MailboxThreadsEvent& event) {
    return event.call == MailboxThreadsCall::push_condition ||
           event.call == MailboxThreadsCall::push_normal_done ||
           event.call == MailboxThreadsCall::push_conditions ||
           event.call == MailboxThreadsCall::push_registration;
}
constexpr bool is_pop(const MailboxThreadsEvent& event) {
    return event.call == MailboxThreadsCall::pop || event.call == MailboxThreadsCall::pop_batch ||
           event.call == MailboxThreadsCall::consume;
}
constexpr bool is_registration(const MailboxThreadsEvent& push) {
    return push.call == MailboxThreadsCall::push_registration;
}

/// The views that a pop added to the history.
constexpr uint32_t views_of(const MailboxThreadsEvent& pop) {
    return pop.call == MailboxThreadsCall::consume ? pop.views : std::min(pop.result, pop.count);
}

/// The views of a message that a push put in and a pop took out. All of a registration comes out of
/// consume(), only its first condition out of the others.
constexpr uint32_t views_of(const MailboxThreadsEvent& push, const MailboxThreadsEvent& pop) {
    return is_registration(push) && pop.call == MailboxThreadsCall::consume ? 1 + push.count : 1;
}

/// The slots that a message of a push takes.
constexpr uint32_t slots_each(const MailboxThreadsEvent& push) {
    return is_registration(push) ? 1 + push.count / 2 : 1;
}

/// The slots that a push has taken.
constexpr uint32_t slots_taken(const MailboxThreadsEvent& push) {
    return is_registration(push) && push.result != 0 ? slots_each(push) : push.result;
}

/// The slots that were in use, at least, when a push took less than it was offered.
constexpr uint32_t least_used(const MailboxThreadsEvent& push, uint32_t capacity) {
    const uint32_t most_free = is_registration(push) ? slots_each(push) - 1 : push.result;
    return capacity - std::min(capacity, most_free);
}

}  // namespace fuzz
