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

    /// Outside of an execution, as is judge().
    void decode(Bytes input);
    Bytes choices() const { return schedule_.choices; }
    bool is_sc() const { return schedule_.is_sc; }
    /// The fewest steps of an execution: each subtask is dispatched and ends.
    uint64_t steps_min() const;

    /// One execution.
    void run();
    /// What the contract does not allow in the execution that has just ended.
    std::optional<Finding> judge() const;

    static std::string describe(Bytes input) { return Schedule::describe(input); }
    static std::vector<Seed> seeds() { return Schedule::seeds(); }
    static std::vector<Seed> benchmark_inputs() { return Schedule::benchmark_inputs(); }

  private:
    // Not instrumented, as are all functions that are not defined here.
    void begin_history() noexcept;
    void note_run(const pto::sim::GraphResult& result) noexcept;

    /// Schedulers for an execution and for its repetitions: one that fails leaves its bench as it
    /// is, and weave repeats it.
    static constexpr size_t benches_max = 20;
    template <uint32_t Slots>
    using Benches = std::vector<std::unique_ptr<ExploredBench<Slots>>>;

    /// Those of the shape. Made here, as what makes an object decides whose its functions are.
    template <uint32_t Slots>
    Benches<Slots>& benches() {
        static std::array<Benches<Slots>, 16> by_shape;
        return by_shape[schedule_.threads.shape];
    }
    template <uint32_t Slots>
    void make_benches() {
        Benches<Slots>& all = benches<Slots>();
        benches_ = &all;
        bench_ = 0;
        while (all.size() < benches_max) {
            all.push_back(std::make_unique<ExploredBench<Slots>>(schedule_.threads.graph));
        }
    }

    template <uint32_t Slots>
    void run_on();
    template <uint32_t Slots>
    void run_once(ExploredBench<Slots>& bench, ExploredMachine& machine, bool is_ended);

    SchedulerWeaveSchedule schedule_{};
    SchedulerWeaveHistory history_{};
    void* benches_ = nullptr;  ///< those of the scenario's mailbox and shape
    size_t bench_ = 0;         ///< the one in use, or to use next
    bool is_in_use_ = false;
};

inline void SchedulerWeaveScenario::decode(Bytes input) {
    schedule_.decode(input);
    switch (schedule_.mailbox_slots) {
        case 1:
            return make_benches<1>();
        case 2:
            return make_benches<2>();
        case 4:
            return make_benches<4>();
        default:
            return make_benches<32>();
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
    // In use already: the execution before this one did not come to its end.
    bench_ += is_in_use_ && bench_ + 1 < benches_max;
    is_in_use_ = true;
    ExploredBench<Slots>& bench = *(*static_cast<Benches<Slots>*>(benches_))[bench_];
    const auto machine = std::make_unique<ExploredMachine>(bench.rank);
    for (uint32_t i = 0; i < schedule_.run_count; ++i) {
        run_once(bench, *machine, i == 0 && schedule_.is_ended);
    }
    is_in_use_ = false;
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
