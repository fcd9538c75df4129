// A task graph as data: what run_graph reads from a file, what the random generator makes, what a
// run on a simulated platform executes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/runtime/core_interface.h"
#include "src/runtime/pto_assert.h"
#include "src/runtime/pto_constants.h"

namespace pto::sim {

/// What goes wrong in a task's subtasks.
enum class GraphFault : uint8_t {
    NONE,
    SLAB_ERROR,      ///< the kernel leaves `fault_code` as its error
    SLAB_OVERFULL,   ///< the kernel registers a 65th condition in one slab
    SLAB_CORRUPT,    ///< the kernel leaves a count of 65
    NULL_CONDITION,  ///< a condition without an address
    MISALIGNED_CONDITION,
    UNKNOWN_CONDITION,  ///< a condition of a type that no platform knows
    LOST_CONDITION,     ///< the engine never ends the work
    NEVER_ACK,          ///< the core does not answer
    NEVER_FIN,          ///< the core does not come back from the kernel
};

struct GraphTask {
    uint8_t cores = SUBTASK_AIV0;  ///< SUBTASK_ bits; none for a dummy
    GraphFault fault = GraphFault::NONE;
    bool has_records = false;  ///< conditions are SDMA event records, not counters
    int32_t block_num = 1;
    int32_t fault_code = 0;
    int32_t fault_subtask = -1;   ///< in which of them it goes wrong; in all when negative
    uint32_t conditions = 0;      ///< of each subtask
    uint64_t duration_ns = 0;     ///< of each subtask
    uint64_t delay_ns = 0;        ///< from a kernel's end to the end of its engines' work
    std::vector<uint32_t> after;  ///< tasks that come earlier in `Graph::tasks`
    std::string name = {};        ///< for people; may be empty

    bool operator==(const GraphTask&) const = default;
};

/// One step of a submission: the next task, or an end of a scope.
enum class GraphStep : uint8_t { TASK, BEGIN_SCOPE, END_SCOPE };

struct Graph {
    std::vector<GraphTask> tasks;
    /// The tasks in their order, and scopes around them; nothing but tasks when empty.
    std::vector<GraphStep> steps;
    uint32_t window = TASK_WINDOW_SIZE;
    uint32_t dependency_capacity = 4 * TASK_WINDOW_SIZE;
    uint32_t ring_count = MAX_RING_DEPTH;
    uint32_t thread_count = 2;
    uint32_t cluster_count = 4;
    uint64_t watchdog_limit_ns = 10'000'000'000;

    /// The name of a task for people: its own, or its number.
    std::string name_of(uint32_t task) const {
        PTO_ASSERT(task < tasks.size(), task, tasks.size());
        const std::string& name = tasks[task].name;
        return name.empty() ? "t" + std::to_string(task) : name;
    }

    bool operator==(const Graph&) const = default;
};

/// Subtasks of a task.
inline uint32_t subtask_count(const GraphTask& task) noexcept {
    return task.cores == 0 ? 0
                           : static_cast<uint32_t>(task.block_num) *
                                 static_cast<uint32_t>(__builtin_popcount(task.cores));
}

}  // namespace pto::sim
