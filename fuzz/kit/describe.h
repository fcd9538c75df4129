// Schedules and histories as text, where all of them are written alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fuzz {

/// "pop", or "pop, 4 times".
inline std::string describe_times(const std::string& call, uint32_t times) {
    return times == 1 ? call : call + ", " + std::to_string(times) + " times";
}

/// The operations, a numbered line each.
template <class Operation>
std::string describe_list(const std::vector<Operation>& operations, const char* indent = "") {
    std::string text;
    for (size_t i = 0; i < operations.size(); ++i) {
        text += indent + std::to_string(i) + "  " + describe(operations[i]) + "\n";
    }
    return text;
}

/// The list of each thread of a schedule, below the thread's name.
template <class Schedule>
std::string describe_threads(const Schedule& schedule) {
    std::string text;
    for (uint32_t thread = 0; thread < schedule.threads(); ++thread) {
        text += thread_name(schedule, thread) + "\n" + describe_list(schedule.lists[thread], "  ");
    }
    return text;
}

/// line(last) and up to `lines_max` - 1 lines before it; a ">" marks the last one.
template <class Line>
std::string lines_up_to(size_t last, size_t lines_max, Line&& line) {
    std::string text;
    for (size_t i = last + 1 > lines_max ? last + 1 - lines_max : 0; i <= last; ++i) {
        text += (i == last ? "> " : "  ") + line(i) + "\n";
    }
    return text;
}

}  // namespace fuzz
