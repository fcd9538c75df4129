// Random task graphs of many kinds, that end well on every platform unless a fault is asked for. A
// seed gives the same graph everywhere.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "graph.h"
#include "graph_check.h"
#include "random.h"
#include "src/runtime/pto_assert.h"

namespace pto::sim {

/// What a random graph may have.
struct RandomGraphOptions {
    bool has_fault = false;    ///< one task goes wrong, in a random way
    bool has_records = false;  ///< some conditions are SDMA event records
};

/// A kind of graph. Percentages are of all tasks.
struct GraphShape {
    std::string_view name;
    uint32_t dummies;      ///< percentage
    uint32_t deferred;     ///< percentage that leaves conditions
    uint32_t mixed;        ///< percentage that needs several cores of a cluster
    uint32_t after_max;    ///< producers of a task
    uint32_t reach;        ///< how far back a producer is, at most
    uint32_t hub_every;    ///< producers are multiples of this number; 1: any
    uint32_t blocks_max;   ///< of most tasks
    uint32_t scope_tasks;  ///< tasks of a scope; 0: no scopes, unless the graph is large
    uint32_t depth_max;    ///< of scopes in one another
    uint32_t window;       ///< or the smallest larger one that holds the tasks of open scopes
};

inline constexpr std::array<GraphShape, 8> graph_shapes = {{
    {"mixture", 15, 20, 25, 3, 16, 1, 4, 8, 3, 16},
    {"fan_out", 5, 10, 15, 1, 64, 32, 3, 0, 0, 64},
    {"chain", 10, 15, 20, 1, 1, 1, 2, 16, 1, 8},
    {"layers", 5, 15, 20, 6, 12, 1, 3, 32, 2, 32},
    {"dummies", 70, 5, 20, 4, 24, 1, 2, 12, 2, 16},
    {"scopes", 10, 20, 20, 3, 10, 1, 3, 3, 6, 4},
    {"deferred", 5, 80, 25, 2, 20, 1, 4, 16, 2, 32},
    {"small_window", 10, 25, 30, 2, 6, 1, 40, 1, 2, 1},
}};

/// Makes one random graph.
class RandomGraph {
  public:
    RandomGraph(uint64_t seed, const RandomGraphOptions& options)
        : random_(seed),
          options_(options),
          shape_(graph_shapes[random_.below(graph_shapes.size())]) {}

    Graph make(uint32_t tasks) {
        choose_sizes();
        const uint32_t scope_tasks =
            shape_.scope_tasks == 0 && tasks > unscoped_max ? unscoped_max : shape_.scope_tasks;
        while (graph_.tasks.size() < tasks) {
            if (scope_tasks == 0) {
                add_task();
            } else {
                add_scope(tasks, scope_tasks, 1);
            }
        }
        if (options_.has_fault) {
            add_fault();
        }
        grow_until_it_fits();
        return std::move(graph_);
    }

  private:
    /// Larger graphs have scopes of this size at least: a window holds all tasks of open ones.
    static constexpr uint32_t unscoped_max = 4096;
    /// Tasks that may wait for conditions at once, below the wait list's 64.
    static constexpr size_t waiting_max = 48;

    void choose_sizes() {
        graph_.thread_count = 1;
        graph_.cluster_count = random_.between(1, 6);
        graph_.ring_count = random_.between(1, MAX_RING_DEPTH);
        graph_.window = shape_.window;
        graph_.dependency_capacity = std::bit_ceil(shape_.window * shape_.after_max);
    }

    void add_scope(uint32_t tasks, uint32_t scope_tasks, uint32_t depth) {
        graph_.steps.push_back(GraphStep::BEGIN_SCOPE);
        const uint32_t size = random_.between(1, 2 * scope_tasks);
        for (uint32_t i = 0; i < size && graph_.tasks.size() < tasks; ++i) {
            if (depth < shape_.depth_max && random_.percent(20)) {
                add_scope(tasks, scope_tasks, depth + 1);
            } else {
                add_task();
                graph_.steps.push_back(GraphStep::TASK);
            }
        }
        graph_.steps.push_back(GraphStep::END_SCOPE);
    }

    void add_task() {
        GraphTask task;
        add_producers(task);
        if (random_.percent(shape_.dummies)) {
            task.cores = 0;
        } else {
            task.cores = cores();
            task.block_num = static_cast<int32_t>(blocks());
            task.duration_ns = time_ns();
            if (random_.percent(shape_.deferred)) {
                add_conditions(task);
            }
        }
        graph_.tasks.push_back(std::move(task));
    }

    void add_producers(GraphTask& task) {
        const uint32_t number = static_cast<uint32_t>(graph_.tasks.size());
        const uint32_t count = number == 0 ? 0 : random_.between(0, shape_.after_max);
        for (uint32_t i = 0; i < count; ++i) {
            const uint32_t back = random_.between(1, std::min(number, shape_.reach));
            const uint32_t producer = number - back;
            task.after.push_back(producer - producer % shape_.hub_every);
        }
    }

    uint8_t cores() {
        constexpr std::array<uint8_t, 4> several = {3, 5, 6, 7};
        if (random_.percent(shape_.mixed)) {
            return several[random_.below(several.size())];
        }
        constexpr std::array<uint8_t, 3> one = {SUBTASK_AIC, SUBTASK_AIV0, SUBTASK_AIV1};
        return one[random_.below(one.size())];
    }

    uint32_t blocks() {
        // Now and then more than all cores can hold.
        return random_.percent(2) ? random_.between(50, 150)
                                  : random_.between(1, shape_.blocks_max);
    }

    uint64_t time_ns() { return random_.percent(20) ? 0 : random_.below(10'000); }

    /// At most 64 in all. The task also comes after an earlier one with conditions, so that never
    /// too many wait at once.
    void add_conditions(GraphTask& task) {
        const uint32_t subtasks = subtask_count(task);
        if (subtasks > MAX_COMPLETIONS_PER_TASK) {
            return;
        }
        PTO_ASSERT(subtasks != 0);
        const uint32_t most = MAX_COMPLETIONS_PER_TASK / subtasks;
        task.conditions =
            random_.percent(10) ? most : random_.between(1, std::min<uint32_t>(most, 4));
        task.delay_ns = random_.percent(20) ? 0 : random_.below(30'000);
        task.has_records = options_.has_records && random_.percent(50);
        if (deferred_.size() >= waiting_max) {
            task.after.push_back(deferred_[deferred_.size() - waiting_max]);
        }
        deferred_.push_back(static_cast<uint32_t>(graph_.tasks.size()));
    }

    void add_fault() {
        std::vector<uint32_t> candidates;
        for (uint32_t i = 0; i < graph_.tasks.size(); ++i) {
            if (graph_.tasks[i].cores != 0) {
                candidates.push_back(i);
            }
        }
        if (candidates.empty()) {
            return;
        }
        GraphTask& task = graph_.tasks[candidates[random_.below(candidates.size())]];
        task.fault = static_cast<GraphFault>(
            random_.between(1, static_cast<uint32_t>(GraphFault::NEVER_FIN)));
        if (task.fault == GraphFault::SLAB_ERROR) {
            const int32_t code = static_cast<int32_t>(random_.between(1, 99));
            task.fault_code = random_.percent(50) ? code : -code;
        }
        if (task.fault == GraphFault::LOST_CONDITION && task.conditions == 0) {
            task.conditions = 1;
            task.block_num = 1;
        }
    }

    void grow_until_it_fits() {
        while (graph_problem(graph_) && graph_.window < graph_window_max) {
            graph_.window *= 2;
            graph_.dependency_capacity *= 2;
        }
    }

    Random random_;
    const RandomGraphOptions options_;
    const GraphShape& shape_;
    Graph graph_;
    std::vector<uint32_t> deferred_;  ///< the tasks with conditions
};

/// A random graph of `tasks` tasks.
inline Graph random_graph(uint64_t seed, uint32_t tasks, const RandomGraphOptions& options = {}) {
    return RandomGraph(seed, options).make(tasks);
}

}  // namespace pto::sim
