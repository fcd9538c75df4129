// The simulated platform without a scheduler: a core and its registers, engines, and time.
#include "sim/machine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <thread>
#include <vector>

#include "sim/core.h"
#include "sim/engine.h"

namespace mailproof::test {
namespace {

using pto::CoreWord;
using pto::sim::CoreEvent;
using pto::sim::EngineQueue;
using pto::sim::EngineWork;
using pto::sim::KernelAnswer;
using pto::sim::Machine;
using pto::sim::SimulatedCore;
using pto::sim::TimeMode;

/// A kernel that counts its calls, and writes a plain word that only the registers order.
struct CountingKernel final : pto::sim::Kernel {
    uint64_t duration = 0;
    KernelAnswer how = KernelAnswer::NORMAL;
    EngineWork work{};
    bool posts_work = false;
    int runs = 0;
    uint64_t ended_ns = 0;

    uint64_t duration_ns(const pto::DispatchPayload&) const noexcept override { return duration; }
    KernelAnswer answer(const pto::DispatchPayload&) const noexcept override { return how; }
    void run(pto::sim::KernelContext& context) noexcept override {
        ++runs;
        ended_ns = context.now_ns;
        context.slab.count = 3;
        if (posts_work) {
            context.engines.post(work);
        }
    }
};

uint64_t address_of(const void* object) { return reinterpret_cast<uintptr_t>(object); }

pto::DispatchPayload payload_of(CountingKernel& kernel) {
    pto::DispatchPayload payload{};
    payload.kernel_addr = address_of(static_cast<pto::sim::Kernel*>(&kernel));
    return payload;
}

class SimulatedCoreTest : public ::testing::Test {
  protected:
    void dispatch(uint32_t id) {
        core.payload(id & 1) = payload_of(kernel);
        core.ring_doorbell(id);
    }
    CoreEvent step(uint64_t now_ns) { return core.step(now_ns, engines); }

    CountingKernel kernel;
    EngineQueue engines;
    SimulatedCore core;
};

TEST_F(SimulatedCoreTest, acknowledges_runs_for_its_time_and_finishes) {
    kernel.duration = 100;
    EXPECT_EQ(core.read_status(), pto::AICORE_STATUS_IDLE);
    EXPECT_EQ(step(0), CoreEvent::NOTHING);
    dispatch(6);
    EXPECT_EQ(core.end_ns(), std::nullopt);
    EXPECT_EQ(step(10), CoreEvent::STARTED);
    EXPECT_EQ(core.read_status(), (CoreWord{6, false}.raw()));
    EXPECT_EQ(core.end_ns(), 110u);
    EXPECT_EQ(step(109), CoreEvent::NOTHING);
    EXPECT_EQ(kernel.runs, 0) << "its work is done at the end of its time";
    EXPECT_EQ(step(110), CoreEvent::FINISHED);
    EXPECT_EQ(core.read_status(), (CoreWord{6, true}.raw()));
    EXPECT_EQ(kernel.runs, 1);
    EXPECT_EQ(kernel.ended_ns, 110u);
    EXPECT_EQ(core.slab(0).count, 3u);
    EXPECT_EQ(core.slab(1).count, 0u);
    EXPECT_EQ(step(200), CoreEvent::NOTHING) << "once per dispatch";
}

TEST_F(SimulatedCoreTest, takes_the_next_dispatch_after_the_running_one) {
    kernel.duration = 100;
    dispatch(0);
    step(0);
    dispatch(1);
    EXPECT_EQ(step(50), CoreEvent::NOTHING);
    EXPECT_EQ(step(100), CoreEvent::FINISHED);
    EXPECT_EQ(step(100), CoreEvent::STARTED);
    EXPECT_EQ(core.read_status(), (CoreWord{1, false}.raw()));
    EXPECT_EQ(&core.current(), &core.payload(1));
    EXPECT_EQ(step(200), CoreEvent::FINISHED);
    EXPECT_EQ(core.slab(1).count, 3u);
    EXPECT_EQ(kernel.runs, 2);
}

TEST_F(SimulatedCoreTest, may_hang_before_it_acknowledges) {
    kernel.how = KernelAnswer::NEVER;
    dispatch(0);
    EXPECT_EQ(step(0), CoreEvent::STARTED);
    EXPECT_EQ(core.read_status(), pto::AICORE_STATUS_IDLE);
    EXPECT_EQ(step(1'000'000), CoreEvent::NOTHING);
    EXPECT_EQ(core.end_ns(), std::nullopt);
    dispatch(1);
    EXPECT_EQ(step(1'000'000), CoreEvent::NOTHING) << "for good";
    EXPECT_EQ(kernel.runs, 0);
}

TEST_F(SimulatedCoreTest, may_hang_in_the_kernel) {
    kernel.how = KernelAnswer::NEVER_FIN;
    dispatch(0);
    step(0);
    EXPECT_EQ(core.read_status(), (CoreWord{0, false}.raw()));
    EXPECT_EQ(step(1'000'000), CoreEvent::NOTHING);
    EXPECT_EQ(core.end_ns(), std::nullopt);
    EXPECT_EQ(kernel.runs, 0);
}

TEST_F(SimulatedCoreTest, leaves_when_told_to_and_done) {
    kernel.duration = 10;
    dispatch(0);
    step(0);
    core.ring_doorbell(pto::AICORE_DOORBELL_EXIT);
    EXPECT_EQ(step(9), CoreEvent::NOTHING) << "still running";
    EXPECT_EQ(step(10), CoreEvent::FINISHED);
    EXPECT_EQ(core.read_status(), (CoreWord{0, true}.raw()));
    EXPECT_EQ(step(10), CoreEvent::ANSWERED);
    EXPECT_EQ(core.read_status(), pto::AICORE_STATUS_EXITED);
    EXPECT_EQ(step(20), CoreEvent::NOTHING);
}

TEST_F(SimulatedCoreTest, is_idle_again_after_it_has_left) {
    dispatch(0);
    step(0);
    step(0);
    core.ring_doorbell(pto::AICORE_DOORBELL_EXIT);
    step(0);
    core.ring_doorbell(pto::AICORE_DOORBELL_IDLE);
    EXPECT_EQ(step(0), CoreEvent::ANSWERED);
    EXPECT_EQ(core.read_status(), pto::AICORE_STATUS_IDLE);
    EXPECT_EQ(step(0), CoreEvent::NOTHING);
    dispatch(0);
    EXPECT_EQ(step(0), CoreEvent::STARTED) << "the same id again";
}

TEST_F(SimulatedCoreTest, is_as_good_as_new_after_a_reset) {
    kernel.how = KernelAnswer::NEVER;
    dispatch(0);
    step(0);
    core.reset();
    EXPECT_EQ(core.read_status(), pto::AICORE_STATUS_IDLE);
    EXPECT_EQ(step(0), CoreEvent::NOTHING) << "the doorbell is quiet";
    kernel.how = KernelAnswer::NORMAL;
    dispatch(0);
    EXPECT_EQ(step(0), CoreEvent::STARTED) << "the same id again";
    EXPECT_EQ(step(0), CoreEvent::FINISHED);
}

TEST(SimulatedCoreThreadTest, the_registers_hand_payload_slab_and_results_over) {
    EngineQueue engines;
    SimulatedCore core;
    CountingKernel kernel;  // its count is plain: handed over by the registers
    std::atomic<bool> is_over = false;
    std::thread player([&] {
        while (!is_over.load(std::memory_order_relaxed)) {
            core.step(0, engines);
            std::this_thread::yield();
        }
    });
    for (uint32_t id = 0; id < 200; ++id) {
        core.payload(id & 1) = payload_of(kernel);
        core.slab(id & 1).count = 0;
        core.ring_doorbell(id);
        while (core.read_status() != (CoreWord{id, true}.raw())) {
            std::this_thread::yield();
        }
        ASSERT_EQ(kernel.runs, static_cast<int>(id) + 1);
        ASSERT_EQ(core.slab(id & 1).count, 3u);
    }
    is_over.store(true, std::memory_order_relaxed);
    player.join();
}

// ----- engines --------------------------------------------------------------------------------

EngineWork addition(uint64_t due_ns, uint32_t& counter, uint32_t value = 1) {
    return {.due_ns = due_ns,
            .kind = EngineWork::Kind::ADD_TO_COUNTER,
            .addr = address_of(&counter),
            .value = value};
}

TEST(EngineQueueTest, ends_what_is_due_and_nothing_earlier) {
    EngineQueue engines;
    uint32_t counter = 0;
    EXPECT_EQ(engines.next_due_ns(), std::nullopt);
    EXPECT_EQ(engines.run_due(1000), 0u);
    engines.post(addition(30, counter, 100));
    engines.post(addition(10, counter, 1));
    engines.post(addition(20, counter, 10));
    EXPECT_EQ(engines.next_due_ns(), 10u);
    EXPECT_EQ(engines.run_due(9), 0u);
    EXPECT_EQ(engines.run_due(10), 1u);
    EXPECT_EQ(counter, 1u);
    EXPECT_EQ(engines.next_due_ns(), 20u);
    EXPECT_EQ(engines.run_due(1000), 2u);
    EXPECT_EQ(counter, 111u);
}

TEST(EngineQueueTest, all_that_is_due_ends) {
    EngineQueue engines;
    uint64_t record = uint64_t{7} << 32;
    for (uint32_t value = 1; value <= 5; ++value) {
        engines.post({.due_ns = 7,
                      .kind = EngineWork::Kind::ADD_TO_RECORD,
                      .addr = address_of(&record),
                      .value = value});
    }
    EXPECT_EQ(engines.run_due(7), 5u);
    EXPECT_EQ(record, (uint64_t{7} << 32) + 15);
}

TEST(EngineQueueTest, counts_a_record_up_beyond_32_bits_and_moves_data) {
    EngineQueue engines;
    uint64_t record = 0xFFFFFFFF;
    uint64_t data = 40;
    engines.post({.due_ns = 0,
                  .kind = EngineWork::Kind::ADD_TO_RECORD,
                  .addr = address_of(&record),
                  .data = &data,
                  .data_value = 2});
    EXPECT_EQ(engines.run_due(0), 1u);
    EXPECT_EQ(record, 0x100000000u);
    EXPECT_EQ(data, 42u);
}

TEST(EngineQueueTest, forgets_its_work_when_cleared) {
    EngineQueue engines;
    uint32_t counter = 0;
    engines.post(addition(1, counter));
    engines.clear();
    EXPECT_EQ(engines.run_due(10), 0u);
    EXPECT_EQ(engines.next_due_ns(), std::nullopt);
    EXPECT_EQ(counter, 0u);
}

/// Waits, on a thread of its own, until the word says that the work is done.
template <class Word>
void expect_data_with(Word& word, EngineWork work) {
    EngineQueue engines;
    uint64_t data = 40;
    work.data = &data;
    work.data_value = 2;
    engines.post(work);
    std::thread engine([&] { engines.run_due(0); });
    while (std::atomic_ref<Word>(word).load(std::memory_order_acquire) == 0) {
        std::this_thread::yield();
    }
    EXPECT_EQ(data, 42u);  // a plain read: handed over by the word
    engine.join();
}

TEST(EngineQueueThreadTest, who_sees_the_counter_or_the_record_sees_the_data) {
    uint32_t counter = 0;
    expect_data_with(counter, addition(0, counter));
    uint64_t record = 0;
    expect_data_with(
        record,
        {.due_ns = 0, .kind = EngineWork::Kind::ADD_TO_RECORD, .addr = address_of(&record)});
}

// ----- the machine, in virtual time -----------------------------------------------------------

/// Writes down what it hears.
struct Listener final : pto::sim::MachineObserver {
    struct Heard {
        uint32_t rank;
        uint32_t core;
        CoreEvent event;
        uint64_t now_ns;
        bool operator==(const Heard&) const = default;
    };
    std::vector<Heard> events;
    std::vector<uint32_t> dispatches;
    std::vector<uint32_t> idle_threads;

    void core_event(uint32_t of_rank, uint32_t core, CoreEvent event, const pto::DispatchPayload&,
                    uint64_t now_ns) override {
        events.push_back({of_rank, core, event, now_ns});
    }
    void dispatched(uint32_t, uint32_t core, uint32_t, uint64_t) override {
        dispatches.push_back(core);
    }
    void idled(uint32_t, uint32_t thread, uint64_t) override { idle_threads.push_back(thread); }
};

class VirtualMachineTest : public ::testing::Test {
  protected:
    void dispatch(uint32_t rank_number, uint32_t core, CountingKernel& kernel, uint32_t id = 0) {
        machine.rank(rank_number).payload(core, id & 1) = payload_of(kernel);
        machine.rank(rank_number).ring_doorbell(core, id);
    }

    Listener listener;
    Machine machine{{.time = TimeMode::VIRTUAL, .rank_count = 2, .cluster_count = 1}, &listener};
    pto::sim::Rank& rank = machine.rank(0);
};

TEST_F(VirtualMachineTest, time_goes_from_one_thing_that_is_due_to_the_next) {
    CountingKernel slow;
    CountingKernel quick;
    slow.duration = 500;
    quick.duration = 70;
    rank.join(0);
    EXPECT_EQ(rank.cluster_count(), 1u);
    dispatch(0, 0, slow);
    dispatch(0, 2, quick);
    rank.idle(0);
    EXPECT_EQ(rank.now_ns(), 0u) << "both start now";
    rank.idle(0);
    EXPECT_EQ(rank.now_ns(), 70u);
    EXPECT_EQ(rank.read_status(2), (CoreWord{0, true}.raw()));
    rank.idle(0);
    EXPECT_EQ(rank.now_ns(), 500u);
    const std::vector<Listener::Heard> expected = {{0, 0, CoreEvent::STARTED, 0},
                                                   {0, 2, CoreEvent::STARTED, 0},
                                                   {0, 2, CoreEvent::FINISHED, 70},
                                                   {0, 0, CoreEvent::FINISHED, 500}};
    EXPECT_EQ(listener.events, expected);
    EXPECT_EQ(listener.dispatches, (std::vector<uint32_t>{0, 2}));
    EXPECT_EQ(listener.idle_threads, (std::vector<uint32_t>{0, 0, 0}));
}

TEST_F(VirtualMachineTest, with_nothing_due_time_passes_ever_faster_in_every_second_turn) {
    rank.join(0);
    uint64_t expected_ns = 0;
    for (uint64_t tick_ns = Machine::virtual_tick_ns; tick_ns < 1'000'000'000; tick_ns *= 2) {
        rank.idle(0);
        EXPECT_EQ(rank.now_ns(), expected_ns) << "a turn for what the last one has released";
        rank.idle(0);
        expected_ns += std::min(tick_ns, Machine::virtual_tick_max_ns);
        EXPECT_EQ(rank.now_ns(), expected_ns);
    }
}

TEST_F(VirtualMachineTest, time_that_has_become_fast_is_slow_again_after_an_event) {
    CountingKernel kernel;
    rank.join(0);
    for (int i = 0; i < 20; ++i) {
        rank.idle(0);
    }
    dispatch(0, 0, kernel);
    rank.idle(0);
    rank.idle(0);
    ASSERT_EQ(kernel.runs, 1);
    const uint64_t before_ns = rank.now_ns();
    rank.idle(0);
    rank.idle(0);
    EXPECT_EQ(rank.now_ns(), before_ns + Machine::virtual_tick_ns);
}

TEST_F(VirtualMachineTest, time_waits_until_every_thread_has_seen_what_happened) {
    CountingKernel kernel;
    kernel.duration = 100;
    rank.join(0);
    rank.join(1);
    machine.rank(1).join(0);
    dispatch(0, 0, kernel);
    rank.idle(0);
    EXPECT_EQ(listener.events.size(), 1u) << "what is due at once needs no other thread";
    rank.idle(0);
    rank.idle(0);
    EXPECT_EQ(rank.now_ns(), 0u) << "the others may be about to do something";
    rank.idle(1);
    EXPECT_EQ(rank.now_ns(), 0u);
    machine.rank(1).idle(0);
    EXPECT_EQ(rank.now_ns(), 100u);
    machine.rank(1).idle(0);
    rank.idle(0);
    EXPECT_EQ(rank.now_ns(), 100u) << "thread 1 has not had a turn since";
    rank.idle(1);
    EXPECT_EQ(rank.now_ns(), 100u) << "nothing is due: once more";
    rank.idle(1);
    machine.rank(1).idle(0);
    EXPECT_EQ(rank.now_ns(), 100u);
    rank.idle(0);
    EXPECT_EQ(rank.now_ns(), 100u + Machine::virtual_tick_ns);
}

TEST_F(VirtualMachineTest, time_does_not_wait_for_a_thread_that_has_left) {
    rank.join(0);
    rank.join(1);
    rank.leave(1);
    rank.idle(0);
    rank.idle(0);
    EXPECT_EQ(rank.now_ns(), Machine::virtual_tick_ns);
}

TEST_F(VirtualMachineTest, engines_end_their_work_in_time) {
    uint32_t counter = 0;
    CountingKernel kernel;
    kernel.posts_work = true;
    kernel.work = addition(90, counter);
    rank.join(0);
    dispatch(0, 1, kernel);
    rank.idle(0);
    rank.idle(0);
    EXPECT_EQ(kernel.runs, 1);
    EXPECT_EQ(counter, 0u);
    rank.idle(0);
    EXPECT_EQ(rank.now_ns(), 90u);
    EXPECT_EQ(counter, 1u);
}

TEST_F(VirtualMachineTest, a_cleared_rank_calls_no_kernel_and_loses_no_work) {
    uint32_t counter = 0;
    CountingKernel running;
    running.duration = 100;
    CountingKernel peers;
    peers.duration = 100;
    CountingKernel hung;
    hung.how = KernelAnswer::NEVER;
    rank.join(0);
    dispatch(0, 0, running);
    dispatch(0, 1, hung);
    dispatch(1, 0, peers);
    rank.idle(0);
    machine.engines().post(addition(1000, counter));
    rank.clear();
    EXPECT_EQ(counter, 1u) << "early, and not lost";
    rank.idle(0);
    EXPECT_EQ(running.runs, 0);
    EXPECT_EQ(peers.runs, 1) << "another rank continues";
    CountingKernel next;
    dispatch(0, 1, next);
    rank.idle(0);
    rank.idle(0);
    EXPECT_EQ(next.runs, 1) << "also on the core that hung";
}

// ----- the machine, in real time --------------------------------------------------------------

TEST(RealMachineTest, several_workers_play_all_cores_and_engines) {
    constexpr uint32_t cores = 6;
    uint32_t counter = 0;
    std::vector<CountingKernel> kernels(cores);
    Machine machine({.time = TimeMode::REAL, .cluster_count = 2, .worker_count = 2});
    pto::sim::Rank& rank = machine.rank(0);
    for (uint32_t core = 0; core < cores; ++core) {
        kernels[core].posts_work = true;
        kernels[core].work = addition(0, counter);
        rank.payload(core, 0) = payload_of(kernels[core]);
        rank.ring_doorbell(core, 0);
    }
    for (uint32_t core = 0; core < cores; ++core) {
        while (rank.read_status(core) != (CoreWord{0, true}.raw())) {
            rank.idle(0);
        }
        EXPECT_EQ(kernels[core].runs, 1);
    }
    while (std::atomic_ref<uint32_t>(counter).load(std::memory_order_acquire) != cores) {
        rank.idle(0);
    }
    const uint64_t before = rank.now_ns();
    while (rank.now_ns() == before) {
        std::this_thread::yield();
    }
    EXPECT_GT(rank.now_ns(), before);
}

TEST(RealMachineTest, after_clearing_a_rank_its_kernels_may_go) {
    Machine machine({.time = TimeMode::REAL, .cluster_count = 1, .worker_count = 2});
    pto::sim::Rank& rank = machine.rank(0);
    for (int round = 0; round < 50; ++round) {
        std::vector<CountingKernel> kernels(3);
        for (uint32_t core = 0; core < 3; ++core) {
            kernels[core].duration = core == 0 ? std::numeric_limits<uint32_t>::max() : core * 1000;
            rank.payload(core, 0) = payload_of(kernels[core]);
            rank.ring_doorbell(core, 0);
        }
        while (rank.read_status(0) != (CoreWord{0, false}.raw())) {
            rank.idle(0);
        }
        rank.clear();
        EXPECT_EQ(kernels[0].runs, 0);
        EXPECT_EQ(rank.read_status(0), pto::AICORE_STATUS_IDLE);
    }
}

TEST(RealMachineTest, a_stopped_machine_leaves_unfinished_what_is_running) {
    CountingKernel kernel;
    kernel.duration = std::numeric_limits<uint32_t>::max();
    Machine machine({.time = TimeMode::REAL, .cluster_count = 1});
    pto::sim::Rank& rank = machine.rank(0);
    rank.payload(0, 0) = payload_of(kernel);
    rank.ring_doorbell(0, 0);
    while (rank.read_status(0) == pto::AICORE_STATUS_IDLE) {
        rank.idle(0);
    }
    machine.stop();
    EXPECT_EQ(kernel.runs, 0);
    rank.clear();
    machine.stop();
}

}  // namespace
}  // namespace mailproof::test
