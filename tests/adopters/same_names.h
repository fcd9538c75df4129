// Tests of what both sets of names call the same: the mailbox, and what a drain leaves in the list.
//
// Included after one set's headers and after `using Id = ...;`, the set's name of a task's id.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <thread>
#include <type_traits>
#include <vector>

static_assert(sizeof(AICoreCompletionMailboxMessage) == 64);
static_assert(alignof(AICoreCompletionMailboxMessage) == 64);
static_assert(offsetof(AICoreCompletionMailbox, tail) - offsetof(AICoreCompletionMailbox, head) >=
              64);
static_assert(sizeof(AICoreCompletionMailbox::entries) == 4096 * 64);
static_assert(sizeof(DeferredCompletionEntry) == 32);
static_assert(offsetof(DeferredCompletionEntry, backend_cookie) == 8);
static_assert(offsetof(DeferredCompletionSlab, entries) == 8);
static_assert(alignof(DeferredCompletionSlab) == 64);
static_assert(AICORE_COMPLETION_MAILBOX_CAPACITY == 4096);
static_assert(AICORE_COMPLETION_MAILBOX_MASK == AICORE_COMPLETION_MAILBOX_CAPACITY - 1);
static_assert(MSG_KIND_CONDITION == 0 && MSG_KIND_TASK_NORMAL_DONE == 1);
static_assert(MAX_COMPLETIONS_PER_TASK == 64 && MAX_ASYNC_WAITS == 64);
static_assert(COMPLETION_TYPE_COUNTER == 0 && COMPLETION_TYPE_SDMA_EVENT_RECORD == 1);
static_assert(ASYNC_ENGINE_SDMA == 0 && ASYNC_ENGINE_ROCE == 1 && ASYNC_ENGINE_URMA == 2 &&
              ASYNC_ENGINE_CCU == 3);
static_assert(std::is_aggregate_v<AsyncWaitList>);
static_assert(std::is_aggregate_v<AsyncWaitList::DrainCompletionSink>);
static_assert(std::is_same_v<decltype(AsyncWaitList::busy), std::atomic<int32_t>>);
static_assert(std::is_trivially_copyable_v<Id> && sizeof(Id) == 8);

#if !defined(COMPLETION_ENGINE_SDMA) || !defined(COMPLETION_ENGINE_ROCE) || \
    !defined(COMPLETION_ENGINE_URMA) || !defined(COMPLETION_ENGINE_CCU)
#error "the engines are macros in this runtime"
#endif

namespace {

template <class T>
uint64_t address_of(const T& object) {
    return reinterpret_cast<uint64_t>(&object);
}

/// A mailbox and a list whose memory is plain zero bytes.
class ZeroFilled : public ::testing::Test {
  protected:
    void SetUp() override {
        mailbox = make<AICoreCompletionMailbox>();
        list = make<AsyncWaitList>();
    }
    void TearDown() override {
        ::operator delete(mailbox);
        ::operator delete(list);
    }

    template <class T>
    static T* make() {
        void* const memory = ::operator new(sizeof(T));
        std::memset(memory, 0, sizeof(T));
        return static_cast<T*>(memory);
    }

    int32_t drain(int32_t& error) {
        AsyncWaitList::DrainCompletionSink sink{};
        EXPECT_TRUE(list->try_lock());
        const int32_t taken = list->drain_aicore_completion_mailbox_locked(mailbox, sink, error);
        list->unlock();
        EXPECT_EQ(sink.inline_completed, 0);
        return taken;
    }

    AICoreCompletionMailbox* mailbox = nullptr;
    AsyncWaitList* list = nullptr;
};

class Mailbox : public ZeroFilled {};
class Drain : public ZeroFilled {};

TEST_F(Mailbox, is_empty_when_all_its_bytes_are_0) {
    EXPECT_EQ(mailbox->head.load(), 0u);
    EXPECT_EQ(mailbox->tail.load(), 0u);
    EXPECT_FALSE(mailbox->has_pending());
    AICoreCompletionMsgView view;
    EXPECT_FALSE(mailbox->try_pop(view));
}

TEST_F(Mailbox, returns_conditions_of_both_forms_in_their_order) {
    const Id token = Id::make(3, 17);
    ASSERT_TRUE(mailbox->try_push_condition(token, 0x1000, 5, COMPLETION_ENGINE_SDMA,
                                            COMPLETION_TYPE_COUNTER));
    ASSERT_TRUE(mailbox->try_push_condition(token, 0x2000, 0xABCDEF0123, 0, ASYNC_ENGINE_ROCE,
                                            COMPLETION_TYPE_SDMA_EVENT_RECORD));
    EXPECT_EQ(mailbox->entries[0].seq.load(), 1u);
    EXPECT_EQ(mailbox->entries[1].seq.load(std::memory_order_acquire), 2u);
    AICoreCompletionMsgView view{};
    ASSERT_TRUE(mailbox->try_pop(view));
    EXPECT_EQ(view.task_token, token);
    EXPECT_EQ(view.task_token.raw, (uint64_t{3} << 32) | 17);
    EXPECT_EQ(view.addr, 0x1000u);
    EXPECT_EQ(view.expected_value, 5u);
    EXPECT_EQ(view.engine, COMPLETION_ENGINE_SDMA);
    EXPECT_EQ(view.completion_type, COMPLETION_TYPE_COUNTER);
    EXPECT_EQ(view.kind, MSG_KIND_CONDITION);
    EXPECT_EQ(view.backend_cookie, 0u);
    ASSERT_TRUE(mailbox->try_pop(view));
    EXPECT_EQ(view.addr, 0x2000u);
    EXPECT_EQ(view.backend_cookie, 0xABCDEF0123u);
    EXPECT_EQ(view.engine, static_cast<uint32_t>(ASYNC_ENGINE_ROCE));
    EXPECT_FALSE(mailbox->try_pop(view));
    EXPECT_FALSE(mailbox->has_pending());
}

TEST_F(Mailbox, refuses_message_4097_and_takes_another_after_a_pop) {
    for (uint64_t i = 0; i < AICORE_COMPLETION_MAILBOX_CAPACITY; ++i) {
        ASSERT_TRUE(mailbox->try_push_normal_done(Id::make(0, static_cast<uint32_t>(i)), i));
    }
    EXPECT_FALSE(mailbox->try_push_normal_done(Id::make(0, 1), 1));
    AICoreCompletionMsgView view;
    ASSERT_TRUE(mailbox->try_pop(view));
    EXPECT_EQ(view.kind, MSG_KIND_TASK_NORMAL_DONE);
    EXPECT_TRUE(mailbox->try_push_normal_done(Id::make(0, 4096), 4096));
    for (uint64_t i = 1; i <= AICORE_COMPLETION_MAILBOX_CAPACITY; ++i) {
        ASSERT_TRUE(mailbox->try_pop(view));
        ASSERT_EQ(view.addr, i);
    }
    EXPECT_FALSE(mailbox->has_pending());
}

TEST_F(Mailbox, is_used_again_after_its_tail_was_set_to_its_head) {
    for (int run = 0; run < 3; ++run) {
        for (uint32_t i = 0; i < 3000; ++i) {
            ASSERT_TRUE(mailbox->try_push_normal_done(Id::make(1, i), i));
        }
        mailbox->tail.store(mailbox->head.load(std::memory_order_relaxed),
                            std::memory_order_relaxed);
        EXPECT_FALSE(mailbox->has_pending());
    }
}

TEST_F(Mailbox, loses_nothing_of_several_producers) {
    constexpr uint32_t producers = 4;
    constexpr uint32_t each = 5000;
    std::vector<std::thread> threads;
    for (uint32_t p = 0; p < producers; ++p) {
        threads.emplace_back([this, p] {
            for (uint32_t i = 0; i < each;) {
                if (mailbox->try_push_condition(Id::make(p, i), i, p, 0, 0)) {
                    ++i;
                } else {
                    std::this_thread::yield();
                }
            }
        });
    }
    uint32_t next[producers] = {};
    for (uint32_t taken = 0; taken < producers * each;) {
        AICoreCompletionMsgView view;
        if (!mailbox->try_pop(view)) {
            std::this_thread::yield();
            continue;
        }
        ++taken;
        ASSERT_LT(view.expected_value, producers);
        ASSERT_EQ(view.addr, next[view.expected_value]++);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_FALSE(mailbox->has_pending());
}

TEST_F(Mailbox, has_free_functions_that_take_null) {
    volatile AICoreCompletionMailbox* const none = nullptr;
    EXPECT_FALSE(aicore_completion_mailbox_has_pending(none));
    EXPECT_FALSE(aicore_completion_mailbox_try_push_normal_done(none, Id::make(0, 1), 1));
    EXPECT_FALSE(aicore_completion_mailbox_try_push_condition(none, Id::make(0, 1), 1, 1, 0, 0));
    volatile AICoreCompletionMailbox* const some = mailbox;
    EXPECT_TRUE(aicore_completion_mailbox_try_push_condition(some, Id::make(0, 1), 1, 2, 3, 0));
    EXPECT_TRUE(aicore_completion_mailbox_try_push_condition(some, Id::make(0, 1), 1, 9, 2, 3, 1));
    EXPECT_TRUE(aicore_completion_mailbox_try_push_normal_done(some, Id::make(0, 1), 1));
    EXPECT_TRUE(aicore_completion_mailbox_has_pending(some));
}

TEST_F(Drain, puts_the_conditions_of_a_task_into_one_entry) {
    uint32_t counters[2] = {};
    uint64_t record = 0;
    const Id token = Id::make(1, 7);
    ASSERT_TRUE(mailbox->try_push_condition(token, address_of(counters[0]), 3, ASYNC_ENGINE_SDMA,
                                            COMPLETION_TYPE_COUNTER));
    ASSERT_TRUE(mailbox->try_push_condition(token, address_of(counters[1]), 4, ASYNC_ENGINE_CCU,
                                            COMPLETION_TYPE_COUNTER));
    ASSERT_TRUE(mailbox->try_push_condition(token, address_of(record), 99, 0, ASYNC_ENGINE_SDMA,
                                            COMPLETION_TYPE_SDMA_EVENT_RECORD));
    int32_t error = -1;
    EXPECT_EQ(drain(error), 3);
    EXPECT_EQ(error, 0);
    EXPECT_EQ(list->count, 1);
    ASSERT_TRUE(list->count == 1);
    EXPECT_EQ(static_cast<int>(list->count), 1);
    EXPECT_EQ(list->entries[0].task_token.raw, token.raw);
    EXPECT_EQ(list->entries[0].slot_state, nullptr);
    EXPECT_FALSE(list->entries[0].normal_done);
    EXPECT_EQ(list->entries[0].condition_count, 3);
    EXPECT_EQ(list->entries[0].waiting_completion_count, 3);
    for (int j = 0; j < 2; ++j) {
        EXPECT_EQ(list->entries[0].conditions[j].addr, address_of(counters[j]));
        EXPECT_EQ(list->entries[0].conditions[j].counter_addr, &counters[j]);
        EXPECT_EQ(list->entries[0].conditions[j].expected_value, static_cast<uint32_t>(3 + j));
        EXPECT_FALSE(list->entries[0].conditions[j].satisfied);
    }
    EXPECT_EQ(list->entries[0].conditions[2].addr, address_of(record));
    EXPECT_EQ(list->entries[0].conditions[2].backend_cookie, 99u);
    EXPECT_EQ(list->entries[0].conditions[2].counter_addr, nullptr);
    EXPECT_EQ(list->find_entry_by_token(token), &list->entries[0]);
    EXPECT_EQ(list->find_entry_by_token(Id::make(1, 8)), nullptr);
    EXPECT_EQ(list->mpsc_skipped_count, 0u);
}

// As such tests do: the entry is written by hand, and nothing else uses the list, so no lock.
TEST_F(Drain, continues_an_entry_that_a_test_has_made) {
    AsyncWaitList list_by_hand{};
    const Id token = Id::make(0, 12);
    AsyncWaitEntry& entry = list_by_hand.entries[0];
    entry.task_token = token;
    entry.slot_state = nullptr;
    entry.condition_count = 0;
    entry.waiting_completion_count = 0;
    entry.normal_done = false;
    list_by_hand.count = 1;
    ASSERT_TRUE(mailbox->try_push_condition(token, 0x40, 9, 0, ASYNC_ENGINE_SDMA,
                                            COMPLETION_TYPE_SDMA_EVENT_RECORD));
    alignas(64) unsigned char slot[64] = {};
    ASSERT_TRUE(mailbox->try_push_normal_done(token, address_of(slot)));
    int32_t error = -1;
    AsyncWaitList::DrainCompletionSink sink{};
    EXPECT_EQ(list_by_hand.drain_aicore_completion_mailbox_locked(mailbox, sink, error), 2);
    EXPECT_EQ(error, 0);
    EXPECT_EQ(list_by_hand.count, 1);
    EXPECT_EQ(entry.condition_count, 1);
    EXPECT_EQ(entry.conditions[0].addr, 0x40u);
    EXPECT_EQ(entry.waiting_completion_count, 1);
    EXPECT_TRUE(entry.normal_done);
    EXPECT_EQ(reinterpret_cast<uint64_t>(entry.slot_state), address_of(slot));
}

TEST_F(Drain, keeps_tasks_apart) {
    for (uint32_t task = 0; task < 10; ++task) {
        for (uint32_t i = 0; i <= task; ++i) {
            ASSERT_TRUE(mailbox->try_push_condition(Id::make(0, task), 64, i, 0, 0));
        }
    }
    int32_t error = -1;
    EXPECT_EQ(drain(error), 55);
    EXPECT_EQ(error, 0);
    EXPECT_EQ(list->count, 10);
    for (int i = 0; i < list->count; ++i) {
        EXPECT_EQ(list->entries[i].condition_count, i + 1);
        EXPECT_EQ(list->entries[i].conditions[i].expected_value, static_cast<uint32_t>(i));
    }
}

TEST_F(Drain, reports_a_message_of_unknown_kind_and_leaves_the_next) {
    ASSERT_TRUE(mailbox->try_push_condition(Id::make(0, 1), 64, 1, 0, 0));
    ASSERT_TRUE(mailbox->try_push_condition(Id::make(0, 1), 64, 1, 0, 0));
    mailbox->entries[0].kind = 7;
    int32_t error = 0;
    EXPECT_EQ(drain(error), 1);
    EXPECT_EQ(error, 103);
    EXPECT_TRUE(mailbox->has_pending());
    EXPECT_EQ(list->count, 0);
}

TEST_F(Drain, of_no_mailbox_takes_nothing) {
    int32_t error = -1;
    AsyncWaitList::DrainCompletionSink sink{};
    ASSERT_TRUE(list->try_lock());
    EXPECT_FALSE(list->try_lock());
    EXPECT_EQ(list->busy.load(), 1);
    EXPECT_EQ(list->drain_aicore_completion_mailbox_locked(nullptr, sink, error), 0);
    list->unlock();
    EXPECT_EQ(error, 0);
}

TEST(List, is_empty_by_default_and_with_empty_braces) {
    AsyncWaitList by_default;
    EXPECT_EQ(by_default.count, 0);
    EXPECT_TRUE(by_default.try_lock());
    AsyncWaitList braces{};
    EXPECT_EQ(braces.count, 0);
    EXPECT_EQ(braces.find_entry_by_token(Id::invalid()), nullptr);
    const AsyncWaitEntry entry{};
    EXPECT_EQ(entry.condition_count, 0);
    EXPECT_EQ(entry.slot_state, nullptr);
}

TEST(Condition, is_tested_by_the_backend_of_its_type) {
    uint32_t counter = 1;
    CompletionCondition condition{};
    condition.completion_type = COMPLETION_TYPE_COUNTER;
    condition.engine = ASYNC_ENGINE_SDMA;
    condition.addr = address_of(counter);
    condition.expected_value = 2;
    EXPECT_EQ(condition.test().state, CompletionPollState::PENDING);
    counter = 2;
    const CompletionPollResult result = condition.test();
    EXPECT_EQ(result.state, CompletionPollState::READY);
    EXPECT_EQ(result.error_code, 0);
    const CompletionBackendOps* const ops = completion_backend_ops_for(COMPLETION_TYPE_COUNTER);
    ASSERT_NE(ops, nullptr);
    EXPECT_EQ(ops->poll(condition).state, CompletionPollState::READY);
    condition.satisfied = true;
    condition.retire();
    EXPECT_TRUE(condition.retired);
    EXPECT_EQ(completion_backend_ops_for(99), nullptr);
    condition = {};
    condition.completion_type = COMPLETION_TYPE_SDMA_EVENT_RECORD;
    EXPECT_EQ(condition.test().state, CompletionPollState::FAILED);
    EXPECT_EQ(condition.test().error_code, 101);
}

TEST(Condition, of_a_record_can_be_tested_without_an_object) {
    constexpr uint64_t post = (uint64_t{1} << 40) + 1;
    alignas(64) uint64_t record = post - 1;
    const uint64_t address = address_of(record);
    EXPECT_EQ(poll_sdma_post_done_record(address, post).state, CompletionPollState::PENDING);
    EXPECT_EQ(poll_sdma_post_done_record(address, post - 1).state, CompletionPollState::READY);
    record = post + 1;
    EXPECT_EQ(poll_sdma_post_done_record(address, post).state, CompletionPollState::READY);
    EXPECT_EQ(poll_sdma_post_done_record(address, 0).error_code, 101);
    EXPECT_EQ(poll_sdma_post_done_record(0, post).state, CompletionPollState::FAILED);
    EXPECT_EQ(poll_sdma_post_done_record(address + 4, post).error_code, 101);
    EXPECT_EQ(record, post + 1);
}

TEST(Slab, takes_64_conditions_and_reports_one_more) {
    DeferredCompletionSlab slab{};
    for (uint32_t i = 0; i < MAX_COMPLETIONS_PER_TASK; ++i) {
        EXPECT_TRUE(deferred_completion_slab_append(&slab, 64 * i, i, COMPLETION_ENGINE_URMA,
                                                    COMPLETION_TYPE_COUNTER));
    }
    EXPECT_FALSE(deferred_completion_slab_append(&slab, 8, 1, 1, COMPLETION_ENGINE_URMA,
                                                 COMPLETION_TYPE_SDMA_EVENT_RECORD));
    EXPECT_EQ(slab.count, 64u);
    EXPECT_EQ(slab.error_code, 102);
    const DeferredCompletionEntry entry = {.addr = 1,
                                           .backend_cookie = 2,
                                           .expected_value = 3,
                                           .engine = COMPLETION_ENGINE_CCU,
                                           .completion_type = COMPLETION_TYPE_COUNTER,
                                           .pad = 0};
    slab.entries[0] = entry;
    EXPECT_EQ(slab.entries[0].backend_cookie, 2u);
}

}  // namespace
