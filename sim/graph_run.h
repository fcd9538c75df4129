// Runs a task graph on a simulated platform, with the product's own scheduler, and checks the
// result.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "caches.h"
#include "graph.h"
#include "graph_check.h"
#include "graph_data.h"
#include "machine.h"
#include "src/runtime/pto_assert.h"
#include "src/runtime/scheduler.h"

namespace pto::sim {

/// How a run of a graph ended.
struct GraphResult {
    int32_t status = 0;      ///< the run's: 0, or minus the first error's code
    uint64_t completed = 0;  ///< tasks
    uint64_t subtasks_run = 0;
    uint64_t duration_ns = 0;         ///< of the machine's time
    CacheCounts cache_counts = {};    ///< all 0 where caches are coherent
    uint64_t mpsc_skipped_count = 0;  ///< push attempts that met a full mailbox
    bool is_clean = false;            ///< nothing is left in the scheduler
    std::string problem = {};         ///< what is wrong with a run of status 0, empty if nothing is
    std::string diagnosis = {};  ///< what held the run up, lines of text, if it ended with -100
    std::vector<uint64_t> values = {};  ///< what each task computed
    std::vector<uint32_t> runs = {};    ///< how many subtasks of each task ran
    /// The first task that was submitted and did not complete; all that it comes after did.
    std::optional<uint32_t> first_incomplete = {};

    bool is_good() const noexcept { return status == 0 && is_clean && problem.empty(); }
};

/// One run of a graph. Graph and machine must not change during it, and must outlive it.
/// `Completion` is one for Simulated<Platform>; `Machine` a machine with rank() and now_ns().
template <class Platform, class Completion = SchedulerCompletion<Simulated<Platform>>,
          class Machine = sim::Machine>
class GraphRun {
  public:
    using Scheduler = pto::Scheduler<Simulated<Platform>, Completion>;
    using Rank = std::remove_reference_t<decltype(std::declval<Machine&>().rank(0))>;
    static_assert(graph_subtasks_max == Scheduler::Submission::subtasks_max);

    GraphRun(const Graph& graph, Machine& machine, uint32_t rank = 0)
        : graph_(graph),
          machine_(machine),
          rank_(machine.rank(rank)),
          own_scheduler_(std::make_unique<Scheduler>(rank_, config_of(graph))),
          scheduler_(*own_scheduler_) {
        rank_.use_caches(!Platform::has_coherent_caches);
        make_kernels();
    }

    /// A run on a scheduler that is kept: one that was made for config_of() such a graph and for
    /// the same rank, and that is new or was reset.
    GraphRun(const Graph& graph, Machine& machine, Scheduler& scheduler, uint32_t rank = 0)
        : graph_(graph), machine_(machine), rank_(machine.rank(rank)), scheduler_(scheduler) {
        rank_.use_caches(!Platform::has_coherent_caches);
        make_kernels();
    }

    /// The sizes of the scheduler that a graph asks for.
    static SchedulerConfig config_of(const Graph& graph) {
        SchedulerConfig config;
        config.thread_count = graph.thread_count;
        config.ring_count = graph.ring_count;
        config.window = graph.window;
        config.dependency_capacity = graph.dependency_capacity;
        config.watchdog_limit_ns = graph.watchdog_limit_ns;
        // A ready queue's capacity is a power of two, and the number of rings need not be one.
        config.ready_queue_capacity = std::bit_ceil(uint64_t{graph.window} * graph.ring_count);
        return config;
    }

    Scheduler& scheduler() noexcept { return scheduler_; }

    /// The task whose kernel is at an address that was submitted.
    static uint32_t task_of(uint64_t kernel_addr) noexcept {
        const Kernel* const kernel =
            reinterpret_cast<const Kernel*>(static_cast<uintptr_t>(kernel_addr));
        return static_cast<const GraphKernel*>(kernel)->number();
    }

    /// Runs the graph on threads of its own; submits from the calling one.
    GraphResult run() {
        begin();
        std::vector<std::thread> threads;
        for (uint32_t i = 0; i < scheduler_.thread_count(); ++i) {
            threads.emplace_back([this, i] { run_thread(i); });
        }
        submit_all();
        for (std::thread& thread : threads) {
            thread.join();
        }
        return finish();
    }

    // The same in parts, for a caller that has threads already: begin(), then submit_all() on one
    // thread and run_thread() on each of as many as the scheduler has, then finish().

    void begin() {
        start_ns_ = machine_.now_ns();
        cache_counts_before_ = rank_.caches().counts();
        for (uint32_t i = 0; i <= scheduler_.thread_count(); ++i) {
            rank_.join(i);
        }
    }

    void submit_all() {
        submit([this](const TaskSpec& spec) { return submission().submit_task(spec); });
        rank_.leave(scheduler_.thread_count());
    }

    void run_thread(uint32_t index) {
        const CacheModel::Use use(rank_.caches());
        scheduler_.run_thread(index);
        rank_.leave(index);
    }

    GraphResult finish() {
        GraphResult result;
        result.status = scheduler_.finish_run();
        result.duration_ns = machine_.now_ns() - start_ns_;
        if (result.status != 0) {
            // Cores may still run the graph's kernels, and engines still write its words.
            rank_.clear();
        }
        result.cache_counts = rank_.caches().counts() - cache_counts_before_;
        result.completed = scheduler_.completion().completed();
        if (const Diagnosis* const diagnosis = scheduler_.diagnosis()) {
            result.diagnosis = diagnosis->text();
        }
        result.mpsc_skipped_count =
            scheduler_.wait_list().mpsc_skipped_count.load(std::memory_order_relaxed);
        result.is_clean = scheduler_.is_clean();
        for (const auto& kernel : kernels_) {
            result.subtasks_run += kernel->runs();
            result.values.push_back(kernel->value());
            result.runs.push_back(kernel->runs());
        }
        result.first_incomplete = find_incomplete();
        if (result.status == 0) {
            result.problem = find_problem(result);
        }
        return result;
    }

    /// Runs the graph on the calling thread alone, which is the only scheduler thread and submits
    /// too. In virtual time, every such run of a graph is the same.
    GraphResult run_on_this_thread() {
        const CacheModel::Use use(rank_.caches());
        start_ns_ = machine_.now_ns();
        cache_counts_before_ = rank_.caches().counts();
        auto& dispatch = scheduler_.dispatch();
        auto& thread = scheduler_.thread(0);
        rank_.join(0);
        submit([&](const TaskSpec& spec) {
            for (;;) {
                const SubmitResult result = submission().try_submit_task(spec);
                if (result.error_code != PTO2_ERROR_NONE || result.task_id.is_valid()) {
                    return result;
                }
                if (!dispatch.step(thread)) {
                    dispatch.wait(thread);
                }
            }
        });
        dispatch.run(thread);
        rank_.leave(0);
        return finish();
    }

  private:
    void make_kernels() {
        for (uint32_t i = 0; i < graph_.tasks.size(); ++i) {
            kernels_.push_back(std::make_unique<GraphKernel>(
                graph_, i, kernels_, Platform::has_coherent_caches ? nullptr : &rank_.caches()));
        }
    }

    auto& submission() noexcept { return scheduler_.submission(); }

    /// Submits the graph's steps. A refused task ends the run with the refusal's code.
    template <class SubmitTask>
    void submit(SubmitTask&& submit_task) {
        ids_.clear();
        ids_.reserve(graph_.tasks.size());
        const auto next_task = [&] {
            const int32_t code = submit_next(submit_task);
            if (code != PTO2_ERROR_NONE) {
                scheduler_.run().latch_error(code);
            }
        };
        for (const GraphStep step : graph_.steps) {
            switch (step) {
                case GraphStep::TASK:
                    next_task();
                    break;
                case GraphStep::BEGIN_SCOPE:
                    submission().begin_scope();
                    break;
                case GraphStep::END_SCOPE:
                    submission().end_scope();
                    break;
            }
            if (scheduler_.run().is_stopped()) {
                break;
            }
        }
        while (graph_.steps.empty() && ids_.size() < graph_.tasks.size() &&
               !scheduler_.run().is_stopped()) {
            next_task();
        }
        submission().finish();
    }

    template <class SubmitTask>
    int32_t submit_next(SubmitTask&& submit_task) {
        PTO_ASSERT(ids_.size() < graph_.tasks.size(), ids_.size());
        const GraphTask& task = graph_.tasks[ids_.size()];
        dependencies_.clear();
        for (const uint32_t producer : task.after) {
            PTO_ASSERT(producer < ids_.size(), producer, ids_.size());
            dependencies_.push_back(ids_[producer]);
        }
        const SubmitResult result =
            submit_task(TaskSpec{.active_mask = task.cores,
                                 .block_num = task.block_num,
                                 .kernel_addr = reinterpret_cast<uintptr_t>(
                                     static_cast<Kernel*>(kernels_[ids_.size()].get())),
                                 .dependencies = dependencies_});
        ids_.push_back(result.task_id);
        return result.error_code;
    }

    std::optional<uint32_t> find_incomplete() const {
        for (uint32_t i = 0; i < ids_.size() && ids_[i].is_valid(); ++i) {
            const auto& slot = scheduler_.ring(ids_[i].ring()).slot(ids_[i].local());
            // Relaxed: every thread has returned. A slot that another task lives in was consumed.
            if (slot.task->task_id == ids_[i] &&
                slot.task_state.load(std::memory_order_relaxed) == PTO2_TASK_PENDING) {
                return i;
            }
        }
        return std::nullopt;
    }

    /// The first thing that is wrong with a run that says it ended well.
    std::string find_problem(const GraphResult& result) const {
        if (result.completed != graph_.tasks.size()) {
            return std::to_string(result.completed) + " tasks completed, of " +
                   std::to_string(graph_.tasks.size());
        }
        std::vector<uint64_t> expected;
        for (uint32_t i = 0; i < graph_.tasks.size(); ++i) {
            expected.push_back(kernels_[i]->expected_value(expected));
            if (kernels_[i]->runs() != subtask_count(graph_.tasks[i])) {
                return "task " + graph_.name_of(i) + ": " + std::to_string(kernels_[i]->runs()) +
                       " subtasks ran, of " + std::to_string(subtask_count(graph_.tasks[i]));
            }
            if (kernels_[i]->value() != expected[i]) {
                return "task " + graph_.name_of(i) +
                       ": wrong result; it, or a task before it, ran too early";
            }
        }
        return {};
    }

    const Graph& graph_;
    Machine& machine_;
    Rank& rank_;
    std::unique_ptr<Scheduler> own_scheduler_;
    Scheduler& scheduler_;
    uint64_t start_ns_ = 0;
    CacheCounts cache_counts_before_;
    std::vector<std::unique_ptr<GraphKernel>> kernels_;
    std::vector<PTO2TaskId> ids_;  ///< of the tasks submitted so far
    std::vector<PTO2TaskId> dependencies_;
};

}  // namespace pto::sim
