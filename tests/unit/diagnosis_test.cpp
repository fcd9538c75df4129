// The diagnosis of a run that stands still: each kind is planted, and the kind, its culprit and a
// hint have to be in the picture, which fits on a screen.
#include "src/runtime/diagnosis.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "tests/unit/scheduler_rig.h"

namespace mailproof::test {
namespace {

using pto::Diagnosis;
using pto::PTO2TaskId;
using pto::Standstill;

constexpr uint32_t cube = 0;
constexpr uint32_t vector0 = 1;

/// Is `kind` the likely cause, with `culprit` in its first line, and does the text say both and
/// what to look at?
::testing::AssertionResult blames(const Diagnosis& diagnosis, Standstill kind,
                                  const std::string& culprit) {
    const std::string text = diagnosis.text();
    if (!diagnosis.has_findings() || diagnosis.likely_cause() != kind) {
        return ::testing::AssertionFailure() << "another cause\n" << text;
    }
    const std::string wanted[] = {std::string(Diagnosis::name(kind)),
                                  "fix: " + std::string(Diagnosis::hint(kind)), culprit};
    for (const std::string& words : wanted) {
        if (text.find(words) == std::string::npos) {
            return ::testing::AssertionFailure() << "not found: " << words << "\n" << text;
        }
    }
    if (diagnosis.of(kind).culprits[0].find(culprit) == std::string::npos) {
        return ::testing::AssertionFailure() << "another culprit\n" << text;
    }
    const auto lines = std::count(text.begin(), text.end(), '\n');
    if (lines > static_cast<std::ptrdiff_t>(Diagnosis::lines_max)) {
        return ::testing::AssertionFailure() << lines << " lines\n" << text;
    }
    return ::testing::AssertionSuccess();
}

/// Lets the watchdog end the run, and all threads leave.
const Diagnosis& end_by_watchdog(SchedulerRig& rig) {
    rig.cores.on_idle = [&rig](uint32_t) { rig.cores.time_ns += 1000; };
    for (int i = 0; i < 3 && !rig.scheduler.run().is_stopped(); ++i) {
        rig.wait();
    }
    for (uint32_t thread = 0; thread < rig.scheduler.thread_count(); ++thread) {
        rig.leave(thread);
    }
    EXPECT_EQ(rig.scheduler.finish_run(), -100);
    EXPECT_NE(rig.scheduler.diagnosis(), nullptr);
    static const Diagnosis none;
    return rig.scheduler.diagnosis() == nullptr ? none : *rig.scheduler.diagnosis();
}

TEST(DiagnosisTest, of_a_silent_core) {
    SchedulerRig rig;
    rig.submit(aic);
    rig.step();
    const Diagnosis& diagnosis = end_by_watchdog(rig);
    EXPECT_TRUE(blames(diagnosis, Standstill::CORE_WITHOUT_ACK,
                       "core 0 (aic of cluster 0): task 0:0, dispatch 0; it says idle"));
    EXPECT_EQ(diagnosis.text().find("more\n"), std::string::npos) << diagnosis.text();
}

TEST(DiagnosisTest, of_a_core_that_never_acknowledged_what_was_dispatched_ahead) {
    SchedulerRig rig;
    rig.submit(aic);
    rig.submit(aic);
    rig.step();
    rig.cores.ack(cube, 0);
    rig.step();
    rig.cores.fin(cube, 0);
    const Diagnosis& diagnosis = end_by_watchdog(rig);
    EXPECT_TRUE(blames(diagnosis, Standstill::CORE_WITHOUT_ACK,
                       "core 0 (aic of cluster 0): task 0:1, dispatch 1"));
    EXPECT_EQ(diagnosis.of(Standstill::TASK_LOST).count, 0u) << diagnosis.text();
}

TEST(DiagnosisTest, of_a_lost_fin) {
    SchedulerRig rig;
    rig.submit(aiv0);
    rig.submit(aiv0, {}, 2);
    rig.step();
    rig.cores.ack(vector0);
    rig.cores.ack(vector0 + 1);
    rig.step();
    const Diagnosis& diagnosis = end_by_watchdog(rig);
    EXPECT_TRUE(blames(diagnosis, Standstill::CORE_WITHOUT_FIN,
                       "core 1 (aiv0 of cluster 0): task 0:0, dispatch 0; task 0:1 waits behind"));
}

TEST(DiagnosisTest, of_a_fin_that_no_thread_looks_at) {
    SchedulerRig rig(small_config(2), 2);
    rig.submit(aic);
    rig.step(1);
    rig.cores.fin(3);
    EXPECT_TRUE(blames(rig.scheduler.diagnose(), Standstill::FIN_NOT_SEEN,
                       "core 3 (aic of cluster 1) says FIN 0, and thread 1 has not looked"));
}

/// A task that left a condition on `counter`.
PTO2TaskId run_deferred(SchedulerRig& rig, const uint32_t& counter) {
    const PTO2TaskId task = rig.submit(aic);
    rig.step();
    pto::deferred_completion_slab_append(&rig.cores.cores[cube].slabs[rig.cores.last_id(cube) & 1],
                                         reinterpret_cast<uintptr_t>(&counter), 7, 0,
                                         pto::COMPLETION_TYPE_COUNTER);
    rig.cores.fin(cube);
    rig.step();
    return task;
}

TEST(DiagnosisTest, of_a_condition_that_never_holds) {
    SchedulerRig rig;
    uint32_t counter = 3;
    run_deferred(rig, counter);
    const Diagnosis& diagnosis = end_by_watchdog(rig);
    EXPECT_TRUE(blames(diagnosis, Standstill::CONDITION_OPEN, "task 0:0: counter at 0x"));
    EXPECT_NE(diagnosis.text().find("expected 7 or more, seen 3"), std::string::npos);
}

// As for a type that only the platform's table of backends knows.
TEST(DiagnosisTest, of_a_condition_of_another_type) {
    SchedulerRig rig;
    rig.submit(aic);
    rig.step();
    pto::deferred_completion_slab_append(&rig.cores.cores[cube].slabs[0], 0x1230, 77, 5, 0, 9);
    rig.cores.fin(cube);
    rig.step();
    EXPECT_EQ(rig.scheduler.run().status(), -101);
    EXPECT_TRUE(blames(rig.scheduler.diagnose(), Standstill::CONDITION_OPEN,
                       "task 0:0: type 9 at 0x1230 expected value 5, cookie 77"));
}

TEST(DiagnosisTest, of_an_unpublished_ticket) {
    SchedulerRig rig;
    uint64_t ticket = 0;
    ASSERT_EQ(rig.scheduler.mailbox().try_claim(1, ticket), 1u);
    uint32_t counter = 0;
    run_deferred(rig, counter);
    const Diagnosis& diagnosis = end_by_watchdog(rig);
    EXPECT_TRUE(blames(diagnosis, Standstill::TICKET_UNPUBLISHED,
                       "ticket 0 is claimed and not published; 1 ticket stands behind it"));
    EXPECT_EQ(diagnosis.of(Standstill::TASK_LOST).count, 0u)
        << "the mailbox has what is known of the task: " << diagnosis.text();
}

TEST(DiagnosisTest, of_a_lock_that_stays_taken) {
    SchedulerRig rig;
    uint32_t counter = 0;
    run_deferred(rig, counter);
    ASSERT_TRUE(rig.scheduler.wait_list().try_lock());
    const Diagnosis diagnosis = rig.scheduler.diagnose();
    EXPECT_TRUE(blames(diagnosis, Standstill::LOCK_HELD, "1 task waits there"));
    EXPECT_EQ(diagnosis.of(Standstill::TASK_LOST).count, 0u)
        << "the list has what is known of the task: " << diagnosis.text();
    rig.scheduler.wait_list().unlock();
}

TEST(DiagnosisTest, of_a_full_window_that_an_unfinished_task_holds) {
    SchedulerRig rig(small_config(1, 4), 1);
    auto& submission = rig.scheduler.submission();
    submission.begin_scope();
    const PTO2TaskId outer = rig.submit(aiv0);
    for (int i = 0; i < 3; ++i) {
        submission.begin_scope();
        rig.submit(aic, {outer});
        submission.end_scope();
    }
    submission.end_scope();
    submission.begin_scope();
    EXPECT_FALSE(submission.try_submit_task({.active_mask = aic}).task_id.is_valid());
    const Diagnosis diagnosis = rig.scheduler.diagnose();
    ASSERT_EQ(diagnosis.of(Standstill::WINDOW_FULL).count, 1u) << diagnosis.text();
    EXPECT_EQ(diagnosis.of(Standstill::WINDOW_FULL).culprits[0],
              "ring 1 is held by task 1:0, which has not completed; open scopes hold 0 of its 4 "
              "tasks");
    EXPECT_TRUE(blames(diagnosis, Standstill::TASK_WITHOUT_CORE,
                       "task 1:0 (aiv0): thread 0 has idle cores and does not take it"));
}

TEST(DiagnosisTest, of_a_release_that_is_not_given_back) {
    SchedulerRig rig(small_config(1, 4), 1);
    auto& submission = rig.scheduler.submission();
    for (int i = 0; i < 4; ++i) {
        submission.begin_scope();
        rig.submit(0);
        submission.end_scope();
    }
    rig.step();
    submission.begin_scope();
    EXPECT_FALSE(submission.try_submit_task({.active_mask = aic}).task_id.is_valid());
    const Diagnosis diagnosis = rig.scheduler.diagnose();
    EXPECT_TRUE(blames(diagnosis, Standstill::RELEASE_KEPT, "thread 0 keeps 4 completed tasks"));
    EXPECT_EQ(diagnosis.of(Standstill::WINDOW_FULL).culprits[0],
              "ring 1 is held by task 1:0, which has completed and is not released: 1 hold is left"
              "; open scopes hold 0 of its 4 tasks");
}

TEST(DiagnosisTest, of_releases_that_a_waiting_thread_has_given_back) {
    SchedulerRig rig(small_config(1, 4), 1);
    rig.submit(0);
    rig.step();
    EXPECT_EQ(rig.scheduler.diagnose().of(Standstill::RELEASE_KEPT).count, 1u);
    rig.wait();
    const Diagnosis diagnosis = rig.scheduler.diagnose();
    EXPECT_EQ(diagnosis.of(Standstill::RELEASE_KEPT).count, 0u) << diagnosis.text();
}

TEST(DiagnosisTest, of_a_full_window_that_a_scope_holds_in_part) {
    SchedulerRig rig(small_config(1, 4), 1);
    auto& submission = rig.scheduler.submission();
    submission.begin_scope();
    rig.submit(aiv0);
    submission.end_scope();
    submission.begin_scope();
    for (int i = 0; i < 3; ++i) {
        rig.submit(0);
    }
    rig.step();
    rig.wait();
    EXPECT_EQ(rig.refusal(0), 0) << "it waits";
    const Diagnosis diagnosis = rig.scheduler.diagnose();
    ASSERT_EQ(diagnosis.of(Standstill::WINDOW_FULL).count, 1u) << diagnosis.text();
    EXPECT_EQ(diagnosis.of(Standstill::WINDOW_FULL).culprits[0],
              "ring 1 is held by task 1:0, which has not completed; open scopes hold 3 of its 4 "
              "tasks");
}

TEST(DiagnosisTest, of_a_ready_task_without_a_core) {
    SchedulerRig rig;
    rig.submit(aic);
    rig.step();
    rig.submit(aic | aiv0);
    const Diagnosis& diagnosis = end_by_watchdog(rig);
    EXPECT_EQ(diagnosis.of(Standstill::TASK_WITHOUT_CORE).culprits[0],
              "task 0:1 (aic+aiv0): no cluster has all its cores idle");
    EXPECT_TRUE(blames(diagnosis, Standstill::CORE_WITHOUT_ACK, "task 0:0"));
}

TEST(DiagnosisTest, of_a_task_that_no_thread_takes) {
    SchedulerRig rig;
    rig.submit(aic);
    EXPECT_TRUE(blames(end_by_watchdog(rig), Standstill::TASK_WITHOUT_CORE,
                       "task 0:0 (aic): thread 0 has idle cores and does not take it"));
}

TEST(DiagnosisTest, of_a_task_for_the_second_vector_core) {
    SchedulerRig rig;
    rig.submit(aiv0);
    rig.step();
    rig.submit(aiv0);
    const Diagnosis diagnosis = rig.scheduler.diagnose();
    ASSERT_EQ(diagnosis.of(Standstill::TASK_WITHOUT_CORE).count, 1u) << diagnosis.text();
    EXPECT_EQ(diagnosis.of(Standstill::TASK_WITHOUT_CORE).culprits[0],
              "task 0:1 (aiv0): thread 0 has idle cores and does not take it");
}

TEST(DiagnosisTest, counts_the_pushes_that_met_a_full_mailbox) {
    SchedulerRig rig;
    rig.scheduler.wait_list().mpsc_skipped_count.store(3);
    EXPECT_EQ(rig.scheduler.diagnose().mpsc_skipped_count, 3u);
}

TEST(DiagnosisTest, of_a_lost_wake_up) {
    SchedulerRig rig;
    rig.submit(aic);
    rig.scheduler.queues().drop_all();
    EXPECT_TRUE(blames(end_by_watchdog(rig), Standstill::TASK_LOST,
                       "task 0:0: 0 of 1 subtasks have ended, and it is in no queue"));
}

TEST(DiagnosisTest, of_a_submission_that_is_not_finished) {
    SchedulerRig rig;
    rig.submit(0);
    rig.run_dry();
    rig.wait();
    EXPECT_TRUE(blames(rig.scheduler.diagnose(), Standstill::SUBMISSION_OPEN, "nothing is left"));
}

TEST(DiagnosisTest, of_a_core_that_does_not_leave) {
    SchedulerRig rig;
    rig.cores.cores[vector0].is_deaf = true;
    rig.submit(0);
    rig.run_dry();
    rig.scheduler.submission().finish();
    EXPECT_TRUE(
        blames(end_by_watchdog(rig), Standstill::CORE_DID_NOT_LEAVE, "core 1 (aiv0 of cluster 0)"));
}

TEST(DiagnosisTest, of_a_core_that_does_not_leave_a_run_without_an_error) {
    SchedulerRig rig;
    rig.cores.cores[vector0].is_deaf = true;
    rig.submit(0);
    rig.run_dry();
    rig.scheduler.submission().finish();
    rig.cores.on_idle = [&rig](uint32_t) { rig.cores.time_ns += 1000; };
    rig.leave();
    EXPECT_EQ(rig.scheduler.finish_run(), -100);
    ASSERT_NE(rig.scheduler.diagnosis(), nullptr);
    EXPECT_TRUE(blames(*rig.scheduler.diagnosis(), Standstill::CORE_DID_NOT_LEAVE,
                       "core 1 (aiv0 of cluster 0)"));
    EXPECT_EQ(rig.scheduler.diagnosis()->completed, 1u);
}

TEST(DiagnosisTest, of_a_good_run_there_is_none) {
    SchedulerRig rig;
    rig.submit(0);
    rig.run_dry();
    rig.scheduler.submission().finish();
    rig.leave();
    EXPECT_EQ(rig.scheduler.finish_run(), 0);
    EXPECT_EQ(rig.scheduler.diagnosis(), nullptr);
    EXPECT_FALSE(rig.scheduler.diagnose().has_findings());
    EXPECT_NE(rig.scheduler.diagnose().text().find("1 of 1 tasks completed"), std::string::npos);
}

TEST(DiagnosisTest, of_the_last_run_does_not_outlive_the_reset) {
    SchedulerRig rig;
    rig.submit(aic);
    rig.step();
    end_by_watchdog(rig);
    rig.scheduler.submission().finish();
    rig.scheduler.reset_for_reuse();
    EXPECT_EQ(rig.scheduler.diagnosis(), nullptr);
    const Diagnosis diagnosis = rig.scheduler.diagnose();
    EXPECT_EQ(diagnosis.likely_cause(), Standstill::SUBMISSION_OPEN) << diagnosis.text();
}

TEST(DiagnosisTest, fits_on_a_screen_with_findings_of_every_kind) {
    Diagnosis diagnosis;
    for (size_t kind = 0; kind < pto::STANDSTILLS; ++kind) {
        for (int i = 0; i < 100; ++i) {
            diagnosis.of(static_cast<Standstill>(kind)).add("culprit " + std::to_string(i));
        }
    }
    const std::string text = diagnosis.text();
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 40);
    EXPECT_NE(text.find("core without ACK: 100"), std::string::npos);
    EXPECT_NE(text.find("- and 94 more"), std::string::npos);
}

// A thread that watches from outside sees the same while the scheduler's thread waits in its loop.
TEST(DiagnosisTest, may_be_taken_beside_a_thread_that_waits) {
    SchedulerRig rig;
    uint32_t counter = 0;
    const PTO2TaskId task = run_deferred(rig, counter);
    std::thread loop([&] { rig.scheduler.run_thread(0); });
    for (int i = 0; i < 100; ++i) {
        const Diagnosis diagnosis = rig.scheduler.diagnose();
        EXPECT_EQ(diagnosis.of(Standstill::CONDITION_OPEN).count +
                      diagnosis.of(Standstill::LOCK_HELD).count,
                  1u)
            << diagnosis.text();
    }
    EXPECT_EQ(rig.state(task), pto::PTO2_TASK_PENDING);
    rig.scheduler.run().latch_error(9);
    loop.join();
    EXPECT_EQ(rig.scheduler.diagnosis(), nullptr) << "not a standstill";
}

// Its holder changes the wait list meanwhile, now and then for longer than a diagnosis waits.
TEST(DiagnosisTest, may_be_taken_beside_a_thread_that_holds_the_wait_list) {
    SchedulerRig rig;
    auto& list = rig.scheduler.wait_list();
    std::atomic<int> rounds_left = 20;
    // Relaxed: it must not order what a diagnosis reads before what the holder writes next.
    std::atomic<int> diagnoses = 0;
    std::thread holder([&] {
        while (rounds_left.load() != 0) {
            if (list.try_lock()) {
                list.entries[0] = {};
                for (int32_t i = 0; i < 200'000; ++i) {
                    list.count.store(1, std::memory_order_relaxed);
                }
                list.unlock();
                // One of them begins and ends while the lock is free.
                const int begun = diagnoses.load(std::memory_order_relaxed);
                while (diagnoses.load(std::memory_order_relaxed) < begun + 2) {
                    std::this_thread::yield();
                }
                --rounds_left;
            }
        }
    });
    while (rounds_left.load() != 0) {
        diagnoses.fetch_add(1, std::memory_order_relaxed);
        EXPECT_LE(rig.scheduler.diagnose().of(Standstill::LOCK_HELD).count, 1u);
    }
    holder.join();
}

}  // namespace
}  // namespace mailproof::test
