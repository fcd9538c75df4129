// The calls of an explored history, as an oracle that judges by happens-before sees them.
//
// `Event` is a subject's: with the moments `begin` and `end` (moments.h), the number `operation` in
// its thread's list, and `result` of `count`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/moments.h"
#include "fuzz/kit/report.h"

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

/// What a call does, as the schedule says.
template <class Schedule, class Event>
std::string words_of(const Schedule& schedule, uint32_t thread, const Event& event) {
    const auto& list = schedule.lists[thread];
    return event.operation < list.size() ? describe(list[event.operation]) : "drain";
}

/// The calls for a finding. A call after the last of its thread's list is the drain.
template <class Schedule, class Event>
std::vector<ReportedCall> reported(const Schedule& schedule,
                                   const std::vector<MadeCall<Event>>& calls) {
    std::vector<ReportedCall> lines;
    for (const MadeCall<Event>& call : calls) {
        const Event& event = *call.event;
        lines.push_back({thread_name(schedule, call.thread) + ", operation " +
                             std::to_string(event.operation) + ": " +
                             words_of(schedule, call.thread, event) + " -> " +
                             std::to_string(event.result) + " of " + std::to_string(event.count),
                         event.begin, event.end});
    }
    return lines;
}

/// What happens at a moment of the history: a call begins or ends.
template <class Schedule, class History>
std::string moment_text(const Schedule& schedule, const History& history, uint64_t moment) {
    for (uint32_t thread = 0; thread < schedule.threads(); ++thread) {
        for (const auto& event : history.events[thread]) {
            if (event.begin == moment || event.end == moment) {
                return (event.begin == moment ? "begins: " : "ends: ") +
                       words_of(schedule, thread, event) +
                       (event.begin == moment ? "" : " -> " + std::to_string(event.result));
            }
        }
    }
    return "begins: a call that gets nothing";
}

}  // namespace fuzz
