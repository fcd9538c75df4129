// What task graphs run on: a simulated machine in real time and a scheduler, both kept from round
// to round, and the threads of a crew.
//
// Delays come from the platform interface: the scheduler calls it all the time, and a thread that
// is slow there is one that was preempted in the middle of its work.
#pragma once

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "sim/graph_check.h"
#include "sim/graph_run.h"
#include "stress/support/crew.h"
#include "stress/support/run.h"

namespace stress {

/// How long a run of a graph may make no progress before its own watchdog ends it. Longer than any
/// machine needs, shorter than the standstill that ends the job.
inline constexpr uint64_t patience_ns = 8'000'000'000;

/// Tasks that may wait for conditions at once, by the contract.
inline constexpr int32_t waiting_tasks_max = 64;

/// Delays the threads of a run, looks at how much waits, and notes which cores were told to leave.
template <class Scheduler>
class Interference final : public pto::sim::MachineObserver {
  public:
    Interference(Run& run, Scheduler& scheduler, size_t cores)
        : run_(run), scheduler_(scheduler), was_told_(cores) {}

    /// The calling thread's place; null in threads of the machine's own.
    static Worker*& place() {
        static thread_local Worker* worker = nullptr;
        return worker;
    }

    /// The first core that was not told to leave, or how many there are. Quiescent only.
    size_t first_that_stayed() const {
        size_t core = 0;
        while (core < was_told_.size() && was_told_[core].load(std::memory_order_relaxed)) {
            ++core;
        }
        return core;
    }

    /// A run begins: no core was told to leave. Quiescent only.
    void begin() {
        for (std::atomic<bool>& was_told : was_told_) {
            was_told.store(false, std::memory_order_relaxed);
        }
    }

    void core_event(uint32_t, uint32_t, pto::sim::CoreEvent, const pto::DispatchPayload&,
                    uint64_t) override {
        pause(1);
    }

    void dispatched(uint32_t, uint32_t core, uint32_t id, uint64_t) override {
        // Larger ones are not dispatches.
        if (id <= exit_word) {
            was_told_[core].store(id == exit_word, std::memory_order_relaxed);
        }
        pause(1);
    }

    void idled(uint32_t, uint32_t, uint64_t) override {
        look();
        pause(1);
    }

    void status_read(uint32_t, uint32_t, uint32_t, uint64_t) override {
        look();
        pause(8);
    }

  private:
    // The contract's word for "leave", not the code's.
    static constexpr uint32_t exit_word = 0x7FFFFFF0;

    void pause(uint32_t one_in) {
        Worker* const worker = place();
        if (worker != nullptr && worker->random().one_in(one_in)) {
            worker->pause();
        }
    }

    void look() {
        Worker* const worker = place();
        const auto& mailbox = scheduler_.mailbox();
        // All relaxed: two cursors of different moments, which is accurate enough for a figure.
        const uint64_t head = mailbox.head.load(std::memory_order_relaxed);
        const auto messages =
            static_cast<int64_t>(head - mailbox.tail.load(std::memory_order_relaxed));
        const int32_t waiting = scheduler_.wait_list().count.load(std::memory_order_relaxed);
        if (worker != nullptr) {
            worker->saw_backlog(
                static_cast<uint64_t>(std::max({messages, int64_t{waiting}, int64_t{0}})));
        }
        if (waiting < 0 || waiting > waiting_tasks_max) {
            run_.fail(Verdict::overfull, "%" PRId32 " tasks wait for conditions at once", waiting);
        }
    }

    Run& run_;
    Scheduler& scheduler_;
    std::vector<std::atomic<bool>> was_told_;
};

/// A machine and a scheduler of a certain size. For the thread that the job was called on.
template <class Platform>
class GraphRig {
  public:
    using GraphRun = pto::sim::GraphRun<Platform>;
    using Scheduler = typename GraphRun::Scheduler;

    /// As large as `sizes` asks for. `machine_threads` threads simulate cores and engines; with 0,
    /// a thread of the crew does, delayed like the others.
    GraphRig(Run& run, const pto::sim::Graph& sizes, uint32_t machine_threads)
        : run_(run),
          sizes_(without_tasks(sizes)),
          crew_plays_(machine_threads == 0),
          interference_(run, scheduler_, size_t{sizes.cluster_count} * pto::CORES_PER_CLUSTER),
          machine_({.cluster_count = sizes.cluster_count, .worker_count = machine_threads},
                   &interference_),
          scheduler_(machine_.rank(0), GraphRun::config_of(sizes_)) {
        run_.diagnose_with([this] { return scheduler_.diagnose().text(); });
    }
    ~GraphRig() { run_.diagnose_with({}); }
    GraphRig(const GraphRig&) = delete;
    GraphRig& operator=(const GraphRig&) = delete;

    Scheduler& scheduler() { return scheduler_; }

    /// Gives the graph this rig's sizes. False when it needs larger ones; it is as it was then.
    bool adapt(pto::sim::Graph& graph) const {
        pto::sim::Graph adapted = sizes_;
        adapted.tasks = graph.tasks;
        adapted.steps = graph.steps;
        if (pto::sim::graph_problem(adapted)) {
            return false;
        }
        graph = std::move(adapted);
        return true;
    }

    /// Forgets the last run. The next one's tasks are numbered from `first_task` on.
    void renew(uint64_t first_task) { scheduler_.reset_for_reuse(first_task); }

    /// Runs a graph that has this rig's sizes, on a crew to which `add_others(crew)` adds, and
    /// counts what it did. The scheduler is new or renewed.
    template <class AddOthers>
    pto::sim::GraphResult run(const pto::sim::Graph& graph, AddOthers&& add_others) {
        GraphRun graph_run(graph, machine_, scheduler_);
        return run(graph_run, add_others, [] {});
    }

    pto::sim::GraphResult run(const pto::sim::Graph& graph) {
        return run(graph, [](Crew&) {});
    }

    /// The same with a run that the caller made; `before_the_end()` is called when all threads have
    /// left and nothing is checked yet.
    template <class AddOthers, class BeforeTheEnd>
    pto::sim::GraphResult run(GraphRun& graph_run, AddOthers&& add_others,
                              BeforeTheEnd&& before_the_end) {
        threads_left_.store(scheduler_.thread_count(), std::memory_order_relaxed);
        const auto begin = Clock::now();
        interference_.begin();
        graph_run.begin();
        Crew crew(run_);
        add_crew(crew, graph_run);
        add_others(crew);
        crew.work_together();
        before_the_end();
        pto::sim::GraphResult result = graph_run.finish();
        run_.own().done_in(Clock::now() - begin, result.completed);
        run_.own().met_full_ring(result.mpsc_skipped_count);
        expect_exits();
        return result;
    }

    pto::sim::Machine& machine() { return machine_; }

  private:
    static pto::sim::Graph without_tasks(const pto::sim::Graph& graph) {
        pto::sim::Graph sizes = graph;
        sizes.tasks.clear();
        sizes.steps.clear();
        sizes.watchdog_limit_ns = patience_ns;
        return sizes;
    }

    void add_crew(Crew& crew, GraphRun& graph_run) {
        crew.add("scheduler thread", scheduler_.thread_count(),
                 [this, &graph_run](Worker& worker, uint32_t index) {
                     worker.at("the scheduler's loop");
                     Interference<Scheduler>::place() = &worker;
                     graph_run.run_thread(index);
                     // Relaxed: it ends the player and orders nothing.
                     threads_left_.fetch_sub(1, std::memory_order_relaxed);
                 });
        crew.add("submitter", 1, [&graph_run](Worker& worker, uint32_t) {
            worker.at("submitting");
            Interference<Scheduler>::place() = &worker;
            graph_run.submit_all();
        });
        if (crew_plays_) {
            crew.add("cores and engines", 1, [this](Worker& worker, uint32_t) { play(worker); });
        }
    }

    void play(Worker& worker) {
        worker.at("simulating the cores");
        Interference<Scheduler>::place() = &worker;
        for (uint32_t idle = 0; threads_left_.load(std::memory_order_relaxed) != 0;) {
            idle = machine_.play() ? 0 : idle + 1;
            if (idle != 0) {
                std::this_thread::yield();
            }
            worker.pause();
        }
    }

    void expect_exits() {
        const size_t core = interference_.first_that_stayed();
        if (core != machine_.rank(0).cluster_count() * pto::CORES_PER_CLUSTER) {
            run_.fail(Verdict::left_over, "the run has ended, and core %zu was not told to leave",
                      core);
        }
    }

    Run& run_;
    const pto::sim::Graph sizes_;
    const bool crew_plays_;
    std::atomic<uint32_t> threads_left_{0};
    // In this order: the machine's threads call the first, and the scheduler uses the machine.
    Interference<Scheduler> interference_;
    pto::sim::Machine machine_;
    Scheduler scheduler_;
};

/// A rig that is used for a while, then replaced by one of another size.
template <class Platform>
class KeptRig {
  public:
    /// The kept rig, renewed, or a new one; the graph gets its sizes.
    GraphRig<Platform>& rig_for(Run& run, pto::sim::Graph& graph, Random& random) {
        is_used_ = rig_ != nullptr && !random.one_in(3) && rig_->adapt(graph);
        if (!is_used_) {
            // The old one first: two machines at a time would be more threads than meant.
            rig_.reset();
            rig_ = std::make_unique<GraphRig<Platform>>(run, graph, random.below(3));
            graph.watchdog_limit_ns = patience_ns;
        }
        first_task_ = first_task(random);
        rig_->renew(first_task_);
        return *rig_;
    }

    /// Has the rig that was given out last run a graph before?
    bool is_used() const { return is_used_; }

    /// The number of the first task of each ring.
    uint64_t first_task() const { return first_task_; }

    /// Do the 32-bit task numbers wrap in a run of `tasks` tasks?
    bool wraps(uint64_t tasks) const {
        return static_cast<uint32_t>(first_task_) + tasks > uint64_t{1} << 32;
    }

  private:
    static uint64_t first_task(Random& random) {
        switch (random.below(4)) {
            case 0:
                return 0;
            case 1:
                return random.next() >> 33;
            case 2:
                // The whole number wraps too.
                return uint64_t{0} - random.between(1, 50);
            default:
                return (uint64_t{1} << 32) - random.between(1, 50);
        }
    }

    std::unique_ptr<GraphRig<Platform>> rig_;
    bool is_used_ = false;
    uint64_t first_task_ = 0;
};

/// The verdict on a result that is not good.
inline Verdict verdict_of(const pto::sim::Graph& graph, const pto::sim::GraphResult& result) {
    if (result.status != 0) {
        return Verdict::wrong_error;
    }
    for (uint32_t i = 0; i < graph.tasks.size(); ++i) {
        const uint32_t subtasks = subtask_count(graph.tasks[i]);
        if (result.runs[i] != subtasks) {
            return result.runs[i] < subtasks ? Verdict::lost : Verdict::duplicated;
        }
    }
    if (result.completed != graph.tasks.size()) {
        return result.completed < graph.tasks.size() ? Verdict::never_completed
                                                     : Verdict::completed_twice;
    }
    return result.problem.empty() ? Verdict::left_over : Verdict::completed_early;
}

/// Fails the run unless every subtask ran once, every task completed once and saw what those before
/// it computed, and nothing is left.
inline void expect_good(Run& run, const pto::sim::Graph& graph,
                        const pto::sim::GraphResult& result) {
    if (!result.is_good()) {
        run.fail(verdict_of(graph, result),
                 "a graph of %zu tasks on %" PRIu32 " threads: status %" PRId32 ", %" PRIu64
                 " tasks completed, %s, %s\n%s",
                 graph.tasks.size(), graph.thread_count, result.status, result.completed,
                 result.is_clean ? "nothing left" : "something left in the scheduler",
                 result.problem.empty() ? "no wrong number" : result.problem.c_str(),
                 result.diagnosis.c_str());
    }
}

}  // namespace stress
