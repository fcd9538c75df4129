// The scheduler as a whole: sizes that it refuses, how a run ends, what counts as clean, and the
// next run.
#include "src/runtime/scheduler.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/unit/scheduler_rig.h"

namespace mailproof::test {
namespace {

using pto::PTO2TaskId;

// ----- sizes ----------------------------------------------------------------------------------

using Change = std::function<void(pto::SchedulerConfig&)>;

void expect_invalid(const char* what, uint32_t clusters, const Change& change) {
    FakeCores cores(clusters);
    pto::SchedulerConfig config = small_config();
    change(config);
    EXPECT_THROW(SchedulerRig::Scheduler(cores, config), std::invalid_argument) << what;
}

TEST(SchedulerSizesTest, bad_ones_are_refused) {
    using Config = pto::SchedulerConfig;
    expect_invalid("no thread", 1, [](Config& c) { c.thread_count = 0; });
    expect_invalid("no ring", 1, [](Config& c) { c.ring_count = 0; });
    expect_invalid("257 rings", 1, [](Config& c) {
        c.ring_count = 257;
        c.ready_queue_capacity = 65536;
    });
    expect_invalid("no window", 1, [](Config& c) { c.window = 0; });
    expect_invalid("an odd window", 1, [](Config& c) { c.window = 48; });
    expect_invalid("no records", 1, [](Config& c) { c.dependency_capacity = 0; });
    expect_invalid("odd records", 1, [](Config& c) { c.dependency_capacity = 100; });
    expect_invalid("an odd queue", 1, [](Config& c) { c.ready_queue_capacity = 129; });
    expect_invalid("no queue", 1, [](Config& c) { c.ready_queue_capacity = 0; });
    expect_invalid("a queue that could be full", 1, [](Config& c) { c.ready_queue_capacity = 64; });
    expect_invalid("no dummies", 1, [](Config& c) { c.dummy_batch = 0; });
    expect_invalid("no cluster", 0, [](Config&) {});
    expect_invalid("65 clusters", 65, [](Config&) {});
}

std::string refusal(uint32_t clusters, const Change& change) {
    FakeCores cores(clusters);
    pto::SchedulerConfig config = small_config();
    change(config);
    try {
        const SchedulerRig::Scheduler scheduler(cores, config);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "accepted";
}

TEST(SchedulerSizesTest, a_refusal_names_the_field_its_value_and_the_range) {
    using Config = pto::SchedulerConfig;
    EXPECT_EQ(refusal(1, [](Config& c) { c.thread_count = 0; }),
              "scheduler: thread_count 0: must be 1 to 4294967295");
    EXPECT_EQ(refusal(1, [](Config& c) { c.ring_count = 257; }),
              "scheduler: ring_count 257: must be 1 to 256");
    EXPECT_EQ(refusal(1, [](Config& c) { c.window = 48; }),
              "scheduler: window 48: must be a power of two, 1 to 2147483648");
    EXPECT_EQ(refusal(1, [](Config& c) { c.dependency_capacity = 100; }),
              "scheduler: dependency_capacity 100: must be a power of two, 1 to 2147483648");
    EXPECT_EQ(refusal(1, [](Config& c) { c.ready_queue_capacity = 64; }),
              "scheduler: ready_queue_capacity 64: must be a power of two, "
              "128 to 9223372036854775808");
    EXPECT_EQ(refusal(1, [](Config& c) { c.dummy_batch = 0; }),
              "scheduler: dummy_batch 0: must be 1 to 4294967295");
    EXPECT_EQ(refusal(65, [](Config&) {}), "scheduler: cluster_count 65: must be 1 to 64");
}

TEST(SchedulerSizesTest, a_product_beyond_32_bits_is_not_taken_for_a_small_one) {
    expect_invalid("2^31 slots in each of two rings", 1, [](pto::SchedulerConfig& c) {
        c.window = uint32_t{1} << 31;
        c.ready_queue_capacity = 65536;
    });
}

TEST(SchedulerSizesTest, the_smallest_and_the_most_clusters_work) {
    pto::SchedulerConfig config = small_config(1, 1);
    config.ring_count = 1;
    config.ready_queue_capacity = 1;
    for (const uint32_t clusters : {1u, 64u}) {
        SchedulerRig rig(config, clusters);
        rig.submit(aic);
        rig.run_dry();
        rig.scheduler.submission().finish();
        EXPECT_TRUE(rig.scheduler.is_finished());
        EXPECT_TRUE(rig.scheduler.is_clean());
    }
}

TEST(SchedulerSizesTest, the_defaults_are_the_contracts) {
    const pto::SchedulerConfig config;
    EXPECT_EQ(config.ring_count, 4u);
    EXPECT_EQ(config.window, 16384u);
    EXPECT_EQ(config.ready_queue_capacity, 65536u);
    EXPECT_EQ(config.dummy_batch, 16u);
    EXPECT_EQ(config.watchdog_limit_ns, 10'000'000'000u);
    FakeCores cores(1);
    const auto scheduler = std::make_unique<SchedulerRig::Scheduler>(cores, config);
    EXPECT_EQ(scheduler->ring_count(), 4u);
    EXPECT_EQ(scheduler->thread_count(), 1u);
    EXPECT_EQ(scheduler->ring(3).window(), 16384u);
    EXPECT_TRUE(scheduler->is_clean());
}

// ----- the end of a run -----------------------------------------------------------------------

/// A run whose tasks are completed and whose submission is finished.
struct FinishedRun : SchedulerRig {
    FinishedRun() {
        const PTO2TaskId first = submit(aic);
        submit(0, {first});
        run_dry();
        scheduler.submission().finish();
        EXPECT_TRUE(scheduler.is_finished());
    }
    void push_late_condition() {
        ASSERT_TRUE(scheduler.mailbox().try_push_condition(0, reinterpret_cast<uintptr_t>(&never),
                                                           1, 0, pto::COMPLETION_TYPE_COUNTER));
    }
    uint32_t never = 0;
};

TEST(RunEndTest, a_good_run_has_status_0_and_is_clean) {
    FinishedRun rig;
    EXPECT_EQ(rig.scheduler.finish_run(), 0);
    EXPECT_TRUE(rig.scheduler.is_clean());
}

TEST(RunEndTest, a_message_left_in_the_mailbox_is_103) {
    FinishedRun rig;
    rig.push_late_condition();
    EXPECT_FALSE(rig.scheduler.is_clean());
    EXPECT_EQ(rig.scheduler.finish_run(), -103);
}

TEST(RunEndTest, a_task_left_on_the_wait_list_is_103) {
    FinishedRun rig;
    rig.push_late_condition();
    EXPECT_EQ(rig.scheduler.completion().poll_conditions(rig.scheduler.thread(0)), 0);
    EXPECT_FALSE(rig.scheduler.mailbox().has_pending());
    EXPECT_FALSE(rig.scheduler.is_clean());
    EXPECT_EQ(rig.scheduler.finish_run(), -103);
}

TEST(RunEndTest, an_error_that_only_the_wait_list_knows_is_the_runs) {
    FinishedRun rig;
    rig.scheduler.wait_list().error_code = 102;
    EXPECT_EQ(rig.scheduler.finish_run(), -102);
}

TEST(RunEndTest, the_first_error_stays_in_spite_of_leftovers) {
    FinishedRun rig;
    rig.push_late_condition();
    rig.scheduler.run().latch_error(-4);
    EXPECT_EQ(rig.scheduler.finish_run(), -4);
}

TEST(RunEndTest, a_run_is_not_finished_before_submission_is_nor_before_its_last_task) {
    SchedulerRig rig;
    rig.submit(aic);
    EXPECT_FALSE(rig.scheduler.is_finished());
    rig.run_dry();
    EXPECT_FALSE(rig.scheduler.is_finished()) << "a task might follow";
    rig.submit(aic);
    rig.scheduler.submission().finish();
    EXPECT_FALSE(rig.scheduler.is_finished());
    rig.run_dry();
    EXPECT_TRUE(rig.scheduler.is_finished());
}

TEST(RunEndTest, is_unclean_in_every_way_there_is) {
    const auto is_unclean_with = [](const char* what, auto&& leave) {
        FinishedRun rig;
        leave(rig);
        EXPECT_FALSE(rig.scheduler.is_clean()) << what;
    };
    is_unclean_with("a message", [](FinishedRun& rig) { rig.push_late_condition(); });
    is_unclean_with("a waiting task", [](FinishedRun& rig) { ++rig.scheduler.wait_list().count; });
    is_unclean_with("a taken lock",
                    [](FinishedRun& rig) { EXPECT_TRUE(rig.scheduler.wait_list().try_lock()); });
    is_unclean_with("a task that is not consumed",
                    [](FinishedRun& rig) { rig.scheduler.ring(1).open_task(0); });
    is_unclean_with("a task that is not released", [](FinishedRun& rig) {
        rig.scheduler.thread(0).releases[0] = &rig.scheduler.ring(0).slot(0);
        rig.scheduler.thread(0).release_count = 1;
    });
    is_unclean_with("a ready task", [](FinishedRun& rig) {
        auto& slot = rig.scheduler.ring(0).slot(0);
        rig.scheduler.queues().queue(pto::TaskShape::AIC).push(&slot);
    });
}

// ----- the next run ---------------------------------------------------------------------------

/// A run like any other, from the beginning to its clean end.
void expect_good_run(SchedulerRig& rig) {
    EXPECT_FALSE(rig.scheduler.run().is_stopped());
    EXPECT_FALSE(rig.scheduler.is_finished());
    EXPECT_TRUE(rig.scheduler.is_clean());
    const uint64_t before = rig.scheduler.ring(0).submitted();
    const PTO2TaskId cube_task = rig.submit(aic);
    const PTO2TaskId mix_task = rig.submit(7, {cube_task}, 2);
    rig.submit(0, {cube_task, mix_task});
    rig.run_dry();
    rig.scheduler.submission().finish();
    EXPECT_TRUE(rig.scheduler.is_finished());
    EXPECT_EQ(rig.completed(), 3u);
    EXPECT_EQ(rig.scheduler.finish_run(), 0);
    EXPECT_TRUE(rig.scheduler.is_clean());
    EXPECT_EQ(rig.scheduler.ring(0).consumed(), before + 3);
}

TEST(NextRunTest, follows_a_good_run) {
    SchedulerRig rig;
    for (int i = 0; i < 3; ++i) {
        expect_good_run(rig);
        rig.leave();
        rig.scheduler.reset_for_reuse();
    }
}

// The word of a core that did not leave still speaks of its last dispatch; the next run must not
// take it for its own first.
TEST(NextRunTest, gives_a_core_an_id_that_its_word_does_not_speak_of) {
    SchedulerRig rig;
    rig.cores.cores[0].is_deaf = true;
    rig.cores.on_idle = [&](uint32_t) { rig.cores.time_ns += 1000; };
    rig.submit(aic);
    rig.run_dry();
    rig.leave();
    EXPECT_EQ(rig.scheduler.finish_run(), -100);
    rig.scheduler.submission().finish();
    rig.scheduler.reset_for_reuse();
    rig.cores.on_doorbell = {};
    const PTO2TaskId task = rig.submit(aic);
    EXPECT_TRUE(rig.step());
    EXPECT_EQ(rig.cores.last_id(0), 1u);
    EXPECT_FALSE(rig.step());
    EXPECT_EQ(rig.state(task), pto::PTO2_TASK_PENDING);
}

// Slots, mailbox, wait list and queues are as the aborted run left them.
TEST(NextRunTest, thousands_of_runs_follow_aborted_ones_on_the_same_rings) {
    SchedulerRig rig(small_config(1, 32), 2);
    uint32_t counter = 0;
    for (uint32_t round = 0; round < 3000; ++round) {
        rig.scheduler.reset_for_reuse(round % 7);
        rig.cores.on_doorbell = {};
        auto& submission = rig.scheduler.submission();
        const PTO2TaskId deferred = rig.submit(aic);
        rig.step();
        pto::deferred_completion_slab_append(&rig.cores.cores[0].slabs[rig.cores.last_id(0) & 1],
                                             reinterpret_cast<uintptr_t>(&counter), 1, 0,
                                             pto::COMPLETION_TYPE_COUNTER);
        submission.begin_scope();
        for (uint32_t i = 0; i < 20; ++i) {
            rig.submit(i % 3 == 0 ? 0 : aiv0,
                       i % 2 == 0 ? SchedulerRig::Ids{deferred} : SchedulerRig::Ids{});
        }
        rig.cores.fin(0);
        for (uint32_t i = 0; i < round % 4; ++i) {
            rig.step();
        }
        rig.scheduler.run().latch_error(9);
        rig.leave();
        submission.finish();
        ASSERT_EQ(rig.scheduler.finish_run(), -9);
        rig.scheduler.reset_for_reuse(round % 5);
        expect_good_run(rig);
        rig.leave();
    }
}

TEST(NextRunTest, may_begin_at_any_number_and_pass_2_to_64) {
    for (const uint64_t first : {~uint64_t{0}, ~uint64_t{0} - 7, uint64_t{1} << 63}) {
        SchedulerRig rig(small_config(1, 4));
        rig.scheduler.reset_for_reuse(first);
        auto& submission = rig.scheduler.submission();
        for (int i = 0; i < 20; ++i) {
            submission.begin_scope();
            const PTO2TaskId task = rig.submit(aic);
            rig.submit(aiv0, {task});
            submission.end_scope();
            rig.run_dry();
        }
        submission.finish();
        EXPECT_EQ(rig.scheduler.ring(1).consumed(), first + 40);
        EXPECT_EQ(rig.scheduler.finish_run(), 0);
        EXPECT_TRUE(rig.scheduler.is_clean());
    }
}

TEST(NextRunTest, another_scheduler_on_used_cores_continues_their_ids) {
    FakeCores cores(1);
    cores.cores[0].status = pto::AICORE_REG_FIN | 6;
    cores.cores[1].status = pto::AICORE_REG_FIN | (pto::AICORE_REG_RESERVED - 1);
    const auto scheduler = std::make_unique<SchedulerRig::Scheduler>(cores, small_config());
    scheduler->submission().try_submit_task({.active_mask = 7});
    scheduler->dispatch().step(scheduler->thread(0));
    EXPECT_EQ(cores.last_id(0), 7u);
    EXPECT_EQ(cores.last_id(1), 0u) << "after the reserved ones, and even";
    EXPECT_EQ(cores.last_id(2), 0u) << "never used";
}

TEST(NextRunTest, may_have_another_limit_for_its_watchdog) {
    SchedulerRig rig(small_config(2));
    rig.scheduler.set_watchdog_limit(5000);
    rig.submit(aic);
    rig.step(0);
    for (uint32_t thread = 0; thread < 2; ++thread) {
        rig.cores.time_ns = 0;
        rig.wait(thread);
        rig.cores.time_ns = 4999;
        rig.wait(thread);
        EXPECT_FALSE(rig.scheduler.run().is_stopped()) << "thread " << thread;
    }
    rig.cores.time_ns = 5000;
    rig.wait(1);
    EXPECT_EQ(rig.scheduler.run().status(), -100);
}

/// A run in the middle of everything, to be ended by an error.
void begin_run(SchedulerRig& rig) {
    rig.cores.on_doorbell = {};
    const PTO2TaskId first = rig.submit(0);
    const PTO2TaskId second = rig.submit(aic, {first});
    rig.submit(7, {first, second}, 3);
    rig.submit(aiv0, {}, 5);
    rig.scheduler.submission().begin_scope();
    rig.submit(aic, {second});
    rig.step();
    rig.step();
}

/// Ends the run as its threads do, makes the cores as good as new, and runs another one.
void expect_error_then_good_run(int32_t status, const std::function<void(SchedulerRig&)>& fail) {
    SchedulerRig rig;
    begin_run(rig);
    fail(rig);
    EXPECT_TRUE(rig.scheduler.run().is_stopped());
    rig.scheduler.submission().finish();
    rig.scheduler.run_thread(0);
    EXPECT_EQ(rig.scheduler.finish_run(), status);
    for (auto& core : rig.cores.cores) {
        core = {};
    }
    rig.scheduler.reset_for_reuse(1000);
    EXPECT_EQ(rig.scheduler.wait_list().mpsc_skipped_count, 0u);
    expect_good_run(rig);
}

TEST(NextRunTest, follows_a_slab_error) {
    expect_error_then_good_run(-7, [](SchedulerRig& rig) {
        rig.cores.cores[0].slabs[0].error_code = -7;
        rig.cores.fin(0);
        rig.step();
    });
}

TEST(NextRunTest, follows_a_condition_that_cannot_be_tested) {
    expect_error_then_good_run(-101, [](SchedulerRig& rig) {
        pto::deferred_completion_slab_append(&rig.cores.cores[0].slabs[0], 0, 1, 0, 0);
        rig.cores.fin(0);
        rig.step();
    });
}

TEST(NextRunTest, follows_an_overflow_of_the_wait_list) {
    expect_error_then_good_run(-102, [](SchedulerRig& rig) {
        const uint32_t never = 0;
        for (uint32_t task = 0; task < 65; ++task) {
            rig.scheduler.mailbox().try_push_condition(task, reinterpret_cast<uintptr_t>(&never), 1,
                                                       0, 0);
        }
        rig.step();
        EXPECT_EQ(rig.scheduler.wait_list().count, 64);
    });
}

TEST(NextRunTest, follows_a_message_that_contradicts_the_protocol) {
    expect_error_then_good_run(-103, [](SchedulerRig& rig) {
        rig.scheduler.mailbox().try_push_normal_done(0, 0);
        rig.scheduler.mailbox().try_push_normal_done(0, 0);
        rig.step();
        EXPECT_TRUE(rig.scheduler.mailbox().has_pending()) << "the second one stays";
    });
}

TEST(NextRunTest, follows_a_core_that_did_not_answer) {
    expect_error_then_good_run(-100, [](SchedulerRig& rig) {
        rig.wait();
        rig.cores.time_ns += 1000;
        rig.wait();
    });
}

}  // namespace
}  // namespace mailproof::test
