// Runs scenarios of the scheduler under weave and keeps their history. Judges nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/scheduler/scheduler_weave_history.h"
#include "fuzz/scheduler/scheduler_weave_machine.h"
#include "fuzz/scheduler/scheduler_weave_schedule.h"
#include "sim/graph_run.h"
#include "sim/with_ring_of.h"
#include "src/a5/platform.h"

namespace fuzz {

/// A scheduler and its cores, for one shape and mailbox. Too large to be made in every execution.
template <uint32_t Slots>
struct ExploredBench {
    using Platform = pto::sim::WithRingOf<pto::a5::Platform, Slots>;
    using Completion = pto::SchedulerCompletion<pto::sim::Simulated<Platform>>;
    using Run = pto::sim::GraphRun<Platform, Completion, ExploredMachine>;
    using Scheduler = typename Run::Scheduler;

    explicit ExploredBench(const pto::sim::Graph& graph)
        : rank(graph.cluster_count), scheduler(rank, Run::config_of(graph)) {
        scheduler.reset_for_reuse();
        // Room for the scopes of any graph: an execution must not allocate what it leaves behind.
        for (int depth = 0; depth < 8; ++depth) {
            scheduler.submission().begin_scope();
        }
    }

    ExploredRank rank;
    Scheduler scheduler;
};

/// One scenario, explored again and again. Not thread-safe, but for what run() does.
class SchedulerWeaveScenario {
  public:
    using Schedule = SchedulerWeaveSchedule;
    static constexpr ScheduleFormat format = Schedule::format;

    void decode(Bytes input) { schedule_.decode(input); }
    /// Before each execution, outside of it, as is judge().
    void prepare();
    Bytes choices() const { return schedule_.choices; }
    bool is_sc() const { return schedule_.is_sc; }
    /// The fewest steps of an execution: each subtask is dispatched and ends.
    uint64_t steps_min() const;

    /// One execution.
    void run();
    /// What the contract does not allow in the execution that has just ended.
    std::optional<Finding> judge() const;
    /// What happens at a point that the last execution has marked.
    std::string point_text(uint64_t point) const;

    static std::string describe(Bytes input) { return Schedule::describe(input); }
    static std::vector<Seed> seeds() { return Schedule::seeds(); }
    static std::vector<Seed> benchmark_inputs() { return Schedule::benchmark_inputs(); }

  private:
    // Not instrumented, as are all functions that are not defined here.
    void begin_history() noexcept;
    void note_run(const pto::sim::GraphResult& result) noexcept;

    template <uint32_t Slots>
    using Benches = std::array<std::unique_ptr<ExploredBench<Slots>>, 16>;

    /// That of the shape. Made here, as what makes an object decides whose its functions are.
    template <uint32_t Slots>
    std::unique_ptr<ExploredBench<Slots>>& bench() {
        static Benches<Slots> by_shape;
        return by_shape[schedule_.threads.shape];
    }
    template <uint32_t Slots>
    void prepare_bench() {
        std::unique_ptr<ExploredBench<Slots>>& own = bench<Slots>();
        if (own == nullptr) {
            own = std::make_unique<ExploredBench<Slots>>(schedule_.threads.graph);
        } else if (is_spoilt_) {
            // In place: the facts of an explanation go by address.
            std::destroy_at(own.get());
            std::construct_at(own.get(), schedule_.threads.graph);
        }
        is_spoilt_ = false;
    }

    template <uint32_t Slots>
    void run_on();
    template <uint32_t Slots>
    void run_once(ExploredBench<Slots>& bench, ExploredMachine& machine, bool is_ended);

    SchedulerWeaveSchedule schedule_{};
    SchedulerWeaveHistory history_{};
    /// The bench is as an execution has left it that has failed.
    mutable bool is_spoilt_ = false;
};

inline void SchedulerWeaveScenario::prepare() {
    switch (schedule_.mailbox_slots) {
        case 1:
            return prepare_bench<1>();
        case 2:
            return prepare_bench<2>();
        case 4:
            return prepare_bench<4>();
        default:
            return prepare_bench<32>();
    }
}

template <uint32_t Slots>
void SchedulerWeaveScenario::run_once(ExploredBench<Slots>& bench, ExploredMachine& machine,
                                      bool is_ended) {
    using Run = typename ExploredBench<Slots>::Run;
    bench.scheduler.reset_for_reuse();
    // On the heap: weave does not see plain accesses to what is on a thread's own stack.
    const auto run = std::make_unique<Run>(schedule_.threads.graph, machine, bench.scheduler);
    const uint32_t thread_count = bench.scheduler.thread_count();
    const auto at_work = std::make_unique<std::atomic<uint32_t>>(thread_count);
    run->begin();
    std::vector<std::thread> threads;
    for (uint32_t i = 0; i < thread_count; ++i) {
        threads.emplace_back([&run, &at_work, i] {
            run->run_thread(i);
            // Relaxed: the joins order what follows.
            at_work->fetch_sub(1, std::memory_order_relaxed);
        });
    }
    threads.emplace_back([&bench, &at_work] {
        while (at_work->load(std::memory_order_relaxed) != 0) {
            bench.rank.play();
            std::this_thread::yield();
        }
    });
    if (is_ended) {
        threads.emplace_back([this, &bench] {
            for (uint32_t i = 0; i < schedule_.ended_after; ++i) {
                std::this_thread::yield();
            }
            bench.scheduler.run().latch_error(Schedule::end_code);
        });
    }
    run->submit_all();
    for (std::thread& thread : threads) {
        thread.join();
    }
    note_run(run->finish());
}

template <uint32_t Slots>
void SchedulerWeaveScenario::run_on() {
    // Until it has come to its end.
    is_spoilt_ = true;
    ExploredBench<Slots>& own = *bench<Slots>();
    const auto machine = std::make_unique<ExploredMachine>(own.rank);
    for (uint32_t i = 0; i < schedule_.run_count; ++i) {
        run_once(own, *machine, i == 0 && schedule_.is_ended);
    }
    is_spoilt_ = false;
}

inline void SchedulerWeaveScenario::run() {
    begin_history();
    switch (schedule_.mailbox_slots) {
        case 1:
            return run_on<1>();
        case 2:
            return run_on<2>();
        case 4:
            return run_on<4>();
        default:
            return run_on<32>();
    }
}

}  // namespace fuzz
