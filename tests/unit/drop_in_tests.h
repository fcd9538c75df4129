// A miniature runtime that adopts the code through a drop-in folder, with unqualified names only.
//
// Included once by each drop-in translation unit, after that platform's drop-in headers. Everything
// is in an unnamed namespace: the same names mean another platform in the other unit.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace {

class AdoptersScheduler final : public CompletionScheduler {
  public:
    std::vector<PTO2TaskSlotState*> completed;

    void on_mixed_task_complete(PTO2TaskSlotState& slot, PTO2LocalReadyBuffer*) noexcept override {
        completed.push_back(&slot);
    }
    void on_task_release(PTO2TaskSlotState&) noexcept override {}
};

// ----- the cases; each unit runs them under the name of its platform --------------------------

void a_task_goes_from_its_slab_to_completion() {
    const auto slab = std::make_unique<DeferredCompletionSlab>();
    const auto mailbox = std::make_unique<AICoreCompletionMailbox>();
    const auto list = std::make_unique<AsyncWaitList>();
    AdoptersScheduler scheduler;
    uint32_t counter = 0;
    TaskDescriptor descriptor{PTO2TaskId::make(1, 2)};
    PTO2TaskSlotState slot{};
    slot.task = &descriptor;

    ASSERT_TRUE(deferred_completion_slab_append(slab.get(), reinterpret_cast<uintptr_t>(&counter),
                                                1, COMPLETION_ENGINE_ROCE,
                                                COMPLETION_TYPE_COUNTER));
    for (uint32_t i = 0; i < slab->count; ++i) {
        const DeferredCompletionEntry& entry = slab->entries[i];
        ASSERT_TRUE(aicore_completion_mailbox_try_push_condition(
            mailbox.get(), descriptor.task_id, entry.addr, entry.backend_cookie,
            entry.expected_value, entry.engine, entry.completion_type));
    }
    ASSERT_TRUE(aicore_completion_mailbox_try_push_normal_done(mailbox.get(), descriptor.task_id,
                                                               reinterpret_cast<uintptr_t>(&slot)));
    ASSERT_TRUE(aicore_completion_mailbox_has_pending(mailbox.get()));

    int32_t release_count = 0;
    const auto poll = [&] {
        return list->poll_and_complete<false>(mailbox.get(), &scheduler, nullptr, nullptr,
                                              release_count, 0);
    };
    AsyncPollResult result = poll();
    EXPECT_EQ(result.completed, 0);
    EXPECT_EQ(result.error_code, PTO2_ERROR_NONE);
    counter = 1;
    result = poll();
    EXPECT_EQ(result.completed, 1);
    EXPECT_EQ(slot.task_state.load(), PTO2_TASK_COMPLETED);
    EXPECT_EQ(scheduler.completed, std::vector<PTO2TaskSlotState*>{&slot});
}

void every_name_of_the_contract_is_at_global_scope() {
    EXPECT_EQ(AICORE_COMPLETION_MAILBOX_CAPACITY, 4096u);
    EXPECT_EQ(AICORE_COMPLETION_MAILBOX_MASK, 4095u);
    EXPECT_EQ(MSG_KIND_CONDITION + MSG_KIND_TASK_NORMAL_DONE, 1u);
    EXPECT_EQ(COMPLETION_ENGINE_SDMA + COMPLETION_ENGINE_URMA + COMPLETION_ENGINE_CCU, 5u);
    EXPECT_EQ(MAX_COMPLETIONS_PER_TASK, 64u);
    EXPECT_EQ(MAX_ASYNC_WAITS, 64);
    EXPECT_EQ(PTO2_DEFERRED_RELEASE_CAP, 256);
    EXPECT_EQ(PTO2_ALIGN_SIZE, 64u);
    EXPECT_EQ(READY_QUEUE_SIZE, 65536u);
    EXPECT_EQ(TASK_WINDOW_SIZE, 16384u);
    EXPECT_EQ(MAX_RING_DEPTH, 4u);
    EXPECT_EQ(DUMMY_BATCH_SIZE, 16u);
    EXPECT_EQ(PTO2_ERROR_INVALID_ARGS, 5);
    EXPECT_EQ(PTO2_ERROR_SCHEDULER_TIMEOUT, 100);
    EXPECT_EQ(PTO2_ERROR_ASYNC_COMPLETION_INVALID, 101);
    EXPECT_EQ(PTO2_ERROR_ASYNC_WAIT_OVERFLOW, 102);
    EXPECT_EQ(PTO2_ERROR_ASYNC_REGISTRATION_FAILED, 103);
    EXPECT_EQ(PTO2_TASK_PENDING + PTO2_TASK_CONSUMED, 2);
    EXPECT_EQ(sizeof(AICoreCompletionMailboxMessage), 64u);
    EXPECT_EQ(sizeof(AICoreCompletionMsgView), 40u);
}

void the_types_are_those_of_its_platform() {
    EXPECT_FALSE(AsyncWaitList::DrainCompletionSink{}.can_inline_complete());
    EXPECT_EQ(AsyncWaitEntry{}.condition_count, 0);
    const CompletionCondition condition = CompletionCondition::of({PTO2TaskId(1), 0, 0, 0, 0, 0});
    const CompletionPollResult result = condition.test();
    EXPECT_EQ(result.state, CompletionPollState::FAILED);
    EXPECT_EQ(result.error_code, PTO2_ERROR_ASYNC_COMPLETION_INVALID);
}

}  // namespace
