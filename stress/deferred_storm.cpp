// Job: graphs in which nearly every subtask leaves conditions, near all limits: up to 64 conditions
// a task, up to 64 tasks that wait at once and never one more, engines that take no time, or end
// nothing until all 64 wait.
//
// Checked: as in graph_storm, no run ends with an error, and never more than 64 tasks wait. The
// numbers of the tasks show that each completed after the work of all its engines.
#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/graph_check.h"
#include "stress/support/graph_rig.h"
#include "stress/support/job.h"
#include "stress/support/platforms.h"

namespace {

using pto::sim::Graph;
using pto::sim::GraphStep;
using pto::sim::GraphTask;
using stress::Random;
using stress::Run;
using stress::Worker;

// The contract's numbers, not the code's.
constexpr uint32_t conditions_max = 64;
constexpr uint32_t waiting_max = 64;

constexpr uint32_t tasks_max = 160;
constexpr uint32_t threads_max = 4;
constexpr uint32_t clusters_max = 8;
constexpr uint32_t window_min = 4;
constexpr uint32_t duration_ns_max = 5'000;
// Longer than any run: such work ends when a thread of the crew says so.
constexpr uint64_t held_delay_ns = 3'600'000'000'000;

enum State : uint32_t { all_wait, all_conditions, with_records, many_subtasks, used_before };

/// Draws one graph. Task k with conditions comes after task k - 64 with conditions, so that a 65th
/// never waits: of those that are the same modulo 64, at most one has started and not completed.
template <class Platform>
class DeferredGraph {
  public:
    explicit DeferredGraph(Random& random)
        : random_(random),
          holds_engines_(random.one_in(4)),
          delay_ns_max_(random.one_of<uint32_t>({1, 20'000, 500'000})),
          producers_max_(holds_engines_ ? 0 : random.below(3)),
          scope_tasks_(holds_engines_ ? 0 : random.below(2) * 16) {}

    /// Does no engine end anything by itself? The first 64 tasks all wait then.
    bool holds_engines() const { return holds_engines_; }

    Graph make() {
        graph_.thread_count = random_.between(1, threads_max);
        graph_.cluster_count = random_.between(1, clusters_max);
        graph_.ring_count = random_.between(1, 4);
        graph_.window = window_min;
        graph_.dependency_capacity = window_min;
        const uint32_t tasks = random_.between(waiting_max, tasks_max);
        for (uint32_t i = 0; i < tasks; ++i) {
            add_steps(i);
            add_task(i);
        }
        if (scope_tasks_ != 0) {
            graph_.steps.push_back(GraphStep::END_SCOPE);
        }
        while (pto::sim::graph_problem(graph_)) {
            graph_.window *= 2;
            graph_.dependency_capacity *= 2;
        }
        return std::move(graph_);
    }

  private:
    void add_steps(uint32_t number) {
        if (scope_tasks_ == 0) {
            return;
        }
        if (number % scope_tasks_ == 0) {
            if (number != 0) {
                graph_.steps.push_back(GraphStep::END_SCOPE);
            }
            graph_.steps.push_back(GraphStep::BEGIN_SCOPE);
        }
        graph_.steps.push_back(GraphStep::TASK);
    }

    void add_task(uint32_t number) {
        GraphTask task;
        task.cores = static_cast<uint8_t>(random_.between(1, pto::SUBTASK_MASK_ALL));
        task.block_num = static_cast<int32_t>(random_.one_in(8) ? random_.between(1, 16)
                                                                : random_.between(1, 3));
        task.duration_ns = random_.below(duration_ns_max);
        for (uint32_t i = 0; i < producers_max_ && number != 0; ++i) {
            task.after.push_back(random_.below(number));
        }
        if (holds_engines_ || !random_.one_in(16)) {
            add_conditions(task, number);
        }
        graph_.tasks.push_back(std::move(task));
    }

    void add_conditions(GraphTask& task, uint32_t number) {
        const uint32_t most = conditions_max / subtask_count(task);
        task.conditions = random_.one_in(4) ? most : random_.between(1, most);
        task.delay_ns = holds_engines_ ? held_delay_ns : random_.below(delay_ns_max_);
        task.has_records = random_.one_in(2);
        if (deferred_.size() >= waiting_max) {
            task.after.push_back(deferred_[deferred_.size() - waiting_max]);
        }
        deferred_.push_back(number);
    }

    Random& random_;
    const bool holds_engines_;
    const uint32_t delay_ns_max_;
    const uint32_t producers_max_;
    const uint32_t scope_tasks_;
    Graph graph_;
    std::vector<uint32_t> deferred_;
};

template <class Platform>
class DeferredStorm {
  public:
    void round(Run& run) {
        auto random = run.random(0);
        DeferredGraph<Platform> generator(random);
        Graph graph = generator.make();
        Rig& rig = kept_.rig_for(run, graph, random);
        const auto add_engines = [&rig](stress::Crew& crew) {
            crew.add("held engines", 1, [&rig](Worker& worker, uint32_t) { hold(worker, rig); });
        };
        stress::expect_good(
            run, graph, generator.holds_engines() ? rig.run(graph, add_engines) : rig.run(graph));
        note_states(run, graph);
    }

  private:
    using Rig = stress::GraphRig<Platform>;

    /// Ends no work until all that may wait do, then all work again and again.
    static void hold(Worker& worker, Rig& rig) {
        auto& scheduler = rig.scheduler();
        worker.wait_for("holding all engines until 64 tasks wait", [&scheduler] {
            return scheduler.run().is_stopped() ||
                   scheduler.wait_list().count.load(std::memory_order_relaxed) ==
                       static_cast<int32_t>(waiting_max);
        });
        worker.reached(all_wait);
        worker.wait_for("ending all engines' work", [&] {
            rig.machine().engines().run_due(~uint64_t{0});
            worker.pause();
            return scheduler.run().is_stopped() || scheduler.is_finished();
        });
    }

    void note_states(Run& run, const Graph& graph) const {
        if (kept_.is_used()) {
            run.own().reached(used_before);
        }
        for (const GraphTask& task : graph.tasks) {
            const uint32_t subtasks = subtask_count(task);
            if (subtasks * task.conditions == conditions_max) {
                run.own().reached(all_conditions);
            }
            if (task.has_records) {
                run.own().reached(with_records);
            }
            if (subtasks > 16 && task.conditions != 0) {
                run.own().reached(many_subtasks);
            }
        }
    }

    stress::KeptRig<Platform> kept_;
};

}  // namespace

STRESS_JOB(deferred_storm,
           {.operation = "a task completed; latency is a graph's run divided by its tasks",
            .states = {"64 tasks waiting at once", "task of 64 conditions", "task with records",
                       "task with conditions of more than 16 subtasks",
                       "scheduler that was used before"}}) {
    stress::take_turns<DeferredStorm>(run);
}
