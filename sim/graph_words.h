// The words of the graph format: cores, faults, sizes, times. Reading and printing share them.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph.h"

namespace pto::sim {

/// The parts of `text` between separators; one part more than there are of those.
inline std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    size_t end = text.find(separator);
    while (end != std::string_view::npos) {
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
        end = text.find(separator);
    }
    parts.push_back(text);
    return parts;
}

/// The whole of `text` as a number of type T.
template <class T>
std::optional<T> number_from(std::string_view text) {
    T number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    return is_number ? std::optional(number) : std::nullopt;
}

inline constexpr std::string_view cores_words = "aic, aiv, aiv1, some of aic+aiv0+aiv1, mix, none";

/// The cores that a word such as `aic+aiv0` names; nothing if it is not such a word.
inline std::optional<uint8_t> cores_from(std::string_view text) {
    if (text == "none" || text == "dummy") {
        return uint8_t{0};
    }
    if (text == "mix") {
        return SUBTASK_MASK_ALL;
    }
    uint32_t cores = 0;
    for (const std::string_view part : split(text, '+')) {
        const uint32_t core = part == "aic"                     ? SUBTASK_AIC
                              : part == "aiv" || part == "aiv0" ? SUBTASK_AIV0
                              : part == "aiv1"                  ? SUBTASK_AIV1
                                                                : 0;
        if (core == 0 || (cores & core) != 0) {
            return std::nullopt;
        }
        cores |= core;
    }
    return static_cast<uint8_t>(cores);
}

/// The word for a set of cores that exist.
inline std::string cores_word(uint8_t cores) {
    constexpr std::array<std::string_view, 8> words = {"none", "aic",      "aiv",       "aic+aiv0",
                                                       "aiv1", "aic+aiv1", "aiv0+aiv1", "mix"};
    return std::string(words[cores & SUBTASK_MASK_ALL]);
}

/// In the order of GraphFault.
inline constexpr std::array<std::string_view, 10> fault_words = {"none",
                                                                 "slab_error",
                                                                 "slab_overfull",
                                                                 "slab_corrupt",
                                                                 "null_condition",
                                                                 "misaligned_condition",
                                                                 "unknown_condition",
                                                                 "lost_condition",
                                                                 "never_ack",
                                                                 "never_fin"};
static_assert(fault_words.size() == static_cast<size_t>(GraphFault::NEVER_FIN) + 1);

inline std::optional<GraphFault> fault_from(std::string_view text) {
    for (size_t i = 0; i < fault_words.size(); ++i) {
        if (fault_words[i] == text) {
            return static_cast<GraphFault>(i);
        }
    }
    return std::nullopt;
}

inline std::string fault_word(GraphFault fault) {
    return std::string(fault_words[static_cast<size_t>(fault)]);
}

/// A size of the scheduler or of the machine, as a line of a graph file.
struct GraphSize {
    using Field = uint32_t Graph::*;

    std::string_view word;
    Field field;
};
inline constexpr std::array<GraphSize, 5> graph_sizes = {
    {{"threads", &Graph::thread_count},
     {"clusters", &Graph::cluster_count},
     {"window", &Graph::window},
     {"rings", &Graph::ring_count},
     {"dependencies", &Graph::dependency_capacity}}};

struct TimeUnit {
    std::string_view word;
    uint64_t ns;
};
inline constexpr std::array<TimeUnit, 4> time_units = {
    {{"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}}};

/// No time in a graph is longer than this, so that sums of times do not overflow.
inline constexpr uint64_t graph_time_max_ns = 1'000'000'000'000'000;

/// A time such as `20us`; 0 needs no unit.
inline std::optional<uint64_t> time_from(std::string_view text) {
    if (text == "0") {
        return uint64_t{0};
    }
    const size_t digits = text.find_first_not_of("0123456789");
    if (digits == std::string_view::npos) {
        return std::nullopt;
    }
    const std::optional<uint64_t> number = number_from<uint64_t>(text.substr(0, digits));
    for (const TimeUnit& unit : time_units) {
        if (number && unit.word == text.substr(digits) && *number <= graph_time_max_ns / unit.ns) {
            return *number * unit.ns;
        }
    }
    return std::nullopt;
}

/// A time in the largest unit in which it is a whole number.
inline std::string time_word(uint64_t ns) {
    for (const TimeUnit& unit : time_units) {
        if (ns != 0 && ns % unit.ns == 0) {
            return std::to_string(ns / unit.ns) + std::string(unit.word);
        }
    }
    return "0";
}

}  // namespace pto::sim
