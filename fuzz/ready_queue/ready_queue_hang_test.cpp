// Tests what the ready queue's targets report of a hang, with a queue whose batch pops never
// return.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "fuzz/kit/watched_run.h"
#include "fuzz/ready_queue/ready_queue_step_runner.h"
#include "fuzz/ready_queue/ready_queue_threads_runner.h"

namespace fuzz::test {
namespace {

using Queue = pto::ReadyQueue<ReadyTask>;

struct StuckQueue : Queue {
    using Queue::Queue;

    uint32_t pop_batch(ReadyTask**, uint32_t) noexcept { never_return(); }
};

using ReadyQueueHangDeathTest = HangDeathTest;

TEST_F(ReadyQueueHangDeathTest, shows_the_call_and_the_queue) {
    ReadyQueueStepSchedule schedule{};
    schedule.capacity = 4;
    schedule.operations = {{ReadyQueueCall::push_batch, 1, 3},
                           {ReadyQueueCall::claim_push, 1, 1},
                           {ReadyQueueCall::claim_pop, 1, 1},
                           {ReadyQueueCall::pop_batch, 1, 2}};
    EXPECT_DEATH(run_watched<ReadyQueueStepRunnerOn<StuckQueue>>(schedule),
                 "FINDING some_target: hang: the input still runs after 1 s\n"
                 "  operation 3 of 4: pop a batch of up to 2\n"
                 "  queue of 4 slots: 3 tickets are between its ends\n"
                 "  2 of them hold a task that no pop has taken: 1 2\n"
                 "  1 pushes and 1 pops have a ticket that they have not used\n");
}

TEST_F(ReadyQueueHangDeathTest, shows_where_each_thread_stands) {
    ReadyQueueThreadsSchedule schedule{};
    schedule.capacity = 4;
    schedule.pushers = 1;
    schedule.poppers = 1;
    schedule.lists[1] = {{ReadyThreadsCall::push_batch, Pause::none, 2}};
    schedule.lists[0] = {{ReadyThreadsCall::size, Pause::none, 0},
                         {ReadyThreadsCall::pop_batch, Pause::none, 4}};
    EXPECT_DEATH(run_watched<ReadyQueueThreadsRunnerOn<StuckQueue>>(schedule),
                 "  popper 0: operation 1 of 2: pop a batch of up to 4\n"
                 "  pusher 0: after all 1 operations\n"
                 "  queue of 4 slots: 2 tickets are between its ends\n"
                 "  2 of them hold a task that no pop has taken: 0 1\n");
}

TEST(ReadyQueueTextTest, is_short) {
    Queue queue(64);
    for (uint32_t i = 0; i < 64; ++i) {
        ASSERT_TRUE(queue.push(ready_task(i)));
    }
    const std::string text = describe_queue(queue);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
    EXPECT_NE(text.find(" 31 and others\n"), std::string::npos) << text;
}

TEST(ReadyQueueTextTest, says_nothing_of_tasks_in_an_empty_queue) {
    EXPECT_EQ(describe_queue(Queue(4)), "  queue of 4 slots: 0 tickets are between its ends\n");
}

}  // namespace
}  // namespace fuzz::test
