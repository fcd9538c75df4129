// A wait list with everything around it that a test needs: a mailbox, a scheduler that writes down
// what it is asked, tasks and counters whose addresses stay put.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "src/runtime/wait_list.h"
#include "tests/unit/rings.h"

namespace mailproof::test {

/// A scheduler that records the calls it gets, in order. Like a real one, it is only ever called
/// under the wait list's lock, which is all that guards it.
template <class Platform>
class RecordingScheduler final : public pto::CompletionScheduler<Platform> {
  public:
    using Slot = pto::PTO2TaskSlotState<Platform>;
    using LocalBuffer = pto::PTO2LocalReadyBuffer<Platform>;
    using Slots = std::vector<Slot*>;

    Slots completed;
    Slots released;
    LocalBuffer* last_local_buffer = nullptr;

    void on_mixed_task_complete(Slot& slot, LocalBuffer* local_buffer) noexcept override {
        completed.push_back(&slot);
        last_local_buffer = local_buffer;
    }
    void on_task_release(Slot& slot) noexcept override { released.push_back(&slot); }
};

template <class Platform>
struct Task {
    pto::TaskDescriptor descriptor{};
    pto::PTO2TaskSlotState<Platform> slot{};

    pto::PTO2TaskId token() const { return descriptor.task_id; }
    uint64_t slot_address() { return reinterpret_cast<uintptr_t>(&slot); }
    int32_t state() const { return slot.task_state.load(); }
};

template <class Platform>
struct WaitListRig {
    using List = pto::AsyncWaitList<Platform>;
    using Mailbox = typename List::Mailbox;
    using Entry = typename List::Entry;
    using Slot = typename List::Slot;
    using Sink = typename List::Sink;
    using PollResult = typename List::PollResult;
    using Slots = std::vector<Slot*>;

    struct Drained {
        int32_t taken;
        int32_t error;
        int32_t completed;
    };

    const std::unique_ptr<List> owned_list = std::make_unique<List>();
    const std::unique_ptr<Mailbox> owned_mailbox = std::make_unique<Mailbox>();
    List& list = *owned_list;
    Mailbox& mailbox = *owned_mailbox;
    RecordingScheduler<Platform> scheduler;
    std::deque<Task<Platform>> tasks;
    std::deque<uint32_t> counters;

    Task<Platform>& add_task() {
        Task<Platform>& task = tasks.emplace_back();
        task.descriptor.task_id = pto::PTO2TaskId::make(2, static_cast<uint32_t>(tasks.size()));
        task.slot.task = &task.descriptor;
        return task;
    }

    uint32_t& add_counter(uint32_t value = 0) { return counters.emplace_back(value); }

    // ----- pushes; a test never expects one of these to be refused --------------------------

    void push_condition_at(const Task<Platform>& task, uint64_t addr, uint32_t expected = 1,
                           int32_t type = pto::COMPLETION_TYPE_COUNTER) {
        ASSERT_TRUE(mailbox.try_push_condition(task.token(), addr, expected, 0, type));
    }
    void push_condition(const Task<Platform>& task, const uint32_t& counter,
                        uint32_t expected = 1) {
        push_condition_at(task, reinterpret_cast<uintptr_t>(&counter), expected);
    }
    void push_record(const Task<Platform>& task, const uint64_t& record, uint64_t cookie) {
        ASSERT_TRUE(mailbox.try_push_condition(task.token(), reinterpret_cast<uintptr_t>(&record),
                                               cookie, 0, pto::COMPLETION_ENGINE_SDMA,
                                               pto::COMPLETION_TYPE_SDMA_EVENT_RECORD));
    }
    void push_conditions(const Task<Platform>& task, const uint32_t& counter, uint32_t n) {
        for (uint32_t i = 0; i < n; ++i) {
            push_condition(task, counter);
        }
    }
    void push_done(Task<Platform>& task) { push_done(task.token(), task.slot_address()); }
    void push_done(pto::PTO2TaskId token, uint64_t slot_address) {
        ASSERT_TRUE(mailbox.try_push_normal_done(token, slot_address));
    }
    /// `n` conditions on the counter, and that the task is done, in one message.
    void push_registration(Task<Platform>& task, const uint32_t& counter, uint32_t n,
                           uint32_t expected = 1) {
        push_registration(task.token(), task.slot_address(), counter, n, expected);
    }
    void push_registration(pto::PTO2TaskId token, uint64_t slot_address, const uint32_t& counter,
                           uint32_t n, uint32_t expected = 1) {
        const std::vector<pto::DeferredCompletionEntry> entries(
            n, {reinterpret_cast<uintptr_t>(&counter), 0, expected, 0, pto::COMPLETION_TYPE_COUNTER,
                0});
        ASSERT_TRUE(mailbox.try_push_registration(token, slot_address, entries.data(), n));
    }
    void push_kind(pto::PTO2TaskId token, uint32_t kind) {
        uint64_t ticket = 0;
        ASSERT_EQ(mailbox.try_claim(1, ticket), 1u);
        mailbox.publish(ticket, {token, 0, 0, 0, 0, kind});
    }
    /// `n` new tasks that each wait for the counter, their NORMAL_DONE pushed too.
    void push_waiting_tasks(int n, const uint32_t& counter) {
        for (int i = 0; i < n; ++i) {
            Task<Platform>& task = add_task();
            push_condition(task, counter);
            push_done(task);
        }
    }

    // ----- the consumer's side ---------------------------------------------------------------

    /// Drains under the lock, with a scheduler and without a release buffer.
    Drained drain() {
        Sink sink{&scheduler};
        return drain_into(sink);
    }
    Drained drain_into(Sink& sink) {
        EXPECT_TRUE(list.try_lock());
        Drained drained{};
        drained.error = -1;
        drained.taken = list.drain_aicore_completion_mailbox_locked(&mailbox, sink, drained.error);
        drained.completed = sink.inline_completed;
        list.unlock();
        return drained;
    }
    Drained drain_without_sink() {
        EXPECT_TRUE(list.try_lock());
        Drained drained{};
        drained.error = -1;
        drained.taken = list.drain_aicore_completion_mailbox_locked(&mailbox, drained.error);
        list.unlock();
        return drained;
    }

    /// Polls with a scheduler and without a release buffer.
    PollResult poll() { return poll_with(&scheduler); }
    PollResult poll_with(pto::CompletionScheduler<Platform>* sched) {
        int32_t unused_count = 0;
        return list.template poll_and_complete<false>(&mailbox, sched, nullptr, nullptr,
                                                      unused_count, 0);
    }

    Entry* entry_of(const Task<Platform>& task) { return list.find_entry_by_token(task.token()); }
    int32_t waiting() const { return list.count.load(); }
    /// The tickets that the consumer has not taken.
    uint64_t left_in_mailbox() const { return mailbox.head.load() - mailbox.tail.load(); }
};

}  // namespace mailproof::test
