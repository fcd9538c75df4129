// The register protocol: words, the sequence of ids, and every word against every state of a core's
// two slots. A model core then runs whole sequences.
#include "src/runtime/core_register.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <random>
#include <vector>

namespace mailproof::test {
namespace {

using pto::CoreSlots;
using pto::CoreTransition;
using pto::CoreWord;

constexpr uint32_t idle_id = 0x7FFFFFFF;
constexpr uint32_t exited_id = 0x7FFFFFFE;
constexpr uint32_t idle_doorbell = 0x7FFFFFFD;
constexpr uint32_t exit_doorbell = 0x7FFFFFF0;

TEST(CoreWordTest, has_the_numbers_that_the_cores_know) {
    EXPECT_EQ(pto::AICORE_DOORBELL_EXIT, exit_doorbell);
    EXPECT_EQ(pto::AICORE_DOORBELL_IDLE, idle_doorbell);
    EXPECT_EQ(pto::AICORE_STATUS_IDLE, ~0u);
    EXPECT_EQ(pto::AICORE_STATUS_EXITED, 0xFFFFFFFEu);
    EXPECT_TRUE(pto::is_dispatch_id(0x7FFFFFEF));
    EXPECT_FALSE(pto::is_dispatch_id(0x7FFFFFF0));
}

TEST(CoreWordTest, is_a_state_bit_and_an_id) {
    EXPECT_EQ((CoreWord{5, false}.raw()), 5u);
    EXPECT_EQ((CoreWord{5, true}.raw()), 0x80000005u);
    EXPECT_EQ(CoreWord::of(0x80000005u).id, 5u);
    EXPECT_TRUE(CoreWord::of(0x80000005u).is_fin);
    EXPECT_FALSE(CoreWord::of(idle_id).is_fin);
    EXPECT_EQ(CoreWord::of(~0u).id, idle_id);
}

TEST(DispatchIdTest, skips_what_is_not_a_dispatch_and_alternates_always) {
    uint32_t id = exit_doorbell - 20;
    for (int i = 0; i < 40; ++i) {
        const uint32_t next = pto::next_dispatch_id(id);
        EXPECT_NE(next % 2, id % 2) << id;
        EXPECT_LT(next, exit_doorbell) << id;
        id = next;
    }
    EXPECT_EQ(pto::next_dispatch_id(0x7FFFFFEF), 0u);
    EXPECT_EQ(pto::next_dispatch_id(0), 1u);
}

constexpr CoreWord ack(uint32_t id) { return {id, false}; }
constexpr CoreWord fin(uint32_t id) { return {id, true}; }

TEST(CoreSlotsTest, an_idle_core_ignores_every_word) {
    const CoreSlots slots;
    for (const uint32_t id : {0u, 1u, exit_doorbell, idle_doorbell, exited_id, idle_id}) {
        EXPECT_EQ(slots.transition(ack(id)), CoreTransition::NONE) << id;
        EXPECT_EQ(slots.transition(fin(id)), CoreTransition::NONE) << id;
    }
    EXPECT_TRUE(slots.is_idle());
    EXPECT_FALSE(slots.can_take_pending());
}

TEST(CoreSlotsTest, are_the_same_after_they_were_one_word) {
    for (const uint32_t running : {CoreSlots::none, 0u, 5u}) {
        for (const uint32_t pending : {CoreSlots::none, 0u, 6u}) {
            for (const bool is_occupied : {false, true}) {
                const CoreSlots slots{running, pending, is_occupied};
                const CoreSlots same = CoreSlots::unpacked(slots.packed());
                EXPECT_EQ(same.running_id, running);
                EXPECT_EQ(same.pending_id, pending);
                EXPECT_EQ(same.is_pending_occupied, is_occupied);
            }
        }
    }
}

TEST(CoreSlotsTest, a_second_dispatch_needs_an_acknowledged_first) {
    CoreSlots slots;
    slots.dispatched(7);
    EXPECT_FALSE(slots.is_idle());
    EXPECT_FALSE(slots.can_take_pending());
    EXPECT_EQ(slots.transition(ack(7)), CoreTransition::FREE_PENDING);
    slots.apply(CoreTransition::FREE_PENDING);
    EXPECT_TRUE(slots.can_take_pending());
    EXPECT_EQ(slots.transition(ack(7)), CoreTransition::NONE) << "seen before";
    slots.dispatched(8);
    EXPECT_FALSE(slots.can_take_pending());
    EXPECT_EQ(slots.running_id, 7u);
    EXPECT_EQ(slots.pending_id, 8u);
}

TEST(CoreSlotsTest, a_fin_of_the_running_task_alone_ends_it) {
    for (const bool acknowledged : {false, true}) {
        CoreSlots slots;
        slots.dispatched(7);
        if (acknowledged) {
            slots.apply(slots.transition(ack(7)));
        }
        EXPECT_EQ(slots.transition(fin(7)), CoreTransition::COMPLETE_RUNNING);
        slots.apply(CoreTransition::COMPLETE_RUNNING);
        EXPECT_TRUE(slots.is_idle());
        EXPECT_FALSE(slots.is_pending_occupied);
    }
}

CoreSlots with_pending() {
    CoreSlots slots;
    slots.dispatched(7);
    slots.apply(slots.transition(ack(7)));
    slots.dispatched(8);
    return slots;
}

TEST(CoreSlotsTest, with_a_task_pending_words_of_the_running_one_wait) {
    const CoreSlots slots = with_pending();
    EXPECT_EQ(slots.transition(ack(7)), CoreTransition::NONE);
    EXPECT_EQ(slots.transition(fin(7)), CoreTransition::NONE);
}

TEST(CoreSlotsTest, an_ack_of_the_pending_task_completes_the_running_one_and_promotes) {
    CoreSlots slots = with_pending();
    EXPECT_EQ(slots.transition(ack(8)), CoreTransition::COMPLETE_RUNNING_AND_PROMOTE);
    slots.apply(CoreTransition::COMPLETE_RUNNING_AND_PROMOTE);
    EXPECT_EQ(slots.running_id, 8u);
    EXPECT_TRUE(slots.can_take_pending());
    EXPECT_EQ(slots.transition(fin(8)), CoreTransition::COMPLETE_RUNNING);
}

TEST(CoreSlotsTest, a_fin_of_the_pending_task_completes_both) {
    CoreSlots slots = with_pending();
    EXPECT_EQ(slots.transition(fin(8)), CoreTransition::COMPLETE_PENDING_AND_RUNNING);
    slots.apply(CoreTransition::COMPLETE_PENDING_AND_RUNNING);
    EXPECT_TRUE(slots.is_idle());
}

TEST(CoreSlotsTest, other_ids_match_nothing) {
    const CoreSlots slots = with_pending();
    for (const uint32_t id : {0u, 6u, 9u, exit_doorbell, idle_doorbell, exited_id, idle_id}) {
        EXPECT_EQ(slots.transition(ack(id)), CoreTransition::NONE) << id;
        EXPECT_EQ(slots.transition(fin(id)), CoreTransition::NONE) << id;
    }
}

/// A core that starts and finishes its dispatches in order, and shows its last word only.
class ModelCore {
  public:
    void give(uint32_t id) { waiting_.push_back(id); }
    CoreWord word() const { return word_; }
    bool has_work() const { return is_running_ || !waiting_.empty(); }

    void step() {
        if (is_running_) {
            word_ = fin(word_.id);
        } else if (!waiting_.empty()) {
            word_ = ack(waiting_.front());
            waiting_.pop_front();
        }
        is_running_ = !word_.is_fin;
    }

  private:
    CoreWord word_{idle_id, true};
    bool is_running_ = false;
    std::deque<uint32_t> waiting_;
};

std::vector<uint32_t> completed_by(CoreTransition transition, const CoreSlots& slots) {
    switch (transition) {
        case CoreTransition::NONE:
        case CoreTransition::FREE_PENDING:
            return {};
        case CoreTransition::COMPLETE_RUNNING_AND_PROMOTE:
        case CoreTransition::COMPLETE_RUNNING:
            return {slots.running_id};
        case CoreTransition::COMPLETE_PENDING_AND_RUNNING:
            return {slots.pending_id, slots.running_id};
    }
    return {};
}

TEST(CoreSlotsTest, every_dispatch_completes_once_at_any_pace) {
    constexpr size_t dispatches = 20'000;
    std::mt19937 random(1);
    ModelCore core;
    CoreSlots slots;
    std::vector<int> times_completed(dispatches + 1);
    uint32_t id = 0;
    size_t given = 0;
    while (given < dispatches || !slots.is_idle()) {
        switch (random() % 3) {
            case 0:
                core.step();
                break;
            case 1: {
                const CoreTransition transition = slots.transition(core.word());
                for (const uint32_t done : completed_by(transition, slots)) {
                    ++times_completed.at(done);
                }
                slots.apply(transition);
                break;
            }
            default:
                if (given < dispatches && (slots.is_idle() || slots.can_take_pending())) {
                    id = pto::next_dispatch_id(id);
                    core.give(id);
                    slots.dispatched(id);
                    ++given;
                }
        }
    }
    EXPECT_FALSE(core.has_work());
    for (size_t i = 1; i <= dispatches; ++i) {
        ASSERT_EQ(times_completed[i], 1) << "dispatch " << i;
    }
}

}  // namespace
}  // namespace mailproof::test
