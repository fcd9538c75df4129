// Submission: what is refused, and that it leaves nothing; scopes; waiting for room; tokens
// across the wrap of task numbers.
#include "src/runtime/task_submission.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "tests/unit/scheduler_rig.h"

namespace mailproof::test {
namespace {

using pto::PTO2TaskId;

constexpr int32_t refused = pto::PTO2_ERROR_INVALID_ARGS;
const PTO2TaskId none = PTO2TaskId::invalid();

/// Everything that a submission changes, of the scheduler and of a task that it names.
struct Snapshot {
    std::vector<uint64_t> next_tasks;
    std::vector<uint64_t> ready;
    uint64_t submitted;
    int32_t holds;
    const void* consumers;
    bool operator==(const Snapshot&) const = default;
};

Snapshot snapshot_of(SchedulerRig& rig, PTO2TaskId named) {
    Snapshot snapshot{};
    for (uint32_t i = 0; i < rig.scheduler.ring_count(); ++i) {
        snapshot.next_tasks.push_back(rig.scheduler.ring(i).submitted());
    }
    for (uint8_t shape = 0; shape < pto::TASK_SHAPES; ++shape) {
        snapshot.ready.push_back(rig.ready(static_cast<pto::TaskShape>(shape)));
    }
    snapshot.submitted = rig.scheduler.run().submitted();
    snapshot.holds = rig.slot(named).fanout_count;
    snapshot.consumers = rig.slot(named).fanout_head;
    return snapshot;
}

void expect_refused(uint8_t mask, int32_t blocks, const SchedulerRig::Ids& after) {
    SchedulerRig rig;
    const PTO2TaskId existing = rig.submit(aic);
    // It stands first, so that a check that comes too late has already attached something.
    SchedulerRig::Ids dependencies = {existing};
    dependencies.insert(dependencies.end(), after.begin(), after.end());
    const Snapshot before = snapshot_of(rig, existing);
    EXPECT_EQ(rig.refusal(mask, dependencies, blocks), refused);
    EXPECT_EQ(snapshot_of(rig, existing), before) << "half-submitted";
    EXPECT_FALSE(rig.scheduler.run().is_stopped()) << "a refusal ends nothing";
    EXPECT_EQ(rig.submit(aic), PTO2TaskId::make(0, 1)) << "the next one is as if nothing was";
}

TEST(SubmissionTest, a_task_is_what_was_asked_for) {
    SchedulerRig rig;
    const auto result = rig.scheduler.submission().submit_task(
        {.active_mask = aic | aiv1, .block_num = 5, .kernel_addr = 11, .args_addr = 22});
    ASSERT_EQ(result.error_code, 0);
    EXPECT_EQ(result.task_id, PTO2TaskId::make(0, 0));
    const auto& slot = rig.slot(result.task_id);
    EXPECT_EQ(slot.active_mask, aic | aiv1);
    EXPECT_EQ(slot.logical_block_num, 5);
    EXPECT_EQ(slot.total_required_subtasks, 10);
    EXPECT_EQ(slot.payload->kernel_addr, 11u);
    EXPECT_EQ(slot.payload->args_addr, 22u);
    EXPECT_EQ(slot.fanin_count, 0);
    EXPECT_EQ(rig.scheduler.run().submitted(), 1u);
    EXPECT_EQ(rig.ready(pto::TaskShape::MIX_AIC_AIV1), 1u);
}

TEST(SubmissionTest, a_task_after_the_end_is_refused_in_a_new_scope_too) {
    SchedulerRig rig;
    const PTO2TaskId task = rig.submit(aic);
    rig.scheduler.submission().finish();
    const Snapshot before = snapshot_of(rig, task);
    EXPECT_EQ(rig.refusal(aic), refused);
    rig.scheduler.submission().begin_scope();
    EXPECT_EQ(rig.refusal(aic, {task}), refused);
    EXPECT_EQ(snapshot_of(rig, task), before) << "half-submitted";
    rig.run_dry();
    EXPECT_TRUE(rig.scheduler.is_finished());
    EXPECT_TRUE(rig.scheduler.is_clean());
}

TEST(SubmissionTest, a_task_after_the_end_is_refused_when_an_error_has_ended_the_run_too) {
    SchedulerRig rig;
    rig.scheduler.submission().finish();
    rig.scheduler.run().latch_error(-7);
    EXPECT_EQ(rig.refusal(aic), refused);
    EXPECT_EQ(rig.scheduler.submission().submit_task({}).error_code, refused);
    EXPECT_EQ(rig.scheduler.run().submitted(), 0u);
}

TEST(SubmissionTest, unknown_cores_are_refused) {
    constexpr uint8_t masks[] = {8, 9, 0x80, 0xFF};
    for (const uint8_t mask : masks) {
        expect_refused(mask, 1, {});
    }
}

TEST(SubmissionTest, fewer_blocks_than_one_are_refused) {
    for (const int32_t blocks : {0, -1, INT32_MIN}) {
        expect_refused(aiv0, blocks, {});
    }
}

TEST(SubmissionTest, subtasks_end_at_32767) {
    expect_refused(aic, 32768, {});
    expect_refused(aiv0 | aiv1, 16384, {});
    expect_refused(aic | aiv0 | aiv1, 10923, {});
    expect_refused(aic, INT32_MAX, {});
    SchedulerRig rig;
    EXPECT_EQ(rig.slot(rig.submit(aic, {}, 32767)).total_required_subtasks, 32767);
    EXPECT_EQ(rig.slot(rig.submit(aiv0 | aiv1, {}, 16383)).total_required_subtasks, 32766);
    EXPECT_EQ(rig.slot(rig.submit(7, {}, 10922)).total_required_subtasks, 32766);
}

TEST(SubmissionTest, a_dummys_blocks_are_not_looked_at) {
    SchedulerRig rig;
    for (const int32_t blocks : {0, -5, 1, 32768}) {
        const auto& slot = rig.slot(rig.submit(0, {}, blocks));
        EXPECT_EQ(slot.total_required_subtasks, 0);
        EXPECT_EQ(slot.logical_block_num, 0);
    }
    EXPECT_EQ(rig.ready(pto::TaskShape::DUMMY), 4u);
}

TEST(SubmissionTest, dependencies_that_were_never_submitted_are_refused) {
    expect_refused(aic, 1, {PTO2TaskId::make(0, 1)});            // itself
    expect_refused(aic, 1, {PTO2TaskId::make(0, 2)});            // the future
    expect_refused(aic, 1, {PTO2TaskId::make(0, 0xFFFFFFFF)});   // before the first
    expect_refused(aic, 1, {PTO2TaskId::make(0, 0x80000000u)});  // half a lap away
    expect_refused(aic, 1, {PTO2TaskId::make(1, 0)});            // another ring, still empty
    expect_refused(aic, 1, {PTO2TaskId::make(2, 0)});            // no such ring
    expect_refused(0, 1, {none});
}

TEST(SubmissionTest, more_dependencies_than_the_ring_has_records_are_refused) {
    SchedulerRig rig;
    const PTO2TaskId first = rig.submit(aic);
    rig.run_dry();
    rig.scheduler.submission().end_scope();
    rig.scheduler.submission().begin_scope();
    const Snapshot before = snapshot_of(rig, first);
    EXPECT_EQ(rig.refusal(aic, SchedulerRig::Ids(65, first)), refused);
    EXPECT_EQ(snapshot_of(rig, first), before);
    rig.submit(aic, SchedulerRig::Ids(64, first));
}

TEST(SubmissionTest, a_task_may_name_a_producer_several_times) {
    SchedulerRig rig;
    const PTO2TaskId producer = rig.submit(aic);
    const PTO2TaskId consumer = rig.submit(aiv0, {producer, producer, producer});
    EXPECT_EQ(rig.slot(producer).fanout_count, 2 + 3);
    rig.run_dry();
    EXPECT_EQ(rig.state(consumer), pto::PTO2_TASK_COMPLETED);
    rig.scheduler.submission().finish();
    EXPECT_EQ(rig.state(producer), pto::PTO2_TASK_CONSUMED);
    EXPECT_TRUE(rig.scheduler.is_clean());
}

TEST(SubmissionTest, a_completed_producer_is_a_dependency_that_is_met) {
    SchedulerRig rig;
    const PTO2TaskId producer = rig.submit(0);
    rig.run_dry();
    const PTO2TaskId pending = rig.submit(aic);
    const PTO2TaskId consumer = rig.submit(aiv0, {producer, pending, producer});
    EXPECT_EQ(rig.slot(producer).fanout_count, 2) << "no hold on it";
    EXPECT_EQ(rig.ready(pto::TaskShape::AIV), 0u);
    rig.run_dry();
    EXPECT_EQ(rig.state(consumer), pto::PTO2_TASK_COMPLETED);
    rig.scheduler.submission().finish();
    EXPECT_TRUE(rig.scheduler.is_clean());
}

TEST(SubmissionTest, without_a_scope_nothing_is_taken) {
    SchedulerRig rig;
    auto& submission = rig.scheduler.submission();
    EXPECT_TRUE(submission.end_scope());
    EXPECT_FALSE(submission.end_scope()) << "none is open";
    EXPECT_EQ(rig.refusal(aic), refused);
    submission.begin_scope();
    rig.submit(aic);
    submission.finish();
    EXPECT_TRUE(rig.scheduler.run().is_submission_finished());
    EXPECT_EQ(rig.refusal(aic), refused);
}

TEST(SubmissionTest, after_the_end_of_the_run_it_says_why) {
    SchedulerRig rig;
    rig.scheduler.run().latch_error(-7);
    EXPECT_EQ(rig.refusal(aic), -7);
    EXPECT_EQ(rig.refusal(0xFF), -7) << "before anything else is looked at";
    EXPECT_EQ(rig.scheduler.submission().submit_task({}).error_code, -7);
    EXPECT_EQ(rig.scheduler.run().submitted(), 0u);
}

// ----- waiting for room -----------------------------------------------------------------------

TEST(SubmissionWindowTest, a_window_that_a_scope_holds_is_a_refusal_and_not_a_wait) {
    SchedulerRig rig(small_config(1, 4));
    for (int i = 0; i < 4; ++i) {
        rig.submit(aic);
    }
    const Snapshot before = snapshot_of(rig, PTO2TaskId::make(0, 0));
    EXPECT_EQ(rig.refusal(aic), refused) << "it would wait for ever";
    EXPECT_EQ(snapshot_of(rig, PTO2TaskId::make(0, 0)), before);
    rig.run_dry();
    EXPECT_EQ(rig.refusal(aic), refused) << "completed, but still held";
    EXPECT_EQ(rig.cores.idled, 0u);
}

TEST(SubmissionWindowTest, it_waits_while_its_ring_is_full_and_takes_the_task_then) {
    SchedulerRig rig(small_config(1, 4));
    for (int i = 0; i < 4; ++i) {
        rig.submit(0);
    }
    rig.scheduler.submission().end_scope();
    rig.scheduler.submission().begin_scope();
    EXPECT_EQ(rig.refusal(0), 0) << "not an error, not taken";
    rig.cores.on_idle = [&](uint32_t thread) {
        EXPECT_EQ(thread, 1u) << "numbered after the scheduler threads";
        if (rig.cores.idled == 3) {
            rig.run_dry();
        }
    };
    const auto result = rig.scheduler.submission().submit_task({});
    EXPECT_EQ(result.error_code, 0);
    EXPECT_EQ(result.task_id, PTO2TaskId::make(0, 4));
    EXPECT_EQ(rig.cores.idled, 3u);
}

TEST(SubmissionWindowTest, it_waits_for_dependency_records_too) {
    SchedulerRig rig(small_config(1, 4));
    const PTO2TaskId first = rig.submit(0);
    rig.submit(0, {first, first});
    rig.scheduler.submission().end_scope();
    rig.scheduler.submission().begin_scope();
    EXPECT_EQ(rig.refusal(0, {first, first, first}), 0);
    rig.run_dry();
    rig.submit(0, {first, first, first});
    EXPECT_EQ(rig.refusal(0, {first, first}), refused) << "the scope holds the others";
}

TEST(SubmissionWindowTest, a_wait_ends_with_the_run) {
    SchedulerRig rig(small_config(1, 4));
    for (int i = 0; i < 4; ++i) {
        rig.submit(0);
    }
    rig.scheduler.submission().end_scope();
    rig.scheduler.submission().begin_scope();
    rig.cores.on_idle = [&](uint32_t) {
        if (rig.cores.idled == 2) {
            rig.scheduler.run().latch_error(100);
        }
        if (rig.cores.idled == 100) {
            rig.run_dry();  // who still waits is let through, and found out below
        }
    };
    const auto result = rig.scheduler.submission().submit_task({});
    EXPECT_EQ(result.error_code, 100);
    EXPECT_FALSE(result.task_id.is_valid());
    EXPECT_EQ(rig.cores.idled, 2u);
}

// ----- scopes ---------------------------------------------------------------------------------

TEST(ScopeTest, each_depth_has_a_ring_and_the_last_serves_all_that_are_deeper) {
    pto::SchedulerConfig config = small_config();
    config.ring_count = 3;
    config.ready_queue_capacity = 256;
    SchedulerRig rig(config);
    auto& submission = rig.scheduler.submission();
    const uint32_t ring_at[] = {0, 1, 2, 2, 2};
    for (uint32_t depth = 0; depth < 5; ++depth) {
        EXPECT_EQ(rig.submit(0).ring(), ring_at[depth]) << depth;
        submission.begin_scope();
    }
    for (uint32_t depth = 5; depth-- > 0;) {
        EXPECT_TRUE(submission.end_scope());
        EXPECT_EQ(rig.submit(0).ring(), ring_at[depth]) << depth;
    }
    rig.run_dry();
    submission.finish();
    EXPECT_TRUE(rig.scheduler.is_clean());
}

TEST(ScopeTest, a_scope_holds_its_tasks_and_only_those) {
    SchedulerRig rig;
    auto& submission = rig.scheduler.submission();
    const PTO2TaskId outer = rig.submit(0);
    submission.begin_scope();
    const PTO2TaskId inner = rig.submit(0, {outer});
    rig.run_dry();
    EXPECT_EQ(rig.state(inner), pto::PTO2_TASK_COMPLETED);
    submission.end_scope();
    EXPECT_EQ(rig.state(inner), pto::PTO2_TASK_CONSUMED);
    EXPECT_EQ(rig.state(outer), pto::PTO2_TASK_COMPLETED);
    submission.end_scope();
    EXPECT_EQ(rig.state(outer), pto::PTO2_TASK_CONSUMED);
}

// The oldest task that an open scope holds decides between "wait" and "never": also where several
// scopes share a ring, and after an inner one has ended.
TEST(ScopeTest, scopes_that_share_a_ring_hold_it_from_the_oldest_task_on) {
    pto::SchedulerConfig config = small_config(1, 4);
    config.ring_count = 1;
    SchedulerRig rig(config);
    auto& submission = rig.scheduler.submission();
    submission.begin_scope();
    rig.submit(0);
    rig.submit(0);
    submission.end_scope();
    rig.submit(0);  // of the outer scope, and the oldest that is held
    submission.begin_scope();
    rig.submit(0);
    EXPECT_EQ(rig.refusal(0), 0) << "the first two are not held";
    rig.run_dry();
    rig.submit(0);
    rig.submit(0);
    EXPECT_EQ(rig.refusal(0), refused);
    submission.end_scope();
    EXPECT_EQ(rig.refusal(0), refused) << "the outer scope's task is in front";
    rig.run_dry();
    EXPECT_EQ(rig.refusal(0), refused);
}

TEST(ScopeTest, an_empty_inner_scope_changes_nothing_for_the_outer) {
    pto::SchedulerConfig config = small_config(1, 4);
    config.ring_count = 1;
    SchedulerRig rig(config);
    auto& submission = rig.scheduler.submission();
    for (int i = 0; i < 3; ++i) {
        submission.begin_scope();
        submission.end_scope();
    }
    for (int i = 0; i < 4; ++i) {
        rig.submit(0);
    }
    EXPECT_EQ(rig.refusal(0), refused);
}

// ----- the wrap of task numbers ---------------------------------------------------------------

TEST(SubmissionWrapTest, dependencies_hold_across_the_wrap_of_task_numbers) {
    SchedulerRig rig;
    rig.scheduler.reset_for_reuse((uint64_t{1} << 32) - 3);
    SchedulerRig::Ids chain = {rig.submit(0)};
    EXPECT_EQ(chain.front(), PTO2TaskId::make(0, 0xFFFFFFFD));
    for (int i = 0; i < 5; ++i) {
        chain.push_back(rig.submit(0, {chain.back(), chain.front()}));
    }
    EXPECT_EQ(chain.back(), PTO2TaskId::make(0, 2));
    EXPECT_EQ(rig.slot(chain.front()).fanout_count, 2 + 6);
    EXPECT_EQ(rig.refusal(0, {PTO2TaskId::make(0, 0xFFFFFFFC)}), refused) << "before the first";
    EXPECT_EQ(rig.refusal(0, {PTO2TaskId::make(0, 3)}), refused) << "itself";
    rig.run_dry();
    rig.scheduler.submission().finish();
    EXPECT_EQ(rig.completed(), 6u);
    EXPECT_EQ(rig.scheduler.finish_run(), 0);
    EXPECT_TRUE(rig.scheduler.is_clean());
}

TEST(SubmissionWrapTest, tasks_of_the_run_before_are_not_known_any_more) {
    SchedulerRig rig;
    const PTO2TaskId before = rig.submit(0);
    rig.run_dry();
    rig.scheduler.submission().finish();
    rig.scheduler.reset_for_reuse(1);
    EXPECT_EQ(rig.refusal(0, {before}), refused);
    EXPECT_EQ(rig.submit(0), PTO2TaskId::make(0, 1));
    EXPECT_EQ(rig.refusal(0, {before}), refused);
}

}  // namespace
}  // namespace mailproof::test
