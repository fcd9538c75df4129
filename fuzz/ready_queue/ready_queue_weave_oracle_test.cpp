// Tests the oracle of the ready queue under weave: what C++ leaves open passes, and each call that
// contradicts what happens before it gets its verdict. Tests the scenario's bytes.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/told_clocks.h"
#include "fuzz/ready_queue/ready_queue_threads_schedule.h"
#include "fuzz/ready_queue/ready_queue_weave_oracle.h"
#include "fuzz/ready_queue/ready_queue_weave_scenario.h"

namespace fuzz::test {
namespace {

using Call = ReadyThreadsCall;

constexpr uint32_t popper = 0;
constexpr uint32_t pusher = 1;
constexpr uint32_t other_pusher = 2;

/// A history of one popper and two pushers, told call by call; learns() says what happens before.
class Story {
  public:
    explicit Story(uint32_t capacity) {
        schedule_.capacity = capacity;
        schedule_.poppers = 1;
        schedule_.pushers = 2;
    }

    Story& learns(uint32_t thread, uint32_t from) {
        clocks_.learn(thread, from);
        return *this;
    }
    /// Tasks are numbered by their pusher; a refused one is offered again.
    Story& push(uint32_t thread, uint32_t offered, uint32_t taken) {
        const uint32_t first = ready_task_number(thread - 1, pushed_[thread]);
        pushed_[thread] += taken;
        return call(thread, Call::push_batch, first, offered, taken);
    }
    Story& pop(uint32_t asked, const std::vector<uint32_t>& tasks) {
        const auto first = static_cast<uint32_t>(history_.popped[popper].size());
        for (const uint32_t task : tasks) {
            history_.popped[popper].push_back({ready_task(task), ready_mark(task)});
        }
        return call(popper, Call::pop_batch, first, asked, static_cast<uint32_t>(tasks.size()));
    }
    Story& size_is(uint32_t thread, uint32_t size) { return call(thread, Call::size, 0, 0, size); }

    std::string verdict() const {
        const std::optional<Finding> found = judge_by_clocks(schedule_, history_);
        return found ? found->verdict : "passes";
    }

  private:
    Story& call(uint32_t thread, Call call, uint32_t first, uint32_t count, uint32_t result) {
        const uint64_t begin = clocks_.draw(thread);
        history_.events[thread].push_back(
            {0, call, first, count, result, begin, clocks_.draw(thread)});
        return *this;
    }

    ToldClocks clocks_;
    ReadyQueueThreadsSchedule schedule_{};
    ReadyQueueThreadsHistory history_{};
    uint32_t pushed_[3] = {};
};

uint32_t task(uint32_t thread, uint32_t count) { return ready_task_number(thread - 1, count); }

TEST(ReadyQueueWeaveOracle, what_nothing_orders_passes) {
    EXPECT_EQ(Story(1)
                  .push(pusher, 1, 1)
                  .pop(1, {})
                  .push(other_pusher, 1, 0)
                  .size_is(popper, 0)
                  .pop(1, {task(pusher, 0)})
                  .verdict(),
              "passes");
}

TEST(ReadyQueueWeaveOracle, a_pop_that_knows_of_a_task_and_leaves_it) {
    EXPECT_EQ(Story(4)
                  .push(pusher, 1, 1)
                  .learns(popper, pusher)
                  .pop(1, {})
                  .pop(1, {task(pusher, 0)})
                  .verdict(),
              "false-empty");
}

TEST(ReadyQueueWeaveOracle, a_pop_may_stop_at_an_earlier_push_that_it_does_not_know_of) {
    EXPECT_EQ(Story(4)
                  .push(other_pusher, 1, 1)
                  .push(pusher, 1, 1)
                  .learns(popper, pusher)
                  .pop(1, {})
                  .pop(2, {task(other_pusher, 0), task(pusher, 0)})
                  .verdict(),
              "passes");
}

TEST(ReadyQueueWeaveOracle, a_push_that_knows_of_a_pop_and_is_refused) {
    EXPECT_EQ(Story(1)
                  .push(pusher, 1, 1)
                  .learns(popper, pusher)
                  .pop(1, {task(pusher, 0)})
                  .learns(pusher, popper)
                  .push(pusher, 1, 0)
                  .verdict(),
              "false-full");
}

TEST(ReadyQueueWeaveOracle, more_tasks_than_slots) {
    EXPECT_EQ(Story(1)
                  .push(pusher, 1, 1)
                  .push(pusher, 1, 1)
                  .learns(popper, pusher)
                  .pop(2, {task(pusher, 0), task(pusher, 1)})
                  .verdict(),
              "overfull");
}

TEST(ReadyQueueWeaveOracle, tasks_that_come_out_in_another_order) {
    EXPECT_EQ(Story(4)
                  .push(pusher, 1, 1)
                  .learns(other_pusher, pusher)
                  .push(other_pusher, 1, 1)
                  .pop(1, {task(other_pusher, 0)})
                  .pop(1, {task(pusher, 0)})
                  .verdict(),
              "wrong-order");
}

TEST(ReadyQueueWeaveOracle, a_size_that_no_order_gives) {
    EXPECT_EQ(Story(4).push(pusher, 1, 1).size_is(pusher, 0).pop(1, {task(pusher, 0)}).verdict(),
              "passes");
    EXPECT_EQ(Story(4)
                  .push(pusher, 1, 1)
                  .size_is(pusher, 0)
                  .learns(popper, pusher)
                  .pop(1, {task(pusher, 0)})
                  .verdict(),
              "false-size");
    EXPECT_EQ(Story(4).size_is(popper, 4).verdict(), "false-size");
}

TEST(ReadyQueueWeaveScenario, its_calls_are_those_of_ready_queue_threads) {
    for (const Seed& seed : ReadyQueueWeaveScenario::seeds()) {
        ReadyQueueThreadsSchedule schedule;
        const std::vector<uint8_t> input = ReadyQueueWeaveScenario::threads_input(seed.bytes);
        schedule.decode(input);
        ReadyQueueWeaveScenario scenario;
        scenario.decode(seed.bytes);
        ASSERT_EQ(schedule.threads(), scenario.schedule().threads());
        for (uint32_t thread = 0; thread < schedule.threads(); ++thread) {
            EXPECT_EQ(schedule.lists[thread].size(), scenario.schedule().lists[thread].size());
        }
        EXPECT_EQ(scenario.choices().size(),
                  seed.bytes.size() - ReadyQueueWeaveScenario::format.header_bytes);
    }
}

}  // namespace
}  // namespace fuzz::test
