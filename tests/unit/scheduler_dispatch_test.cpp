// The loop of the scheduler threads, one turn at a time, on cores that the test moves by hand:
// which core gets what, what each status word does end to end, and what a thread does that waits or
// leaves.
#include "src/runtime/scheduler_dispatch.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

#include "tests/unit/scheduler_rig.h"

namespace mailproof::test {
namespace {

using pto::PTO2TaskId;
using Shape = pto::TaskShape;

// Cores of the first two clusters.
constexpr uint32_t cube = 0;
constexpr uint32_t vector0 = 1;
constexpr uint32_t vector1 = 2;
constexpr uint32_t cube_of_second = 3;

constexpr int32_t pending = pto::PTO2_TASK_PENDING;
constexpr int32_t completed = pto::PTO2_TASK_COMPLETED;

// ----- the way of one core --------------------------------------------------------------------

TEST(DispatchTest, a_core_is_told_what_to_run) {
    SchedulerRig rig;
    const auto task = rig.scheduler.submission().try_submit_task(
        {.active_mask = aic, .block_num = 1, .kernel_addr = 11, .args_addr = 22});
    EXPECT_TRUE(rig.step());
    ASSERT_EQ(rig.cores.dispatches(cube), 1u);
    EXPECT_EQ(rig.cores.last_id(cube), 0u);
    const auto& payload = rig.cores.cores[cube].payloads[0];
    EXPECT_EQ(payload.task_token, task.task_id);
    EXPECT_EQ(payload.kernel_addr, 11u);
    EXPECT_EQ(payload.args_addr, 22u);
    EXPECT_EQ(payload.block_index, 0);
    EXPECT_EQ(payload.block_num, 1);
    EXPECT_EQ(payload.subtask, aic);
    EXPECT_EQ(rig.cores.dispatches(vector0) + rig.cores.dispatches(vector1), 0u);
    EXPECT_FALSE(rig.step()) << "nothing more to do";
}

TEST(DispatchTest, the_slab_is_empty_and_the_payload_there_before_the_doorbell_rings) {
    SchedulerRig rig;
    for (auto& slab : rig.cores.cores[cube].slabs) {
        slab.count = 5;
        slab.error_code = 9;
    }
    const PTO2TaskId task = rig.submit(aic);
    rig.cores.on_doorbell = [&](uint32_t core, uint32_t id) {
        EXPECT_EQ(rig.cores.cores[core].slabs[id & 1].count, 0u);
        EXPECT_EQ(rig.cores.cores[core].slabs[id & 1].error_code, 0);
        EXPECT_EQ(rig.cores.cores[core].payloads[id & 1].task_token, task);
    };
    rig.step();
    EXPECT_EQ(rig.cores.dispatches(cube), 1u);
    EXPECT_EQ(rig.cores.cores[cube].slabs[1].count, 5u) << "the other one may be in use";
}

TEST(DispatchTest, a_fin_completes_the_task_and_frees_the_core) {
    SchedulerRig rig;
    const PTO2TaskId first = rig.submit(aic);
    rig.step();
    rig.cores.fin(cube);
    const PTO2TaskId second = rig.submit(aic);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.state(first), completed);
    EXPECT_EQ(rig.completed(), 1u);
    EXPECT_EQ(rig.cores.told(cube).task_token, second);
    EXPECT_EQ(rig.cores.last_id(cube), 1u) << "and the other slab";
}

TEST(DispatchTest, a_second_task_waits_for_the_acknowledgement_of_the_first) {
    SchedulerRig rig;
    rig.submit(aic);
    const PTO2TaskId second = rig.submit(aic);
    rig.step();
    EXPECT_FALSE(rig.step());
    EXPECT_EQ(rig.cores.dispatches(cube), 1u);
    rig.cores.ack(cube);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.cores.dispatches(cube), 2u) << "ahead, into the pending slot";
    EXPECT_EQ(rig.cores.cores[cube].payloads[1].task_token, second);
    rig.submit(aic);
    EXPECT_FALSE(rig.step()) << "one running, one pending";
}

/// A core that runs one task and has another one pending.
struct TwoOnOneCore : SchedulerRig {
    PTO2TaskId running;
    PTO2TaskId ahead;

    TwoOnOneCore() {
        running = submit(aic);
        ahead = submit(aic);
        step();
        cores.ack(cube, 0);
        step();
        EXPECT_EQ(cores.dispatches(cube), 2u);
    }
};

TEST(DispatchTest, a_fin_of_the_running_task_says_nothing_while_one_is_pending) {
    TwoOnOneCore rig;
    rig.cores.fin(cube, 0);
    EXPECT_FALSE(rig.step());
    EXPECT_EQ(rig.state(rig.running), pending) << "the ACK that follows completes it";
    rig.cores.ack(cube, 1);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.state(rig.running), completed);
}

TEST(DispatchTest, an_ack_of_the_pending_task_completes_the_running_one_and_promotes_it) {
    TwoOnOneCore rig;
    rig.cores.ack(cube, 1);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.state(rig.running), completed);
    EXPECT_EQ(rig.state(rig.ahead), pending);
    const PTO2TaskId third = rig.submit(aic);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.cores.last_id(cube), 2u) << "the pending slot is free again";
    EXPECT_EQ(rig.cores.cores[cube].payloads[0].task_token, third);
    EXPECT_EQ(rig.cores.cores[cube].payloads[1].task_token, rig.ahead) << "still in use";
    rig.cores.fin(cube, 2);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.state(rig.ahead), completed);
    EXPECT_EQ(rig.state(third), completed);
}

TEST(DispatchTest, a_fin_of_the_pending_task_completes_it_and_then_the_running_one) {
    TwoOnOneCore rig;
    rig.cores.fin(cube, 1);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.completed(), 2u);
    auto& thread = rig.scheduler.thread(0);
    ASSERT_EQ(thread.release_count, 2);
    EXPECT_EQ(thread.releases[0], &rig.slot(rig.ahead));
    EXPECT_EQ(thread.releases[1], &rig.slot(rig.running));
    rig.submit(aic);
    rig.submit(aic);
    rig.step();
    EXPECT_EQ(rig.cores.dispatches(cube), 3u) << "idle: one, and no second before its ACK";
}

TEST(DispatchTest, a_core_that_repeats_itself_or_talks_of_other_ids_says_nothing) {
    SchedulerRig rig;
    const PTO2TaskId task = rig.submit(aic);
    rig.step();
    for (const uint32_t word : {1u, 7u, 0x80000001u, pto::AICORE_REG_RESERVED,
                                pto::AICORE_STATUS_IDLE, pto::AICORE_STATUS_EXITED}) {
        rig.cores.cores[cube].status = word;
        EXPECT_FALSE(rig.step()) << word;
    }
    rig.cores.ack(cube);
    EXPECT_TRUE(rig.step());
    EXPECT_FALSE(rig.step()) << "the same ACK once more";
    rig.cores.fin(cube);
    EXPECT_TRUE(rig.step());
    EXPECT_FALSE(rig.step());
    EXPECT_EQ(rig.state(task), completed);
    EXPECT_EQ(rig.completed(), 1u);
}

TEST(DispatchTest, each_dispatch_has_the_slab_that_its_id_chooses) {
    TwoOnOneCore rig;
    uint32_t counter = 0;
    for (uint32_t parity = 0; parity < 2; ++parity) {
        for (uint32_t i = 0; i < parity + 2; ++i) {
            pto::deferred_completion_slab_append(&rig.cores.cores[cube].slabs[parity],
                                                 reinterpret_cast<uintptr_t>(&counter), 1, 0,
                                                 pto::COMPLETION_TYPE_COUNTER);
        }
    }
    rig.cores.fin(cube, 1);
    rig.step();
    auto& list = rig.scheduler.wait_list();
    ASSERT_EQ(list.count, 2);
    EXPECT_EQ(list.find_entry_by_token(rig.running)->condition_count, 2);
    EXPECT_EQ(list.find_entry_by_token(rig.ahead)->condition_count, 3);
    counter = 1;
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.completed(), 2u);
}

TEST(DispatchTest, after_the_end_of_the_run_a_fin_counts_no_more) {
    SchedulerRig rig;
    const PTO2TaskId failing = rig.submit(aic);
    const PTO2TaskId other = rig.submit(aiv0);
    rig.step();
    rig.cores.cores[cube].slabs[0].error_code = 9;
    rig.cores.fin(cube);
    rig.cores.fin(vector0);
    rig.step();
    EXPECT_EQ(rig.scheduler.run().status(), -9);
    EXPECT_EQ(rig.state(failing), pending);
    EXPECT_EQ(rig.state(other), pending);
    EXPECT_EQ(rig.completed(), 0u);
}

// ----- where blocks go ------------------------------------------------------------------------

TEST(PlacementTest, a_task_for_a_vector_core_takes_either) {
    constexpr uint8_t masks[] = {aiv0, aiv1};
    for (const uint8_t mask : masks) {
        SchedulerRig rig;
        rig.submit(mask);
        rig.submit(mask);
        rig.step();
        ASSERT_EQ(rig.cores.dispatches(vector0), 1u);
        ASSERT_EQ(rig.cores.dispatches(vector1), 1u);
        EXPECT_EQ(rig.cores.told(vector0).subtask, aiv0) << "which one it is";
        EXPECT_EQ(rig.cores.told(vector1).subtask, aiv1);
        EXPECT_EQ(rig.cores.dispatches(cube), 0u);
    }
}

TEST(PlacementTest, blocks_are_split_over_the_cores_of_all_threads_each_once) {
    SchedulerRig rig(small_config(2), 2);
    const PTO2TaskId task = rig.submit(aiv0, {}, 7);
    rig.step(0);
    EXPECT_EQ(rig.ready(Shape::AIV), 1u) << "put back for the rest";
    rig.step(1);
    std::multiset<int32_t> blocks;
    const auto finish = [&](const std::vector<uint32_t>& cores) {
        for (const uint32_t core : cores) {
            blocks.insert(rig.cores.told(core).block_index);
            EXPECT_EQ(rig.cores.told(core).block_num, 7);
            rig.cores.fin(core);
        }
    };
    finish({1, 2, 4, 5});
    EXPECT_EQ(blocks, (std::multiset<int32_t>{0, 1, 2, 3}));
    rig.step(0);
    rig.step(1);
    EXPECT_EQ(rig.ready(Shape::AIV), 0u) << "every block is out";
    EXPECT_EQ(rig.state(task), pending);
    finish({1, 2, 4});
    EXPECT_EQ(blocks, (std::multiset<int32_t>{0, 1, 2, 3, 4, 5, 6}));
    rig.step(0);
    EXPECT_EQ(rig.state(task), pending) << "one is still out";
    rig.step(1);
    EXPECT_EQ(rig.state(task), completed);
}

TEST(PlacementTest, a_mixed_block_has_all_its_cores_in_one_cluster) {
    SchedulerRig rig(small_config(), 2);
    rig.submit(aiv0);  // takes a vector core of the first cluster
    rig.step();
    ASSERT_EQ(rig.cores.dispatches(vector0), 1u);
    const PTO2TaskId mix = rig.submit(aic | aiv0 | aiv1);
    rig.step();
    EXPECT_EQ(rig.cores.dispatches(cube), 0u);
    EXPECT_EQ(rig.cores.dispatches(vector1), 0u);
    for (uint32_t kind = 0; kind < 3; ++kind) {
        ASSERT_EQ(rig.cores.dispatches(cube_of_second + kind), 1u) << kind;
        EXPECT_EQ(rig.cores.told(cube_of_second + kind).task_token, mix);
        EXPECT_EQ(rig.cores.told(cube_of_second + kind).subtask, 1u << kind);
        EXPECT_EQ(rig.cores.told(cube_of_second + kind).block_index, 0);
    }
}

TEST(PlacementTest, a_mixed_task_has_exactly_the_cores_that_it_names) {
    constexpr uint8_t masks[] = {aic | aiv0, aic | aiv1, aiv0 | aiv1};
    for (const uint8_t mask : masks) {
        SchedulerRig rig;
        const PTO2TaskId task = rig.submit(mask);
        rig.step();
        for (uint32_t kind = 0; kind < 3; ++kind) {
            const bool is_named = (mask >> kind & 1) != 0;
            EXPECT_EQ(rig.cores.dispatches(kind), is_named ? 1u : 0u) << int{mask};
            if (is_named) {
                rig.cores.fin(kind);
            }
        }
        rig.step();
        EXPECT_EQ(rig.state(task), completed);
    }
}

TEST(PlacementTest, what_finds_no_place_is_put_back_and_placed_later) {
    SchedulerRig rig;
    rig.submit(aiv0);
    rig.step();
    ASSERT_EQ(rig.cores.dispatches(vector0), 1u);
    const PTO2TaskId mix = rig.submit(aic | aiv0 | aiv1);
    EXPECT_FALSE(rig.step()) << "cube and second vector core are idle, which is not enough";
    EXPECT_EQ(rig.ready(Shape::MIX_ALL), 1u);
    EXPECT_EQ(rig.slot(mix).next_block_idx, 0);
    rig.cores.fin(vector0);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.ready(Shape::MIX_ALL), 0u);
    EXPECT_EQ(rig.cores.told(vector0).task_token, mix);
}

TEST(PlacementTest, idle_cores_are_used_before_pending_slots) {
    SchedulerRig rig(small_config(), 2);
    rig.submit(aic);
    rig.step();
    rig.cores.ack(cube);
    rig.submit(aic);
    rig.step();
    EXPECT_EQ(rig.cores.dispatches(cube), 1u);
    EXPECT_EQ(rig.cores.dispatches(cube_of_second), 1u);
    rig.submit(aic);
    rig.step();
    EXPECT_EQ(rig.cores.dispatches(cube), 2u) << "no other is idle";
}

TEST(PlacementTest, a_mixed_task_may_go_ahead_on_busy_cores_next_to_idle_ones) {
    SchedulerRig rig;
    const PTO2TaskId single = rig.submit(aic);
    rig.step();
    rig.cores.ack(cube);
    rig.step();
    const PTO2TaskId mix = rig.submit(aic | aiv0 | aiv1);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.cores.dispatches(cube), 2u) << "pending";
    EXPECT_EQ(rig.cores.dispatches(vector0), 1u) << "at once";
    EXPECT_EQ(rig.cores.dispatches(vector1), 1u);
    rig.cores.fin(cube);
    rig.cores.fin(vector0);
    rig.cores.fin(vector1);
    rig.step();
    EXPECT_EQ(rig.state(single), completed);
    EXPECT_EQ(rig.state(mix), completed);
}

TEST(PlacementTest, tasks_that_find_no_place_do_not_hide_one_that_does) {
    SchedulerRig rig;
    rig.submit(aic);
    rig.step();
    for (const uint8_t mask :
         {uint8_t{aic | aiv0 | aiv1}, uint8_t{aic | aiv0}, uint8_t{aic | aiv1}}) {
        rig.submit(mask);
    }
    const PTO2TaskId fitting = rig.submit(aiv0 | aiv1);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.cores.told(vector0).task_token, fitting);
    EXPECT_EQ(rig.cores.told(vector1).task_token, fitting);
}

// An assertion finds a set that the reset has left: no core is idle and busy at once.
TEST(PlacementTest, the_cores_of_an_aborted_run_are_idle_in_the_next_one) {
    SchedulerRig rig;
    rig.submit(aic);
    rig.step();
    rig.cores.ack(cube);
    rig.step();
    rig.scheduler.run().latch_error(pto::PTO2_ERROR_SCHEDULER_TIMEOUT);
    rig.leave();
    rig.scheduler.submission().finish();
    rig.scheduler.reset_for_reuse();
    rig.submit(aic | aiv0);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.cores.last_id(cube), 0u) << "the first dispatch of this run";
}

TEST(PlacementTest, a_task_is_not_dispatched_ahead_while_another_thread_has_an_idle_core) {
    SchedulerRig rig(small_config(2), 2);
    rig.submit(aic);
    rig.step(0);
    rig.cores.ack(cube);
    rig.step(0);
    const PTO2TaskId second = rig.submit(aic);
    EXPECT_FALSE(rig.step(0)) << "the other thread's cube core is idle";
    EXPECT_EQ(rig.ready(Shape::AIC), 1u);
    EXPECT_TRUE(rig.step(1));
    EXPECT_EQ(rig.cores.told(cube_of_second).task_token, second);
    const PTO2TaskId third = rig.submit(aic);
    EXPECT_TRUE(rig.step(0)) << "no cube core is idle now";
    EXPECT_EQ(rig.cores.told(cube).task_token, third);
}

TEST(PlacementTest,
     a_task_is_not_dispatched_ahead_while_another_threads_second_vector_core_is_idle) {
    SchedulerRig rig(small_config(2), 2);
    for (int i = 0; i < 2; ++i) {
        rig.submit(aiv0);
    }
    rig.step(0);
    rig.cores.ack(vector0);
    rig.cores.ack(vector1);
    rig.step(0);
    rig.submit(aiv0);
    rig.step(1);
    ASSERT_EQ(rig.cores.dispatches(cube_of_second + vector0), 1u);
    const PTO2TaskId next = rig.submit(aiv0);
    EXPECT_FALSE(rig.step(0)) << "a vector core of the other thread is idle";
    EXPECT_TRUE(rig.step(1));
    EXPECT_EQ(rig.cores.told(cube_of_second + vector1).task_token, next);
}

TEST(PlacementTest, a_task_for_several_cores_waits_for_another_threads_cluster_if_all_are_idle) {
    SchedulerRig rig(small_config(2), 2);
    rig.submit(aic);
    rig.step(0);
    rig.cores.ack(cube);
    rig.step(0);
    rig.submit(aic | aiv0);
    EXPECT_FALSE(rig.step(0));
    rig.step(1);
    EXPECT_EQ(rig.cores.dispatches(cube_of_second), 1u) << "the other thread took it";
    rig.submit(aic | aiv0);
    EXPECT_TRUE(rig.step(0)) << "the other cluster's vector core is busy";
    EXPECT_EQ(rig.cores.dispatches(cube), 2u);
}

TEST(PlacementTest, clusters_are_dealt_out_to_the_threads) {
    SchedulerRig rig(small_config(2), 3);
    rig.submit(aic, {}, 3);
    rig.step(1);
    EXPECT_EQ(rig.cores.dispatches(3), 1u);
    EXPECT_EQ(rig.cores.dispatches(0) + rig.cores.dispatches(6), 0u) << "another thread's";
    rig.step(0);
    EXPECT_EQ(rig.cores.dispatches(0), 1u);
    EXPECT_EQ(rig.cores.dispatches(6), 1u);
}

TEST(PlacementTest, a_thread_without_cores_still_completes_dummies) {
    SchedulerRig rig(small_config(2), 1);
    const PTO2TaskId dummy = rig.submit(0);
    rig.submit(aic);
    EXPECT_TRUE(rig.step(1));
    EXPECT_EQ(rig.state(dummy), completed);
    EXPECT_FALSE(rig.step(1));
    rig.leave(1);
    EXPECT_EQ(rig.cores.dispatches(cube), 0u);
}

TEST(PlacementTest, all_64_clusters_are_used) {
    SchedulerRig rig(small_config(3), 64);
    const PTO2TaskId task = rig.submit(aic | aiv0 | aiv1, {}, 64);
    for (uint32_t thread = 0; thread < 3; ++thread) {
        rig.step(thread);
    }
    for (uint32_t core = 0; core < 192; ++core) {
        ASSERT_EQ(rig.cores.dispatches(core), 1u) << core;
        rig.cores.fin(core);
    }
    for (uint32_t thread = 0; thread < 3; ++thread) {
        rig.step(thread);
    }
    EXPECT_EQ(rig.state(task), completed);
}

// ----- dummies, and what becomes ready --------------------------------------------------------

TEST(DummyTest, a_turn_completes_sixteen) {
    SchedulerRig rig;
    for (int i = 0; i < 20; ++i) {
        rig.submit(0);
    }
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.completed(), 16u);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.completed(), 20u);
    EXPECT_FALSE(rig.step());
}

TEST(DummyTest, a_chain_of_dummies_needs_no_core) {
    SchedulerRig rig;
    SchedulerRig::Ids chain = {rig.submit(0)};
    for (int i = 0; i < 10; ++i) {
        chain.push_back(rig.submit(0, {chain.back()}));
    }
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.state(chain.back()), completed);
    EXPECT_EQ(rig.completed(), 11u);
}

TEST(DummyTest, what_a_thread_cannot_place_it_offers_to_all_at_the_end_of_its_turn) {
    SchedulerRig rig(small_config(2), 2);
    const PTO2TaskId dummy = rig.submit(0);
    for (int i = 0; i < 5; ++i) {
        rig.submit(aic, {dummy});
    }
    rig.step(0);
    EXPECT_EQ(rig.cores.dispatches(cube), 1u);
    EXPECT_EQ(rig.ready(Shape::AIC), 4u);
    rig.step(1);
    EXPECT_EQ(rig.cores.dispatches(cube_of_second), 1u);
    EXPECT_EQ(rig.ready(Shape::AIC), 3u);
}

// ----- waiting, leaving, the end --------------------------------------------------------------

TEST(WaitTest, releases_what_the_thread_held_back) {
    SchedulerRig rig;
    const PTO2TaskId task = rig.submit(0);
    rig.scheduler.submission().end_scope();
    rig.step();
    EXPECT_EQ(rig.state(task), completed);
    rig.wait();
    EXPECT_EQ(rig.state(task), pto::PTO2_TASK_CONSUMED);
    EXPECT_EQ(rig.cores.idled, 1u);
}

TEST(WaitTest, sees_an_error_that_another_thread_polled) {
    SchedulerRig rig;
    rig.scheduler.wait_list().error_code = 101;
    rig.wait();
    EXPECT_EQ(rig.scheduler.run().status(), -101);
}

TEST(WaitTest, a_core_that_does_not_answer_ends_the_run_at_the_limit) {
    SchedulerRig rig;
    rig.submit(aic);
    rig.step();
    rig.wait();
    rig.cores.time_ns = 999;
    rig.wait();
    EXPECT_FALSE(rig.scheduler.run().is_stopped());
    rig.cores.time_ns = 1000;
    rig.wait();
    EXPECT_EQ(rig.scheduler.run().status(), -100);
}

TEST(WaitTest, another_threads_dispatches_and_fins_are_progress) {
    SchedulerRig rig(small_config(2), 2);
    rig.submit(aic, {}, 2);
    rig.step(0);
    rig.wait(0);
    rig.cores.time_ns = 1000;
    EXPECT_TRUE(rig.step(1)) << "a dispatch";
    rig.wait(0);
    rig.cores.time_ns = 2000;
    rig.cores.fin(cube_of_second);
    EXPECT_TRUE(rig.step(1)) << "a FIN that is not the last";
    rig.wait(0);
    EXPECT_FALSE(rig.scheduler.run().is_stopped());
    rig.cores.time_ns = 3000;
    rig.wait(0);
    EXPECT_EQ(rig.scheduler.run().status(), -100);
}

TEST(LeaveTest, the_thread_that_leaves_last_ends_all_cores) {
    SchedulerRig rig(small_config(2), 3);
    rig.leave(1);
    for (uint32_t core = 0; core < 9; ++core) {
        EXPECT_TRUE(rig.cores.cores[core].doorbells.empty()) << core;
    }
    rig.leave(0);
    const std::vector<uint32_t> expected = {pto::AICORE_DOORBELL_EXIT, pto::AICORE_DOORBELL_IDLE};
    for (uint32_t core = 0; core < 9; ++core) {
        EXPECT_EQ(rig.cores.cores[core].doorbells, expected) << core;
    }
    EXPECT_EQ(rig.scheduler.finish_run(), 0);
}

TEST(LeaveTest, tells_all_cores_to_leave_before_it_waits_for_any) {
    SchedulerRig rig(small_config(), 2);
    for (auto& core : rig.cores.cores) {
        core.is_deaf = true;
    }
    rig.cores.on_idle = [&](uint32_t) {
        for (auto& core : rig.cores.cores) {
            ASSERT_FALSE(core.doorbells.empty());
            core.status = pto::AICORE_STATUS_EXITED;
        }
    };
    rig.leave();
    EXPECT_EQ(rig.cores.idled, 1u);
    EXPECT_EQ(rig.scheduler.finish_run(), 0);
}

TEST(LeaveTest, a_core_that_does_not_leave_ends_the_run_at_the_limit) {
    SchedulerRig rig(small_config(), 2);
    rig.cores.cores[3].is_deaf = true;
    rig.cores.cores[4].is_deaf = true;
    rig.cores.cores[5].is_deaf = true;
    rig.cores.on_idle = [&](uint32_t) {
        rig.cores.time_ns += 100;
        if (rig.cores.time_ns == 1000) {
            rig.cores.cores[5].status = pto::AICORE_STATUS_EXITED;
        }
    };
    rig.leave();
    EXPECT_EQ(rig.cores.time_ns, 1000u) << "one limit for all cores";
    EXPECT_EQ(rig.cores.last_id(4), pto::AICORE_DOORBELL_EXIT) << "it may leave later";
    EXPECT_EQ(rig.cores.last_id(5), pto::AICORE_DOORBELL_IDLE);
    EXPECT_EQ(rig.scheduler.finish_run(), -100);
}

TEST(LeaveTest, a_core_that_has_stood_still_for_the_limit_is_not_waited_for_again) {
    SchedulerRig rig(small_config(), 2);
    for (auto& core : rig.cores.cores) {
        core.is_deaf = true;
    }
    rig.submit(aic);
    rig.submit(aic);
    rig.step();
    rig.wait();
    rig.cores.time_ns = 1000;
    rig.wait();
    ASSERT_EQ(rig.scheduler.run().status(), -100);
    // The second one has ended since; so it is well, and gets its time like the idle ones.
    rig.cores.fin(cube_of_second);
    rig.cores.on_idle = [&](uint32_t) {
        rig.cores.time_ns += 100;
        for (uint32_t core = 1; core < rig.cores.cores.size(); ++core) {
            rig.cores.cores[core].status = pto::AICORE_STATUS_EXITED;
        }
    };
    rig.leave();
    EXPECT_EQ(rig.cores.time_ns, 1100u);
    EXPECT_EQ(rig.cores.last_id(cube), pto::AICORE_DOORBELL_EXIT);
    for (uint32_t core = 1; core < rig.cores.cores.size(); ++core) {
        EXPECT_EQ(rig.cores.last_id(core), pto::AICORE_DOORBELL_IDLE) << core;
    }
    ASSERT_NE(rig.scheduler.diagnosis(), nullptr);
    EXPECT_EQ(rig.scheduler.diagnosis()->of(pto::Standstill::CORE_DID_NOT_LEAVE).count, 1u);
}

TEST(LeaveTest, releases_what_the_thread_held_back) {
    SchedulerRig rig;
    const PTO2TaskId task = rig.submit(0);
    rig.scheduler.submission().end_scope();
    rig.step();
    rig.leave();
    EXPECT_EQ(rig.state(task), pto::PTO2_TASK_CONSUMED);
}

TEST(LoopTest, runs_until_every_task_is_submitted_and_completed) {
    SchedulerRig rig;
    rig.cores.on_doorbell = [&](uint32_t core, uint32_t id) {
        if (pto::is_dispatch_id(id)) {
            rig.cores.fin(core, id);
        }
    };
    const PTO2TaskId first = rig.submit(aic);
    rig.submit(aiv0, {first});
    rig.cores.on_idle = [&](uint32_t) {
        if (rig.cores.idled == 4) {
            rig.submit(0);
            rig.scheduler.submission().finish();
        }
    };
    EXPECT_FALSE(rig.scheduler.is_finished());
    rig.scheduler.run_thread(0);
    EXPECT_TRUE(rig.scheduler.is_finished());
    EXPECT_EQ(rig.completed(), 3u);
    EXPECT_EQ(rig.cores.idled, 4u) << "it waited for the end of submission, and not longer";
    EXPECT_EQ(rig.cores.last_id(cube), pto::AICORE_DOORBELL_IDLE);
    EXPECT_EQ(rig.scheduler.finish_run(), 0);
    EXPECT_TRUE(rig.scheduler.is_clean());
}

TEST(LoopTest, a_stopped_run_is_left_at_once_with_releases_flushed_and_exit_sent) {
    SchedulerRig rig;
    const PTO2TaskId done = rig.submit(0);
    rig.submit(aic);
    rig.scheduler.submission().end_scope();
    rig.step();
    rig.scheduler.run().latch_error(9);
    rig.cores.fin(cube);
    rig.scheduler.run_thread(0);
    EXPECT_EQ(rig.state(done), pto::PTO2_TASK_CONSUMED);
    EXPECT_EQ(rig.completed(), 1u) << "no further turn";
    EXPECT_EQ(rig.cores.last_id(cube), pto::AICORE_DOORBELL_IDLE);
    EXPECT_EQ(rig.cores.idled, 0u);
}

}  // namespace
}  // namespace mailproof::test
