// Why a run of a graph ended with an error, and in which task, as far as graph and result tell. The
// scheduler itself keeps no more than a code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graph.h"
#include "graph_check.h"
#include "graph_run.h"
#include "graph_words.h"
#include "src/runtime/pto_assert.h"
#include "src/runtime/pto_constants.h"

namespace pto::sim {

/// Looks for the task that an error came from.
class GraphExplanation {
  public:
    GraphExplanation(const Graph& graph, const GraphResult& result)
        : graph_(graph), result_(result) {}

    /// For a run whose status is not 0.
    GraphProblem explain() const {
        PTO_ASSERT(result_.status != 0);
        if (const auto task = find([this](const GraphTask& t) { return left_error(t); })) {
            return {task,
                    "its kernel left error " + std::to_string(graph_.tasks[*task].fault_code)};
        }
        switch (-result_.status) {
            case PTO2_ERROR_INVALID_ARGS:
                return {std::nullopt, "a task was refused at its submission"};
            case PTO2_ERROR_SCHEDULER_TIMEOUT:
                return timeout();
            case PTO2_ERROR_ASYNC_COMPLETION_INVALID:
                return invalid_condition();
            case PTO2_ERROR_ASYNC_WAIT_OVERFLOW:
                return overflow();
            case PTO2_ERROR_ASYNC_REGISTRATION_FAILED:
                return failed_registration();
            default:
                return {std::nullopt, "an unknown error"};
        }
    }

  private:
    /// The first task, of those of which a subtask ran, that is so.
    template <class Predicate>
    std::optional<uint32_t> find(Predicate&& is_so) const {
        PTO_ASSERT(result_.runs.size() == graph_.tasks.size(), result_.runs.size());
        for (uint32_t i = 0; i < graph_.tasks.size(); ++i) {
            if (result_.runs[i] != 0 && is_so(graph_.tasks[i])) {
                return i;
            }
        }
        return std::nullopt;
    }

    bool left_error(const GraphTask& task) const {
        return task.fault == GraphFault::SLAB_ERROR &&
               (task.fault_code == result_.status || -task.fault_code == result_.status);
    }

    GraphProblem timeout() const {
        const std::string waited =
            "no thread got anything done for " + time_word(graph_.watchdog_limit_ns);
        if (!result_.first_incomplete) {
            return {std::nullopt, waited};
        }
        return {result_.first_incomplete,
                "it did not complete, and " + waited +
                    reason_to_hang(graph_.tasks[*result_.first_incomplete].fault)};
    }

    static std::string reason_to_hang(GraphFault fault) {
        switch (fault) {
            case GraphFault::NEVER_ACK:
                return "; its core never answers";
            case GraphFault::NEVER_FIN:
                return "; its core never comes back from the kernel";
            case GraphFault::LOST_CONDITION:
                return "; the engine has lost its work";
            default:
                return "";
        }
    }

    GraphProblem invalid_condition() const {
        const auto task = find([](const GraphTask& t) {
            return t.fault == GraphFault::NULL_CONDITION ||
                   t.fault == GraphFault::MISALIGNED_CONDITION ||
                   t.fault == GraphFault::UNKNOWN_CONDITION;
        });
        return {task,
                "a condition cannot be tested: its address is null or misaligned, or its "
                "type unknown"};
    }

    GraphProblem overflow() const {
        const auto task = find([](const GraphTask& t) {
            return t.fault == GraphFault::SLAB_OVERFULL || t.conditions > MAX_COMPLETIONS_PER_TASK;
        });
        return task ? GraphProblem{task, "a subtask registers a 65th condition"}
                    : GraphProblem{task, "a 65th task waits for conditions"};
    }

    GraphProblem failed_registration() const {
        const auto task = find([](const GraphTask& t) {
            return t.fault == GraphFault::SLAB_CORRUPT ||
                   uint64_t{subtask_count(t)} * t.conditions > MAX_COMPLETIONS_PER_TASK;
        });
        if (task && graph_.tasks[*task].fault == GraphFault::SLAB_CORRUPT) {
            return {task, "a subtask leaves a corrupt count of conditions"};
        }
        return {task, task ? "its subtasks register more than 64 conditions together"
                           : "a message contradicts the protocol"};
    }

    const Graph& graph_;
    const GraphResult& result_;
};

}  // namespace pto::sim
