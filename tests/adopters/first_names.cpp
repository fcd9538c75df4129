// Unit tests as a runtime with the first set of names has them. All that they get is one include
// folder of one platform.
#include "aicore_completion_mailbox.h"
#include "aicore_completion_mailbox_types.h"
#include "pto_async_wait.h"
#include "pto_completion_token.h"
#include "pto_runtime2_types.h"
#include "scheduler/pto_scheduler.h"

using Id = PTO2TaskId;

#include "same_names.h"

static_assert(PTO2_ALIGN_SIZE == 64 && PTO2_ERROR_NONE == 0 && PTO2_ERROR_INVALID_ARGS == 5);
static_assert(PTO2_ERROR_SCHEDULER_TIMEOUT == 100 && PTO2_ERROR_ASYNC_COMPLETION_INVALID == 101);
static_assert(PTO2_ERROR_ASYNC_WAIT_OVERFLOW == 102);
static_assert(PTO2_ERROR_ASYNC_REGISTRATION_FAILED == 103 && PTO2_DEFERRED_RELEASE_CAP == 256);
static_assert(sizeof(PTO2TaskSlotState) == 64);

namespace {

class Runtime final : public PTO2SchedulerState {
  public:
    std::vector<PTO2TaskSlotState*> completed;
    std::vector<PTO2TaskSlotState*> released;

    void on_mixed_task_complete(PTO2TaskSlotState& slot, PTO2LocalReadyBuffer*) noexcept override {
        completed.push_back(&slot);
    }
    void on_task_release(PTO2TaskSlotState& slot) noexcept override { released.push_back(&slot); }
};

TEST_F(Drain, without_a_scheduler_makes_a_ready_entry) {
    PTO2TaskSlotState slot{};
    ASSERT_TRUE(mailbox->try_push_normal_done(PTO2TaskId::make(0, 5), address_of(slot)));
    int32_t error = -1;
    EXPECT_EQ(drain(error), 1);
    EXPECT_EQ(error, PTO2_ERROR_NONE);
    ASSERT_EQ(list->count, 1);
    EXPECT_EQ(list->entries[0].slot_state, &slot);
    EXPECT_TRUE(list->entries[0].normal_done);
    EXPECT_EQ(list->entries[0].waiting_completion_count, 0);
    EXPECT_EQ(slot.task_state.load(), PTO2_TASK_PENDING);
}

TEST_F(Drain, with_a_scheduler_completes_inline) {
    Runtime runtime;
    PTO2TaskSlotState slot{};
    PTO2TaskSlotState* releases[4] = {};
    int32_t release_count = 0;
    ASSERT_TRUE(mailbox->try_push_normal_done(PTO2TaskId::make(0, 5), address_of(slot)));
    AsyncWaitList::DrainCompletionSink sink{&runtime, nullptr, releases, &release_count, 4, 0};
    int32_t error = -1;
    ASSERT_TRUE(list->try_lock());
    EXPECT_EQ(list->drain_aicore_completion_mailbox_locked(mailbox, sink, error), 1);
    list->unlock();
    EXPECT_EQ(error, PTO2_ERROR_NONE);
    EXPECT_EQ(sink.inline_completed, 1);
    EXPECT_EQ(release_count, 1);
    EXPECT_EQ(releases[0], &slot);
    EXPECT_EQ(list->count, 0);
    EXPECT_EQ(slot.task_state.load(), PTO2_TASK_COMPLETED);
    const AsyncWaitList::DrainCompletionSink designated{.sched = &runtime,
                                                        .deferred_release_slot_states = releases,
                                                        .deferred_release_count = &release_count,
                                                        .deferred_release_capacity = 4};
    EXPECT_EQ(designated.inline_completed, 0);
}

TEST_F(Drain, then_a_poll_completes_the_task_once_its_counter_is_there) {
    Runtime runtime;
    PTO2TaskSlotState slot{};
    PTO2TaskSlotState* releases[PTO2_DEFERRED_RELEASE_CAP] = {};
    int32_t release_count = 0;
    uint32_t counter = 0;
    const PTO2TaskId token = PTO2TaskId::make(2, 5);
    ASSERT_TRUE(mailbox->try_push_condition(token, address_of(counter), 1, ASYNC_ENGINE_SDMA,
                                            COMPLETION_TYPE_COUNTER));
    ASSERT_TRUE(mailbox->try_push_normal_done(token, address_of(slot)));
    AsyncPollResult result = list->poll_and_complete<false>(
        mailbox, &runtime, nullptr, releases, release_count, PTO2_DEFERRED_RELEASE_CAP);
    EXPECT_EQ(result.completed, 0);
    EXPECT_EQ(list->count, 1);
    counter = 1;
    // With a thread's index, as a build that profiles its scheduler calls it.
    result = list->poll_and_complete<true>(mailbox, &runtime, nullptr, releases, release_count,
                                           PTO2_DEFERRED_RELEASE_CAP, 3);
    EXPECT_EQ(result.completed, 1);
    EXPECT_EQ(result.error_code, PTO2_ERROR_NONE);
    EXPECT_EQ(result.failed_slot_state, nullptr);
    EXPECT_EQ(runtime.completed, std::vector<PTO2TaskSlotState*>{&slot});
    EXPECT_EQ(release_count, 1);
    EXPECT_EQ(list->count, 0);
    result = list->poll_and_complete<false>(nullptr, nullptr, nullptr, nullptr, release_count, 0);
    EXPECT_EQ(result.completed, 0);
}

}  // namespace
