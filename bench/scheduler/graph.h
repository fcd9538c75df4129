// The graphs that the scheduler is measured on: a pattern of tasks, repeated as often as it takes,
// so that a graph of a million tasks needs no more memory than one of a thousand.
#pragma once

#include <cstdint>
#include <vector>

#include "src/runtime/core_interface.h"

namespace bench {

/// Tasks of one pattern, at most; a pattern is a scope, which keeps its tasks' slots.
inline constexpr uint32_t pattern_tasks_max = 512;

struct PatternTask {
    uint8_t cores = pto::SUBTASK_AIV0;
    int32_t block_num = 1;
    uint32_t conditions = 0;            ///< of each block
    std::vector<uint32_t> before = {};  ///< producers: how many tasks ago each was submitted
};

/// Reads of a core's word from a kernel's end until its conditions hold: two turns of a thread
/// whose cores are all busy, and sixteen times as much.
inline constexpr uint32_t fast_engine_reads = 64;
inline constexpr uint32_t slow_engine_reads = 1024;

struct Graph {
    std::vector<PatternTask> pattern;
    uint64_t task_count = 0;
    uint32_t engine_reads = fast_engine_reads;

    const PatternTask& task(uint64_t number) const { return pattern[number % pattern.size()]; }

    /// Calls visit(uint64_t producer) for each task that a task comes after. The first ones reach
    /// back past the beginning, where there is nothing.
    template <class Visit>
    void for_each_producer(uint64_t number, Visit&& visit) const {
        for (const uint32_t distance : task(number).before) {
            if (distance <= number) {
                visit(number - distance);
            }
        }
    }
};

/// Rows of independent tasks, each of them after the one above it.
/// `conditions(row, lane)` says how many each has.
template <class Conditions>
Graph lanes(uint64_t tasks, uint32_t width, Conditions&& conditions) {
    Graph graph{{}, tasks};
    for (uint32_t i = 0; i < pattern_tasks_max / width * width; ++i) {
        graph.pattern.push_back(
            {.conditions = conditions(i / width, i % width), .before = {width}});
    }
    return graph;
}

inline constexpr uint32_t lane_count = 32;

/// Every task leaves conditions.
inline Graph deferred_heavy(uint64_t tasks, uint32_t conditions = 8) {
    return lanes(tasks, lane_count, [=](uint32_t, uint32_t) { return conditions; });
}

/// The same with slow engines, so that polls find most conditions as they were.
inline Graph deferred_slow(uint64_t tasks) {
    Graph graph = deferred_heavy(tasks);
    graph.engine_reads = slow_engine_reads;
    return graph;
}

/// No task does.
inline Graph deferred_free(uint64_t tasks) { return deferred_heavy(tasks, 0); }

/// One task in eight does, so that the others finish while a list is being polled.
inline Graph deferred_some(uint64_t tasks) {
    return lanes(tasks, lane_count,
                 [](uint32_t row, uint32_t lane) { return (row + lane) % 8 == 0 ? 4u : 0u; });
}

/// One producer for 255 tasks, and the next producer waits for them all.
inline Graph wide_fan_out(uint64_t tasks) {
    constexpr uint32_t consumers = 255;
    Graph graph{{{}}, tasks};
    for (uint32_t i = 1; i <= consumers; ++i) {
        graph.pattern[0].before.push_back(i);
        graph.pattern.push_back({.before = {i}});
    }
    return graph;
}

/// Each task waits for the one before it.
inline Graph deep_chain(uint64_t tasks) {
    return lanes(tasks, 1, [](uint32_t, uint32_t) { return 0u; });
}

/// Eight lanes in which a product on cube cores and a sum on vector cores take turns, of four
/// blocks each.
inline Graph alternating(uint64_t tasks) {
    constexpr uint32_t width = 8;
    Graph graph = lanes(tasks, width, [](uint32_t, uint32_t) { return 0u; });
    for (uint32_t i = 0; i < graph.pattern.size(); ++i) {
        const bool is_product = i / width % 2 == 0;
        graph.pattern[i].cores = is_product ? pto::SUBTASK_AIC : pto::SUBTASK_AIV0;
        graph.pattern[i].block_num = 4;
    }
    return graph;
}

}  // namespace bench
