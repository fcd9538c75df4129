// What a scheduler will refuse of a graph, found before a run, so that no task of such a graph
// runs.
//
// The limits are those of TaskSubmission, which has the last word: this only counts along, on
// the data. The sizes of a scheduler have limits here that keep a slip of the finger from taking
// all memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph.h"
#include "src/runtime/pto_assert.h"

namespace pto::sim {

/// Subtasks of one task, all its blocks together.
inline constexpr int32_t graph_subtasks_max = 32767;

/// Sizes that a graph may ask for.
inline constexpr uint32_t graph_threads_max = 64;
inline constexpr uint32_t graph_clusters_max = 64;
inline constexpr uint32_t graph_rings_max = 16;
inline constexpr uint32_t graph_window_max = 65536;
inline constexpr uint32_t graph_dependencies_max = 1u << 18;

/// What is wrong with a graph, or with a run of it, and in which task if it is in one.
struct GraphProblem {
    std::optional<uint32_t> task;
    std::string what;
};

/// Counts a submission along: which tasks, and which dependencies, the rings have to hold at once.
class GraphSubmissionCheck {
  public:
    /// With one open scope, as a submission begins.
    explicit GraphSubmissionCheck(const Graph& graph) : graph_(graph), rings_(graph.ring_count) {
        begin_scope();
    }

    void begin_scope() {
        const size_t last_ring = rings_.size() - 1;
        const size_t ring = scopes_.size() < last_ring ? scopes_.size() : last_ring;
        scopes_.push_back({ring, rings_[ring].held_from});
    }

    /// False when no scope is open.
    bool end_scope() {
        if (scopes_.empty()) {
            return false;
        }
        rings_[scopes_.back().ring].held_from = scopes_.back().held_from_before;
        scopes_.pop_back();
        return true;
    }

    uint32_t next_task() const noexcept { return next_task_; }

    /// Submits the next task of the graph. What is wrong with it, if anything is.
    std::optional<std::string> submit() {
        PTO_ASSERT(next_task_ < graph_.tasks.size(), next_task_);
        const GraphTask& task = graph_.tasks[next_task_++];
        if (scopes_.empty()) {
            return "no scope is open";
        }
        if (std::optional<std::string> problem = problem_of(task)) {
            return problem;
        }
        return take_room(rings_[scopes_.back().ring], task.after.size());
    }

  private:
    /// A place in a ring's two sequences.
    struct Place {
        uint64_t task = 0;
        uint64_t dependency = 0;
    };

    struct Ring {
        Place next;
        std::optional<Place> held_from;  ///< the first task that an open scope holds
    };

    struct Scope {
        size_t ring;
        std::optional<Place> held_from_before;
    };

    std::optional<std::string> problem_of(const GraphTask& task) const {
        if ((task.cores & ~SUBTASK_MASK_ALL) != 0) {
            return "it needs a core that a cluster does not have";
        }
        if (task.cores != 0 && task.block_num < 1) {
            return std::to_string(task.block_num) + " blocks; one is the least";
        }
        const int64_t subtasks = int64_t{task.block_num} * __builtin_popcount(task.cores);
        if (subtasks > graph_subtasks_max) {
            return std::to_string(subtasks) + " subtasks, blocks times cores; " +
                   std::to_string(graph_subtasks_max) + " are the most";
        }
        for (const uint32_t producer : task.after) {
            if (producer >= graph_.tasks.size()) {
                return "it comes after a task that does not exist";
            }
            if (producer >= next_task_ - 1) {
                return "it comes after " + graph_.name_of(producer) +
                       ", which is not submitted before it";
            }
        }
        return std::nullopt;
    }

    /// Room for a task next to all that open scopes hold.
    std::optional<std::string> take_room(Ring& ring, uint64_t dependencies) const {
        const Place first = ring.held_from.value_or(ring.next);
        PTO_ASSERT(first.task <= ring.next.task, first.task, ring.next.task);
        if (ring.next.task - first.task >= graph_.window) {
            return "all " + std::to_string(graph_.window) +
                   " slots of its ring are held by scopes that are still open; end them earlier, "
                   "or take a larger window";
        }
        const uint64_t needed = ring.next.dependency - first.dependency + dependencies;
        if (needed > graph_.dependency_capacity) {
            return "its ring would have to hold " + std::to_string(needed) +
                   " dependencies while scopes are open, and has room for " +
                   std::to_string(graph_.dependency_capacity);
        }
        ring.held_from = first;
        ring.next = {ring.next.task + 1, ring.next.dependency + dependencies};
        return std::nullopt;
    }

    const Graph& graph_;
    std::vector<Ring> rings_;
    std::vector<Scope> scopes_;
    uint32_t next_task_ = 0;
};

/// What is wrong with the sizes that a graph asks for.
inline std::optional<std::string> graph_size_problem(const Graph& graph) {
    const auto is_power_of_two = [](uint32_t size) {
        return size != 0 && (size & (size - 1)) == 0;
    };
    const auto range = [](const char* what, uint32_t max) {
        return std::string(what) + " has to be from 1 to " + std::to_string(max);
    };
    if (!is_power_of_two(graph.window) || graph.window > graph_window_max) {
        return "the window has to be a power of two, at most " + std::to_string(graph_window_max);
    }
    if (!is_power_of_two(graph.dependency_capacity) ||
        graph.dependency_capacity > graph_dependencies_max) {
        return "the room for dependencies has to be a power of two, at most " +
               std::to_string(graph_dependencies_max);
    }
    if (graph.ring_count == 0 || graph.ring_count > graph_rings_max) {
        return range("the number of rings", graph_rings_max);
    }
    if (graph.thread_count == 0 || graph.thread_count > graph_threads_max) {
        return range("the number of threads", graph_threads_max);
    }
    if (graph.cluster_count == 0 || graph.cluster_count > graph_clusters_max) {
        return range("the number of clusters", graph_clusters_max);
    }
    return std::nullopt;
}

/// Does one step of a submission. What is wrong with it, if anything is.
inline std::optional<GraphProblem> graph_step_problem(GraphSubmissionCheck& check,
                                                      const Graph& graph, GraphStep step) {
    switch (step) {
        case GraphStep::TASK: {
            const uint32_t task = check.next_task();
            if (task == graph.tasks.size()) {
                return GraphProblem{std::nullopt, "more tasks are submitted than there are"};
            }
            const std::optional<std::string> what = check.submit();
            return what ? std::optional(GraphProblem{task, *what}) : std::nullopt;
        }
        case GraphStep::BEGIN_SCOPE:
            check.begin_scope();
            return std::nullopt;
        case GraphStep::END_SCOPE:
            return check.end_scope() ? std::nullopt
                                     : std::optional(GraphProblem{
                                           std::nullopt, "a scope ends, and none is open"});
    }
    return std::nullopt;
}

/// The first thing for which a scheduler would refuse the graph, or nothing. A run of a graph
/// without a problem is not refused.
inline std::optional<GraphProblem> graph_problem(const Graph& graph) {
    if (std::optional<std::string> what = graph_size_problem(graph)) {
        return GraphProblem{std::nullopt, *what};
    }
    GraphSubmissionCheck check(graph);
    for (const GraphStep step : graph.steps) {
        if (std::optional<GraphProblem> problem = graph_step_problem(check, graph, step)) {
            return problem;
        }
    }
    while (graph.steps.empty() && check.next_task() < graph.tasks.size()) {
        if (auto problem = graph_step_problem(check, graph, GraphStep::TASK)) {
            return problem;
        }
    }
    if (check.next_task() != graph.tasks.size()) {
        return GraphProblem{check.next_task(), "it is never submitted"};
    }
    return std::nullopt;
}

}  // namespace pto::sim
