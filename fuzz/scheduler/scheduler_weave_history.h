// How the runs of an explored scheduler ended, kept outside of the execution's memory.
#pragma once

#include <array>
#include <cstdint>

namespace fuzz {

inline constexpr uint32_t explored_tasks_max = 8;
inline constexpr uint32_t explored_runs_max = 2;

/// One run, as sim/graph_run.h reports it.
struct ExploredRun {
    int32_t status;
    uint64_t completed;  ///< tasks
    uint64_t skipped;    ///< pushes that met a full mailbox
    bool is_clean;
    std::array<uint64_t, explored_tasks_max> values;  ///< what each task computed
    std::array<uint32_t, explored_tasks_max> runs;    ///< how many subtasks of each task ran
};

struct SchedulerWeaveHistory {
    std::array<ExploredRun, explored_runs_max> runs;
    uint32_t run_count;
};

}  // namespace fuzz
