// Tests the alarm of the ready queue on real threads: a correct history passes, and each corruption
// that is planted in one gets its own verdict, no other.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/ready_queue/ready_queue_threads_history.h"
#include "fuzz/ready_queue/ready_queue_threads_oracle.h"
#include "fuzz/ready_queue/ready_queue_threads_schedule.h"
#include "fuzz/ready_queue/ready_task.h"

namespace fuzz::test {
namespace {

using Call = ReadyThreadsCall;
using Numbers = std::vector<uint32_t>;

Numbers part(const Numbers& numbers, size_t begin, size_t end) {
    return Numbers(numbers.begin() + static_cast<std::ptrdiff_t>(begin),
                   numbers.begin() + static_cast<std::ptrdiff_t>(end));
}

/// A schedule and its history, told call by call. A call begins after the one before it has ended,
/// unless at() says when it runs. Pushes give the numbers of the tasks that they put in, pops are
/// told which came out.
class Story {
  public:
    explicit Story(uint32_t capacity, bool stamped = true) {
        schedule_.capacity = capacity;
        schedule_.pushers = 2;
        schedule_.poppers = 2;
        schedule_.stamped = stamped;
        history_.stuck = false;
    }

    /// When the next call begins and ends.
    Story& at(uint64_t begin, uint64_t end) {
        next_begin_ = begin;
        next_end_ = end;
        return *this;
    }

    Numbers push(uint32_t pusher) { return push_call(pusher, Call::push, 1, 1); }
    Numbers push_batch(uint32_t pusher, uint32_t offered, uint32_t taken) {
        return push_call(pusher, Call::push_batch, offered, taken);
    }
    /// The task that would have come out.
    Numbers push_refused(uint32_t pusher) {
        push_call(pusher, Call::push, 1, 0);
        return {ready_task_number(pusher, pushed_[pusher])};
    }

    /// A pop of just as many tasks as came out.
    void pop(std::initializer_list<Numbers> out, uint32_t popper = 0) { pop_up_to(0, out, popper); }
    /// A pop of `asked` tasks, or of as many as came out if that is more.
    void pop_up_to(uint32_t asked, std::initializer_list<Numbers> out, uint32_t popper = 0) {
        std::vector<PoppedTask>& popped = history_.popped[popper];
        const auto first = static_cast<uint32_t>(popped.size());
        for (const Numbers& numbers : out) {
            for (const uint32_t number : numbers) {
                popped.push_back({ready_task(number), ready_mark(number)});
            }
        }
        const uint32_t result = static_cast<uint32_t>(popped.size()) - first;
        const uint32_t count = std::max(asked, result);
        record(popper, count == 1 ? Call::pop : Call::pop_batch, first, count, result);
    }
    void pop_nothing() { pop_up_to(1, {}); }

    void size_is(uint32_t size, uint32_t thread = 0) { record(thread, Call::size, 0, 0, size); }

    void gets_stuck() { history_.stuck = true; }

    PoppedTask& last_popped() { return history_.popped[0].back(); }
    ReadyThreadsEvent& last_pop() { return history_.events[0].back(); }

    /// What the oracle says of the story, after the runner's last pop and its size().
    std::optional<Finding> finding(uint32_t last_size = 0) const {
        Story whole = *this;
        whole.pop_up_to(schedule_.capacity + 1, {});
        whole.size_is(last_size);
        return judge(whole.schedule_, whole.history_);
    }
    std::string verdict(uint32_t last_size = 0) const {
        const std::optional<Finding> found = finding(last_size);
        return found ? found->verdict : "passes";
    }

  private:
    Numbers push_call(uint32_t pusher, Call call, uint32_t offered, uint32_t taken) {
        const uint32_t first = ready_task_number(pusher, pushed_[pusher]);
        pushed_[pusher] += taken;
        record(schedule_.poppers + pusher, call, first, offered, taken);
        Numbers numbers;
        for (uint32_t i = 0; i < taken; ++i) {
            numbers.push_back(first + i);
        }
        return numbers;
    }

    void record(uint32_t thread, Call call, uint32_t first, uint32_t count, uint32_t result) {
        const uint64_t begin = next_begin_ != 0 ? next_begin_ : clock_ + 1;
        const uint64_t end = next_begin_ != 0 ? next_end_ : clock_ + 2;
        clock_ = std::max(clock_, end);
        next_begin_ = 0;
        auto& list = schedule_.lists[thread];
        const auto operation = static_cast<uint32_t>(list.size());
        list.push_back({call, Pause::none, count});
        history_.events[thread].push_back({operation, call, first, count, result,
                                           schedule_.stamped ? begin : 0,
                                           schedule_.stamped ? end : 0});
    }

    ReadyQueueThreadsSchedule schedule_{};
    ReadyQueueThreadsHistory history_{};
    std::array<uint32_t, ready_pushers_max> pushed_{};
    uint64_t clock_ = 0;
    uint64_t next_begin_ = 0;
    uint64_t next_end_ = 0;
};

constexpr bool unstamped = false;

TEST(ReadyQueueThreadsOracle, passes_a_history_with_every_call) {
    Story story(4);
    const Numbers a = story.push(0);
    const Numbers b = story.push_batch(1, 5, 3);
    story.push_refused(0);
    story.size_is(4, 3);
    story.pop({a});
    story.pop_up_to(8, {b}, 1);
    story.pop_nothing();
    story.size_is(0);
    const Numbers c = story.push(1);
    const Numbers d = story.push_batch(0, 2, 2);
    story.push_batch(0, 0, 0);
    story.pop({c, part(d, 0, 1)});
    story.pop({part(d, 1, 2)}, 1);
    EXPECT_EQ(story.verdict(), "passes");
}

TEST(ReadyQueueThreadsOracle, passes_a_history_of_nothing) {
    EXPECT_EQ(Story(1).verdict(), "passes");
    EXPECT_EQ(Story(1, unstamped).verdict(), "passes");
}

TEST(ReadyQueueThreadsOracle, finds_a_lost_task) {
    Story story(4);
    const Numbers a = story.push(0);
    story.push(0);
    story.pop({a});
    EXPECT_EQ(story.verdict(), "lost");
}

TEST(ReadyQueueThreadsOracle, finds_the_lost_end_of_a_batch) {
    Story story(4);
    const Numbers a = story.push_batch(0, 3, 3);
    story.pop({part(a, 0, 2)});
    EXPECT_EQ(story.verdict(), "lost");
}

TEST(ReadyQueueThreadsOracle, finds_a_task_that_came_out_twice) {
    for (const uint32_t second_popper : {0u, 1u}) {
        Story story(4);
        const Numbers a = story.push(0);
        story.pop({a});
        story.pop({a}, second_popper);
        EXPECT_EQ(story.verdict(), "duplicated");
    }
}

// The one of the two that wipes the task second has read nothing from it.
TEST(ReadyQueueThreadsOracle, calls_a_task_that_came_out_twice_by_that_name) {
    Story story(4);
    const Numbers a = story.push(0);
    story.pop({a});
    story.last_popped().mark = 0;
    story.pop({a}, 1);
    EXPECT_EQ(story.verdict(), "duplicated");
}

TEST(ReadyQueueThreadsOracle, finds_a_task_that_was_never_pushed) {
    const uint32_t never_reached = ready_task_number(0, 77);
    const uint32_t of_another_pusher = ready_task_number(1, 0);
    const uint32_t of_no_pusher = ready_task_number(3, 0);
    for (const uint32_t number : {never_reached, of_another_pusher, of_no_pusher}) {
        Story story(4);
        story.push(0);
        story.pop({Numbers{number}});
        EXPECT_EQ(story.verdict(), "invented") << number;
    }
}

TEST(ReadyQueueThreadsOracle, finds_a_pointer_that_is_not_a_task) {
    const ReadyTask stranger{};
    for (const ReadyTask* const wrong : {static_cast<const ReadyTask*>(nullptr), &stranger}) {
        Story story(4);
        story.pop({story.push(0)});
        story.last_popped() = {wrong, 0};
        EXPECT_EQ(story.verdict(), "invented");
    }
}

TEST(ReadyQueueThreadsOracle, finds_a_refused_task_that_came_out_all_the_same) {
    Story story(1);
    const Numbers a = story.push(0);
    const Numbers b = story.push_refused(1);
    story.pop({a});
    story.pop({b});
    EXPECT_EQ(story.verdict(), "invented");
}

TEST(ReadyQueueThreadsOracle, finds_a_task_that_came_out_before_its_push) {
    Story story(4);
    const Numbers a = story.at(10, 11).push(0);
    story.at(8, 9).pop({a});
    EXPECT_EQ(story.verdict(), "invented");
}

TEST(ReadyQueueThreadsOracle, finds_a_batch_larger_than_was_asked_for) {
    Story story(4);
    story.pop({story.push_batch(0, 3, 3)});
    story.last_pop().count = 2;
    EXPECT_EQ(story.verdict(), "invented");
}

TEST(ReadyQueueThreadsOracle, finds_a_task_without_what_its_pusher_wrote) {
    Story story(4);
    story.pop({story.push(0)});
    story.last_popped().mark = 0;
    EXPECT_EQ(story.verdict(), "stale");
}

TEST(ReadyQueueThreadsOracle, finds_tasks_of_one_pusher_in_the_wrong_order) {
    Story story(4);
    const Numbers a = story.push(0);
    const Numbers b = story.push(0);
    story.pop({b});
    story.pop({a});
    EXPECT_EQ(story.verdict(), "wrong-order");
}

TEST(ReadyQueueThreadsOracle, finds_tasks_of_one_pusher_that_two_poppers_got_in_the_wrong_order) {
    Story story(4);
    const Numbers a = story.push(0);
    const Numbers b = story.push(0);
    story.pop({b});
    story.pop({a}, 1);
    EXPECT_EQ(story.verdict(), "wrong-order");
}

TEST(ReadyQueueThreadsOracle, finds_a_batch_that_two_poppers_got_in_the_wrong_order) {
    Story story(4);
    const Numbers a = story.push_batch(0, 2, 2);
    story.pop({part(a, 1, 2)});
    story.pop({part(a, 0, 1)}, 1);
    EXPECT_EQ(story.verdict(), "wrong-order");
}

TEST(ReadyQueueThreadsOracle, finds_a_batch_in_reverse) {
    Story story(4);
    const Numbers a = story.push_batch(0, 2, 2);
    story.pop({part(a, 1, 2), part(a, 0, 1)});
    EXPECT_EQ(story.verdict(), "wrong-order");
}

TEST(ReadyQueueThreadsOracle, finds_a_stranger_within_a_batch) {
    for (const bool stamped : {true, false}) {
        Story story(4, stamped);
        const Numbers a = story.at(1, 10).push_batch(0, 2, 2);
        const Numbers b = story.at(2, 9).push(1);
        Story apart = story;
        apart.pop({part(a, 0, 1), b, part(a, 1, 2)});
        EXPECT_EQ(apart.verdict(), "wrong-order");
        Story begins_late = story;
        begins_late.pop({part(a, 0, 1), b});
        begins_late.pop({part(a, 1, 2)}, 1);
        EXPECT_EQ(begins_late.verdict(), "wrong-order");
        story.pop({part(a, 0, 1)}, 1);
        story.pop({part(a, 1, 2), b});
        EXPECT_EQ(story.verdict(), "passes");
    }
}

TEST(ReadyQueueThreadsOracle, finds_tasks_of_two_pushers_in_the_wrong_order) {
    for (const uint32_t second_popper : {0u, 1u}) {
        Story story(4);
        const Numbers a = story.push(0);
        const Numbers b = story.push(1);
        story.pop({b});
        story.pop({a}, second_popper);
        EXPECT_EQ(story.verdict(), "wrong-order");
    }
}

TEST(ReadyQueueThreadsOracle, allows_any_order_exactly_while_the_pushes_overlap) {
    const auto verdict_with_first_push_at = [](uint64_t begin, uint64_t end, uint32_t popper) {
        Story story(4);
        const Numbers a = story.at(begin, end).push(0);
        const Numbers b = story.at(10, 20).push(1);
        story.at(30, 31).pop({b});
        story.at(32, 33).pop({a}, popper);
        return story.verdict();
    };
    for (const uint32_t popper : {0u, 1u}) {
        EXPECT_EQ(verdict_with_first_push_at(1, 9, popper), "wrong-order");
        EXPECT_EQ(verdict_with_first_push_at(1, 11, popper), "passes");
        EXPECT_EQ(verdict_with_first_push_at(19, 22, popper), "passes");
        EXPECT_EQ(verdict_with_first_push_at(21, 22, popper), "passes");
    }
}

TEST(ReadyQueueThreadsOracle, allows_any_order_exactly_while_the_pops_overlap) {
    const auto verdict_with_later_pop_at = [](uint64_t begin, uint64_t end) {
        Story story(4);
        const Numbers a = story.push(0);
        const Numbers b = story.push(1);
        story.at(10, 20).pop({a});
        story.at(begin, end).pop({b}, 1);
        return story.verdict();
    };
    EXPECT_EQ(verdict_with_later_pop_at(21, 22), "passes");
    EXPECT_EQ(verdict_with_later_pop_at(8, 11), "passes");
    EXPECT_EQ(verdict_with_later_pop_at(8, 9), "wrong-order");
}

TEST(ReadyQueueThreadsOracle, finds_more_tasks_in_the_queue_than_it_has_slots) {
    Story story(2);
    const Numbers a = story.at(1, 2).push(0);
    const Numbers b = story.at(3, 4).push(0);
    const Numbers c = story.at(5, 7).push(1);
    Story other = story;
    story.at(8, 9).pop({a, b, c});
    EXPECT_EQ(story.verdict(), "overfull");
    other.at(6, 8).pop({a});  // it may have made room while the third push ran
    other.pop({b, c});
    EXPECT_EQ(other.verdict(), "passes");
}

TEST(ReadyQueueThreadsOracle, finds_a_batch_beyond_the_slots_or_what_was_offered) {
    Story slots(2, unstamped);
    slots.pop({slots.push_batch(0, 3, 3)});
    EXPECT_EQ(slots.verdict(), "overfull");
    Story offered(4, unstamped);
    offered.pop({offered.push_batch(0, 2, 3)});
    EXPECT_EQ(offered.verdict(), "overfull");
}

TEST(ReadyQueueThreadsOracle, finds_a_push_refused_with_a_slot_free) {
    Story story(2);
    const Numbers a = story.push(0);
    story.push_refused(1);
    story.pop({a});
    EXPECT_EQ(story.verdict(), "false-full");
}

TEST(ReadyQueueThreadsOracle, allows_a_refused_push_exactly_when_enough_claims_had_begun) {
    const auto verdict_with_second_push_at = [](uint64_t begin, uint64_t end) {
        Story story(2);
        const Numbers a = story.at(1, 2).push(0);
        story.at(10, 20).push_refused(0);
        const Numbers b = story.at(begin, end).push(1);
        story.pop({a, b});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with_second_push_at(19, 21), "passes");
    EXPECT_EQ(verdict_with_second_push_at(21, 22), "false-full");
}

TEST(ReadyQueueThreadsOracle, allows_a_refused_push_exactly_when_no_pop_had_surely_made_room) {
    const auto verdict_with_pop_at = [](uint64_t begin, uint64_t end) {
        Story story(2);
        const Numbers a = story.at(1, 2).push(0);
        const Numbers b = story.at(3, 4).push(0);
        story.at(begin, end).pop({a});
        story.at(10, 20).push_refused(1);
        story.pop({b});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with_pop_at(8, 11), "passes");
    EXPECT_EQ(verdict_with_pop_at(8, 9), "false-full");
}

TEST(ReadyQueueThreadsOracle, allows_a_batch_cut_short_exactly_when_enough_claims_had_begun) {
    const auto verdict_after = [](uint32_t earlier_tasks) {
        Story story(4);
        const Numbers a = story.push_batch(0, earlier_tasks, earlier_tasks);
        const Numbers b = story.push_batch(1, 4, 2);
        story.pop({a, b});
        return story.verdict();
    };
    EXPECT_EQ(verdict_after(2), "passes");
    EXPECT_EQ(verdict_after(1), "false-full");
}

TEST(ReadyQueueThreadsOracle, finds_a_pop_that_saw_nothing_where_there_was_something) {
    Story story(4);
    const Numbers a = story.push(0);
    story.pop_nothing();
    story.pop({a});
    EXPECT_EQ(story.verdict(), "false-empty");
}

TEST(ReadyQueueThreadsOracle, finds_a_batch_that_ended_early) {
    Story story(4);
    const Numbers a = story.push_batch(0, 3, 3);
    story.pop_up_to(3, {part(a, 0, 2)});
    story.pop({part(a, 2, 3)}, 1);
    EXPECT_EQ(story.verdict(), "false-empty");
}

TEST(ReadyQueueThreadsOracle, allows_an_empty_pop_exactly_until_the_push_returned) {
    const auto verdict_with_pop_at = [](uint64_t begin, uint64_t end) {
        Story story(4);
        const Numbers a = story.at(10, 20).push(0);
        story.at(begin, end).pop_nothing();
        story.at(40, 41).pop({a});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with_pop_at(19, 30), "passes");
    EXPECT_EQ(verdict_with_pop_at(21, 30), "false-empty");
}

TEST(ReadyQueueThreadsOracle, allows_an_empty_pop_exactly_when_another_may_have_drawn_the_task) {
    const auto verdict_with_other_pop_at = [](uint64_t begin, uint64_t end) {
        Story story(4);
        const Numbers a = story.at(1, 2).push(0);
        story.at(10, 20).pop_nothing();
        story.at(begin, end).pop({a}, 1);
        return story.verdict();
    };
    EXPECT_EQ(verdict_with_other_pop_at(19, 30), "passes");
    EXPECT_EQ(verdict_with_other_pop_at(21, 30), "false-empty");
}

TEST(ReadyQueueThreadsOracle, allows_an_empty_pop_exactly_after_a_push_that_is_still_running) {
    const auto verdict_with_other_push_at = [](uint64_t begin) {
        Story story(4);
        const Numbers a = story.at(10, 11).push(1);
        const Numbers b = story.at(begin, 100).push(0);
        story.at(30, 31).pop_nothing();  // the oldest ticket may be the unfinished one
        story.at(101, 102).pop({a, b});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with_other_push_at(9), "passes");
    EXPECT_EQ(verdict_with_other_push_at(12), "false-empty");
}

TEST(ReadyQueueThreadsOracle, finds_a_size_that_cannot_be) {
    for (const uint32_t wrong : {0u, 1u, 3u, 4u}) {
        Story story(4);
        const Numbers a = story.push_batch(0, 2, 2);
        story.size_is(wrong, 3);
        story.pop({a});
        EXPECT_EQ(story.verdict(), "false-size") << wrong;
    }
}

TEST(ReadyQueueThreadsOracle, allows_a_size_with_or_without_unfinished_calls) {
    const auto verdict_with = [](uint32_t size) {
        Story story(4);
        const Numbers a = story.at(1, 2).push_batch(0, 2, 2);
        const Numbers b = story.at(3, 30).push(0);
        story.at(4, 31).pop({part(a, 0, 1)});
        story.at(10, 20).size_is(size, 3);
        story.at(40, 41).pop({part(a, 1, 2), b});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with(0), "false-size");
    EXPECT_EQ(verdict_with(1), "passes");
    EXPECT_EQ(verdict_with(3), "passes");
    EXPECT_EQ(verdict_with(4), "false-size");
}

TEST(ReadyQueueThreadsOracle, finds_a_drained_queue_that_is_not_empty) {
    for (const bool stamped : {true, false}) {
        Story story(4, stamped);
        story.pop({story.push(0)});
        EXPECT_EQ(story.verdict(/*last_size=*/1), "false-size");
    }
}

TEST(ReadyQueueThreadsOracle, finds_a_stuck_push_before_anything_else) {
    Story story(4);
    story.push(0);
    story.gets_stuck();
    EXPECT_EQ(story.verdict(), "stuck");
}

TEST(ReadyQueueThreadsOracle, does_not_judge_times_without_stamps) {
    Story story(2, unstamped);
    const Numbers a = story.push(0);
    story.push_refused(1);
    story.pop_nothing();
    story.size_is(9, 3);
    const Numbers b = story.push(1);
    story.pop({b, a});
    EXPECT_EQ(story.verdict(), "passes");
}

TEST(ReadyQueueThreadsOracle, judges_conservation_and_pusher_order_without_stamps) {
    Story story(4, unstamped);
    const Numbers a = story.push(0);
    const Numbers b = story.push(0);
    const auto verdict_after_pop = [&story](std::initializer_list<Numbers> out) {
        Story other = story;
        other.pop(out);
        return other.verdict();
    };
    EXPECT_EQ(verdict_after_pop({a, b}), "passes");
    EXPECT_EQ(verdict_after_pop({a}), "lost");
    EXPECT_EQ(verdict_after_pop({a, b, b}), "duplicated");
    EXPECT_EQ(verdict_after_pop({a, b, Numbers{5}}), "invented");
    EXPECT_EQ(verdict_after_pop({b, a}), "wrong-order");
}

TEST(ReadyQueueThreadsOracle, shows_the_calls_that_contradict_each_other) {
    Story story(4);
    const Numbers a = story.push(0);
    const Numbers b = story.push_batch(1, 3, 3);
    story.pop({b});
    story.pop({a}, 1);
    const std::optional<Finding> found = story.finding();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->details,
              "capacity 4, 2 pushers, 2 poppers\n"
              "  pusher 0, operation 0: push -> 1 of 1, from 1 to 2\n"
              "  pusher 1, operation 0: push a batch of 3 -> 3 of 3, from 3 to 4\n"
              "  popper 0, operation 0: pop a batch of up to 3 -> 3 of 3, from 5 to 6\n"
              "  popper 1, operation 0: pop -> 1 of 1, from 7 to 8\n");
}

}  // namespace
}  // namespace fuzz::test
