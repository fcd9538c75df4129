// The completion of tasks with everything around it that a test needs: tasks in a ring, slabs,
// threads that exist in name only, and a mailbox or none.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "src/runtime/scheduler_completion.h"
#include "tests/unit/fake_cores.h"
#include "tests/unit/rings.h"

namespace mailproof::test {

template <class Platform>
struct CompletionRig {
    using Completion = pto::SchedulerCompletion<Platform>;
    using Parts = pto::SchedulerParts<Platform>;
    using Mailbox = typename Parts::Mailbox;
    using WaitList = pto::AsyncWaitList<Platform>;
    using Ring = pto::TaskRing<Platform>;
    using Slot = typename Completion::Slot;
    using Thread = typename Completion::Thread;
    using Slab = pto::DeferredCompletionSlab;
    using Node = pto::FanoutNode<Platform>;

    static constexpr uint64_t watchdog_limit_ns = 1000;

    FakeCores cores{1};
    pto::RunState run;
    pto::ReadyQueues<Platform> queues{1024, run};
    std::vector<std::unique_ptr<Ring>> rings;
    std::vector<std::unique_ptr<Thread>> threads;
    const std::unique_ptr<WaitList> owned_wait_list = std::make_unique<WaitList>();
    const std::unique_ptr<Mailbox> owned_mailbox = std::make_unique<Mailbox>();
    WaitList& wait_list = *owned_wait_list;
    Mailbox& mailbox = *owned_mailbox;
    Completion completion;
    std::deque<uint32_t> counters;
    std::deque<Node> nodes;

    enum class With { MAILBOX, NO_MAILBOX };
    explicit CompletionRig(With with = With::MAILBOX)
        : rings(make_rings()),
          threads(make_threads()),
          completion(Parts{cores, run, rings, threads, queues, wait_list,
                           with == With::MAILBOX ? &mailbox : nullptr}) {}

    Thread& thread(size_t index = 0) { return *threads[index]; }
    Ring& ring() { return *rings[0]; }

    /// A task that was submitted, and dispatched in all its subtasks.
    Slot& open_task(int16_t subtasks = 1) {
        Slot& slot = ring().open_task(0);
        slot.active_mask = pto::SUBTASK_AIV0;
        slot.total_required_subtasks = subtasks;
        slot.logical_block_num = subtasks;
        run.task_submitted();
        return slot;
    }

    /// A task of that shape which waits for `producer`, and for nothing else.
    Slot& open_consumer(Slot& producer, uint8_t active_mask = pto::SUBTASK_AIV0) {
        Slot& slot = open_task();
        slot.active_mask = active_mask;
        slot.fanin_count = 1;
        EXPECT_FALSE(meet_dependency(slot)) << "its wiring";
        Node& node = nodes.emplace_back(Node{&slot, nullptr});
        EXPECT_TRUE(attach_consumer(producer, producer.task->task_id, node));
        return slot;
    }

    uint32_t& add_counter(uint32_t value = 0) { return counters.emplace_back(value); }

    /// A slab with `n` conditions on that counter.
    Slab slab_on(const uint32_t& counter, uint32_t n, uint32_t expected = 1) {
        Slab slab{};
        for (uint32_t i = 0; i < n; ++i) {
            pto::deferred_completion_slab_append(&slab, reinterpret_cast<uintptr_t>(&counter),
                                                 expected, pto::COMPLETION_ENGINE_ROCE,
                                                 pto::COMPLETION_TYPE_COUNTER);
        }
        return slab;
    }
    /// A slab with `n` conditions that carry numbers and are not to be tested.
    static Slab numbered_slab(uint32_t n) {
        Slab slab{};
        slab.count = n;
        for (uint32_t i = 0; i < n; ++i) {
            slab.entries[i] = numbered_entry(i);
        }
        return slab;
    }

    void fin(Slot& slot, size_t thread_index = 0) {
        Slab slab{};
        fin(slot, slab, thread_index);
    }
    void fin(Slot& slot, Slab& slab, size_t thread_index = 0) {
        completion.complete_slot_task(slot, slab, thread(thread_index));
    }

    /// Fills what is left of the mailbox with messages that a drain takes without a word: each is a
    /// satisfied condition of one task, at most 64 of them.
    void fill_mailbox(const Slot& slot) {
        const uintptr_t address = reinterpret_cast<uintptr_t>(&add_counter(1));
        while (mailbox.try_push_condition(slot.task->task_id, address, 1, 0,
                                          pto::COMPLETION_TYPE_COUNTER)) {
        }
    }

    uint64_t pushed() const { return mailbox.head.load(); }
    uint64_t skipped() const { return wait_list.mpsc_skipped_count.load(); }
    int32_t waiting() const { return wait_list.count.load(); }

  private:
    static std::vector<std::unique_ptr<Ring>> make_rings() {
        std::vector<std::unique_ptr<Ring>> rings;
        rings.push_back(std::make_unique<Ring>(uint8_t{0}, 1024u, 1024u));
        return rings;
    }
    static std::vector<std::unique_ptr<Thread>> make_threads() {
        std::vector<std::unique_ptr<Thread>> threads;
        for (uint32_t i = 0; i < 2; ++i) {
            threads.push_back(std::make_unique<Thread>(i, watchdog_limit_ns));
        }
        return threads;
    }
};

}  // namespace mailproof::test
