// What the tasks of a graph compute, so that a run can be checked: every subtask adds to its task's
// word a number that depends on all that it reads from the tasks before it. A subtask that is lost,
// runs twice, or reads too early changes the numbers of every task after it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "caches.h"
#include "graph.h"
#include "kernel.h"
#include "src/runtime/pto_assert.h"

namespace pto::sim {

/// A word that depends on all bits of three others (the finalizer of SplitMix64).
inline uint64_t mixed(uint64_t task, uint64_t part, uint64_t index) noexcept {
    uint64_t x = task * 0x9E3779B97F4A7C15u + part * 0xBF58476D1CE4E5B9u + index;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/// The most tasks that a task's kernel reads from: those that it comes after, and in place of
/// dummies, which compute nothing, those that they come after.
inline constexpr size_t graph_inputs_max = 64;

inline std::vector<uint32_t> graph_inputs(const Graph& graph, uint32_t task) {
    std::vector<uint32_t> inputs;
    std::vector<uint32_t> open = graph.tasks[task].after;
    while (!open.empty() && inputs.size() < graph_inputs_max) {
        const uint32_t from = open.back();
        open.pop_back();
        const GraphTask& producer = graph.tasks[from];
        if (producer.cores != 0) {
            inputs.push_back(from);
        } else if (open.size() < graph_inputs_max) {
            open.insert(open.end(), producer.after.begin(), producer.after.end());
        }
    }
    return inputs;
}

/// One task of a running graph: its kernel, its result, and the words that its conditions wait for.
class GraphKernel final : public Kernel {
  public:
    /// `tasks` are the graph's kernels in order, of which those before `number` exist. `caches` are
    /// those of the threads that poll its conditions, or null if they are coherent.
    GraphKernel(const Graph& graph, uint32_t number,
                const std::vector<std::unique_ptr<GraphKernel>>& tasks,
                CacheModel* caches = nullptr)
        : task_(graph.tasks[number]), number_(number), tasks_(tasks) {
        if (task_.cores == 0) {
            return;
        }
        inputs_ = graph_inputs(graph, number);
        const size_t conditions = size_t{subtask_count(task_)} * task_.conditions;
        if (task_.has_records) {
            records_.emplace(subtask_count(task_), caches);
        } else if (conditions != 0) {
            counters_.emplace(conditions, caches);
        }
    }

    uint64_t duration_ns(const DispatchPayload&) const noexcept override {
        return task_.duration_ns;
    }

    KernelAnswer answer(const DispatchPayload& payload) const noexcept override {
        switch (fault_in(subtask_number(payload))) {
            case GraphFault::NEVER_ACK:
                return KernelAnswer::NEVER;
            case GraphFault::NEVER_FIN:
                return KernelAnswer::NEVER_FIN;
            default:
                return KernelAnswer::NORMAL;
        }
    }

    void run(KernelContext& context) noexcept override {
        const uint32_t subtask = subtask_number(context.payload);
        PTO_ASSERT(subtask < subtask_count(task_), number_, subtask);
        uint64_t sum = mixed(number_, subtask, 0);
        for (const uint32_t input : inputs_) {
            PTO_ASSERT(input < number_, input, number_);
            // A plain read: the schedule orders it after every write, or has failed.
            sum += tasks_[input]->value_;
        }
        // Relaxed, both: other subtasks of this task add too; its completion orders them.
        std::atomic_ref<uint64_t>(value_).fetch_add(sum, std::memory_order_relaxed);
        runs_.fetch_add(1, std::memory_order_relaxed);
        for (uint32_t i = 0; i < task_.conditions; ++i) {
            leave_condition(subtask, i, context);
        }
        leave_fault(fault_in(subtask), context);
    }

    /// The task's number in the graph.
    uint32_t number() const noexcept { return number_; }
    /// What the task has computed. Once the run has ended.
    uint64_t value() const noexcept { return value_; }
    /// How many of its subtasks ran.
    uint32_t runs() const noexcept { return runs_.load(std::memory_order_relaxed); }

    /// What the task has to compute, given what those before it do.
    uint64_t expected_value(const std::vector<uint64_t>& expected) const {
        uint64_t value = 0;
        for (uint32_t subtask = 0; subtask < subtask_count(task_); ++subtask) {
            value += mixed(number_, subtask, 0);
            for (const uint32_t input : inputs_) {
                PTO_ASSERT(input < expected.size(), input, expected.size());
                value += expected[input];
            }
            for (uint32_t i = 0; i < task_.conditions; ++i) {
                value += condition_value(subtask * task_.conditions + i);
            }
        }
        return value;
    }

  private:
    uint32_t subtask_number(const DispatchPayload& payload) const noexcept {
        const uint32_t cores = static_cast<uint32_t>(__builtin_popcount(task_.cores));
        const uint32_t before =
            static_cast<uint32_t>(__builtin_popcount(task_.cores & (payload.subtask - 1)));
        // A task for one vector core may run on either.
        return static_cast<uint32_t>(payload.block_index) * cores + (cores == 1 ? 0 : before);
    }

    GraphFault fault_in(uint32_t subtask) const noexcept {
        const bool is_faulty =
            task_.fault_subtask < 0 || static_cast<uint32_t>(task_.fault_subtask) == subtask;
        return is_faulty ? task_.fault : GraphFault::NONE;
    }

    uint64_t condition_value(uint32_t condition) const noexcept {
        return mixed(number_, condition, 1);
    }

    /// Hands work to an engine, and leaves the condition that waits for it: the `number`-th of
    /// the subtask. All records of a subtask are one, which counts what has ended.
    void leave_condition(uint32_t subtask, uint32_t number, KernelContext& context) noexcept {
        const uint32_t condition = subtask * task_.conditions + number;
        EngineWork work = {.due_ns = context.now_ns + task_.delay_ns,
                           .kind = EngineWork::Kind::ADD_TO_COUNTER,
                           .addr = 0,
                           .data = &value_,
                           .data_value = condition_value(condition)};
        if (records_) {
            work.kind = EngineWork::Kind::ADD_TO_RECORD;
            work.addr = reinterpret_cast<uintptr_t>(&records_->of_engine(subtask));
            deferred_completion_slab_append(&context.slab, records_->address(subtask),
                                            uint64_t{number} + 1, 0, COMPLETION_ENGINE_SDMA,
                                            COMPLETION_TYPE_SDMA_EVENT_RECORD);
        } else {
            PTO_ASSERT(counters_.has_value(), condition);
            work.addr = reinterpret_cast<uintptr_t>(&counters_->of_engine(condition));
            deferred_completion_slab_append(&context.slab, counters_->address(condition), 1,
                                            COMPLETION_ENGINE_ROCE, COMPLETION_TYPE_COUNTER);
        }
        if (fault_in(subtask) != GraphFault::LOST_CONDITION) {
            context.engines.post(work);
        }
    }

    void leave_fault(GraphFault fault, KernelContext& context) noexcept {
        DeferredCompletionSlab& slab = context.slab;
        const uint64_t address = reinterpret_cast<uintptr_t>(&value_);
        switch (fault) {
            case GraphFault::SLAB_ERROR:
                slab.error_code = task_.fault_code;
                break;
            case GraphFault::SLAB_OVERFULL:
                for (uint32_t i = slab.count; i <= MAX_COMPLETIONS_PER_TASK; ++i) {
                    deferred_completion_slab_append(&slab, address, 0, 0, COMPLETION_TYPE_COUNTER);
                }
                break;
            case GraphFault::SLAB_CORRUPT:
                slab.count = MAX_COMPLETIONS_PER_TASK + 1;
                break;
            case GraphFault::NULL_CONDITION:
                deferred_completion_slab_append(&slab, 0, 1, 0, COMPLETION_TYPE_COUNTER);
                break;
            case GraphFault::MISALIGNED_CONDITION:
                deferred_completion_slab_append(&slab, address + 2, 1, 0, COMPLETION_TYPE_COUNTER);
                break;
            case GraphFault::UNKNOWN_CONDITION:
                deferred_completion_slab_append(&slab, address, 1, 0, unknown_type);
                break;
            case GraphFault::NONE:
            case GraphFault::LOST_CONDITION:
            case GraphFault::NEVER_ACK:
            case GraphFault::NEVER_FIN:
                break;
        }
    }

    static constexpr int32_t unknown_type = 77;

    const GraphTask& task_;
    const uint32_t number_;
    const std::vector<std::unique_ptr<GraphKernel>>& tasks_;
    std::vector<uint32_t> inputs_;
    uint64_t value_ = 0;
    std::atomic<uint32_t> runs_ = 0;
    std::optional<EngineWords<uint32_t>> counters_;
    std::optional<EngineWords<uint64_t>> records_;
};

}  // namespace pto::sim
