// Unit tests as a runtime with the later names has them. All that they get is one include folder of
// one platform.
#include "aicore_completion_mailbox.h"
#include "aicore_completion_mailbox_types.h"
#include "async_wait.h"
#include "completion_token.h"
#include "runtime_types.h"
#include "scheduler/scheduler.h"

using Id = TaskId;

#include "same_names.h"

static_assert(CHIP_ALIGN_SIZE == 64 && SIMPLER_ERROR_NONE == 0 && SIMPLER_ERROR_INVALID_ARGS == 5);
static_assert(SIMPLER_ERROR_SCHEDULER_TIMEOUT == 100);
static_assert(SIMPLER_ERROR_ASYNC_COMPLETION_INVALID == 101);
static_assert(SIMPLER_ERROR_ASYNC_WAIT_OVERFLOW == 102);
static_assert(SIMPLER_ERROR_ASYNC_REGISTRATION_FAILED == 103);
static_assert(sizeof(ChipTaskSlotState) == 64);

namespace {

class Runtime final : public SchedulerState {
  public:
    std::vector<ChipTaskSlotState*> completed;
    std::vector<ChipTaskSlotState*> released;

    void on_task_complete(ChipTaskSlotState& slot) noexcept override { completed.push_back(&slot); }
    void on_task_release(ChipTaskSlotState& slot) noexcept override { released.push_back(&slot); }
};

TEST_F(Drain, with_a_scheduler_completes_inline) {
    Runtime runtime;
    ChipTaskSlotState slot{};
    ChipTaskSlotState* releases[4] = {};
    int32_t release_count = 0;
    ASSERT_TRUE(mailbox->try_push_normal_done(TaskId::make(0, 5), address_of(slot)));
    AsyncWaitList::DrainCompletionSink sink{&runtime, releases, &release_count, 4, 0};
    int32_t error = -1;
    ASSERT_TRUE(list->try_lock());
    EXPECT_EQ(list->drain_aicore_completion_mailbox_locked(mailbox, sink, error), 1);
    list->unlock();
    EXPECT_EQ(error, SIMPLER_ERROR_NONE);
    EXPECT_EQ(sink.inline_completed, 1);
    EXPECT_EQ(release_count, 1);
    EXPECT_EQ(releases[0], &slot);
    EXPECT_EQ(runtime.completed, std::vector<ChipTaskSlotState*>{&slot});
}

TEST_F(Drain, then_a_poll_completes_the_tasks_whose_posts_have_ended) {
    Runtime runtime;
    ChipTaskSlotState slots[2] = {};
    int32_t release_count = 0;
    uint64_t record = 0;
    for (uint32_t i = 0; i < 2; ++i) {
        ASSERT_TRUE(mailbox->try_push_condition(TaskId::make(0, i), address_of(record), 10 + i, 0,
                                                ASYNC_ENGINE_SDMA,
                                                COMPLETION_TYPE_SDMA_EVENT_RECORD));
        ASSERT_TRUE(mailbox->try_push_normal_done(TaskId::make(0, i), address_of(slots[i])));
    }
    AsyncPollResult result =
        list->poll_and_complete<false>(mailbox, &runtime, nullptr, release_count, 0);
    EXPECT_EQ(result.completed, 0);
    EXPECT_EQ(list->count, 2);
    record = 10;
    result = list->poll_and_complete<true>(mailbox, &runtime, nullptr, release_count, 0, 3);
    EXPECT_EQ(result.completed, 1);
    EXPECT_EQ(runtime.released, std::vector<ChipTaskSlotState*>{&slots[0]}) << "released at once";
    EXPECT_EQ(record, 10u);
    record = 12;
    result = list->poll_and_complete<false>(mailbox, &runtime, nullptr, release_count, 0);
    EXPECT_EQ(result.completed, 1);
    EXPECT_EQ(list->count, 0);
}

TEST_F(Drain, is_as_new_after_a_reset) {
    ASSERT_TRUE(mailbox->try_push_condition(TaskId::make(0, 1), 0, 1, 0, COMPLETION_TYPE_COUNTER));
    int32_t release_count = 0;
    EXPECT_EQ(
        (list->poll_and_complete<false>(mailbox, nullptr, nullptr, release_count, 0)).error_code,
        SIMPLER_ERROR_ASYNC_COMPLETION_INVALID);
    EXPECT_EQ(list->count, 1);
    list->reset_for_reuse();
    EXPECT_EQ(list->count, 0);
    EXPECT_EQ(
        (list->poll_and_complete<false>(mailbox, nullptr, nullptr, release_count, 0)).error_code,
        SIMPLER_ERROR_NONE);
}

TEST_F(Drain, can_be_described) {
    for (uint32_t i = 0; i < 20; ++i) {
        ASSERT_TRUE(mailbox->try_push_condition(TaskId::make(2, i), 0x1234560, 77, 5, 0, 1));
    }
    int32_t error = -1;
    drain(error);
    const auto text = [this](const AICoreCompletionMailbox* described, bool warn) {
        ::testing::internal::CaptureStderr();
        list->log_diagnostics(described, "a test", warn);
        return ::testing::internal::GetCapturedStderr();
    };
    const std::string whole = text(mailbox, /*warn=*/true);
    EXPECT_EQ(whole.find("warning: wait list: a test: 20 tasks wait, error 0"), 0u) << whole;
    EXPECT_NE(whole.find("the next ticket is 20, the next to drain is 20"), std::string::npos);
    EXPECT_NE(whole.find("task 7 in ring 2 waits for 1 of 1 conditions and for its NORMAL_DONE"),
              std::string::npos);
    EXPECT_NE(whole.find("type 1 at 0x1234560, expected value 5, cookie 77"), std::string::npos);
    EXPECT_EQ(whole.find("task 8 in"), std::string::npos) << "no more than 8 tasks";
    EXPECT_TRUE(list->try_lock());
    const std::string busy = text(nullptr, /*warn=*/false);
    EXPECT_EQ(busy.find("info: "), 0u) << busy;
    EXPECT_NE(busy.find("another thread has the lock"), std::string::npos);
    list->unlock();
}

}  // namespace
