// The calls of an explored history, as an oracle that judges by happens-before sees them.
//
// `Event` is a subject's: with the moments `begin` and `end` (moments.h), the number `operation` in
// its thread's list, and `result` of `count`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/moments.h"

namespace fuzz {

/// A call, and the thread that made it.
template <class Event>
struct MadeCall {
    const Event* event;
    uint32_t thread;
};

/// What was pushed and came out: the two calls.
template <class Event>
struct Passage {
    MadeCall<Event> push;
    MadeCall<Event> pop;
};

/// Does `first` end before `second` begins, for sure?
template <class Event>
bool precedes(const Event& first, const Event& second) {
    return comes_before(first.end, second.begin);
}

/// The calls for a finding, a line each. A call after the last of its thread's list is the drain.
template <class Schedule, class Event>
std::string lines_of(const Schedule& schedule, const std::vector<MadeCall<Event>>& calls) {
    std::string text;
    for (const MadeCall<Event>& call : calls) {
        const Event& event = *call.event;
        const auto& list = schedule.lists[call.thread];
        const std::string words =
            event.operation < list.size() ? describe(list[event.operation]) : std::string("drain");
        text += "  " + thread_name(schedule, call.thread) + ", operation " +
                std::to_string(event.operation) + ": " + words + " -> " +
                std::to_string(event.result) + " of " + std::to_string(event.count) + ", moments " +
                std::to_string(event.begin) + " to " + std::to_string(event.end) + "\n";
    }
    return text;
}

}  // namespace fuzz
