// Tests the alarm of the ready queue on one thread: what the real queue does passes, and each
// corruption that is planted in the history of a real run gets its own verdict, no other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/ready_queue/ready_queue_step_oracle.h"
#include "fuzz/ready_queue/ready_queue_step_runner.h"
#include "fuzz/ready_queue/ready_queue_step_schedule.h"

namespace fuzz::test {
namespace {

using Call = ReadyQueueCall;

constexpr ReadyQueueOperation push = {Call::push, 1, 0};
constexpr ReadyQueueOperation pop = {Call::pop, 1, 0};
constexpr ReadyQueueOperation size = {Call::size, 1, 0};
constexpr ReadyQueueOperation push_batch(uint32_t count) { return {Call::push_batch, 1, count}; }
constexpr ReadyQueueOperation pop_batch(uint32_t count) { return {Call::pop_batch, 1, count}; }
constexpr ReadyQueueOperation claim_push(uint32_t count) { return {Call::claim_push, 1, count}; }
constexpr ReadyQueueOperation claim_pop(uint32_t count) { return {Call::claim_pop, 1, count}; }
constexpr ReadyQueueOperation put(uint32_t which = 0) { return {Call::put, 1, which}; }
constexpr ReadyQueueOperation take(uint32_t which = 0) { return {Call::take, 1, which}; }

/// A run of the real queue, with four slots, whose history can be changed before it is judged.
class RealRun {
  public:
    explicit RealRun(std::vector<ReadyQueueOperation> operations)
        : schedule_{4, 0, std::move(operations)} {
        runner().run(schedule_, history_);
    }

    /// The event of operation `index`.
    ReadyQueueEvent& event(size_t index) {
        return *std::find_if(history_.events.begin(), history_.events.end(),
                             [&](const ReadyQueueEvent& e) { return e.operation == index; });
    }
    ReadyQueueEvent& last_event() { return history_.events.back(); }

    std::vector<const ReadyTask*>& popped() { return history_.popped; }

    std::optional<Finding> finding() const { return judge(schedule_, history_); }
    std::string verdict() const {
        const std::optional<Finding> found = finding();
        return found ? found->verdict : "passes";
    }

  private:
    static ReadyQueueStepRunner& runner() {
        static const auto kept = std::make_unique<ReadyQueueStepRunner>();
        return *kept;
    }

    ReadyQueueStepSchedule schedule_;
    ReadyQueueStepHistory history_;
};

TEST(ReadyQueueOracle, passes_what_the_queue_does_with_every_call) {
    const RealRun run({size,         pop,           push,         push_batch(2), claim_push(3),
                       push,         size,          pop,          put(),         pop,
                       pop_batch(5), push_batch(9), claim_pop(2), push,          push_batch(2),
                       pop,          take(1),       take(),       claim_push(0), claim_pop(0),
                       pop_batch(0), push_batch(0)});
    EXPECT_EQ(run.verdict(), "passes");
}

TEST(ReadyQueueOracle, passes_what_the_queue_does_on_every_seed) {
    const auto runner = std::make_unique<ReadyQueueStepRunner>();
    ReadyQueueStepSchedule schedule;
    ReadyQueueStepHistory history;
    for (const Seed& seed : ReadyQueueStepSchedule::seeds()) {
        schedule.decode(seed.bytes);
        runner->run(schedule, history);
        EXPECT_FALSE(judge(schedule, history)) << seed.name;
    }
}

TEST(ReadyQueueOracle, finds_a_push_refused_with_a_slot_free) {
    RealRun run({push_batch(3), push});
    run.event(1).result = 0;
    EXPECT_EQ(run.verdict(), "false-full");
}

TEST(ReadyQueueOracle, finds_a_push_refused_with_the_slot_of_an_unfinished_pop_free) {
    RealRun run({push_batch(4), claim_pop(1), claim_push(1)});
    ASSERT_EQ(run.event(2).result, 1u);
    run.event(2).result = 0;
    EXPECT_EQ(run.verdict(), "false-full");
}

TEST(ReadyQueueOracle, finds_a_batch_cut_shorter_than_the_queue) {
    RealRun run({push, push_batch(6)});
    ASSERT_EQ(run.event(1).result, 3u);
    run.event(1).result = 2;
    EXPECT_EQ(run.verdict(), "false-full");
}

TEST(ReadyQueueOracle, finds_a_begun_push_cut_shorter_than_the_queue) {
    RealRun run({claim_push(3)});
    run.event(0).result = 2;
    EXPECT_EQ(run.verdict(), "false-full");
}

TEST(ReadyQueueOracle, finds_a_push_taken_without_a_slot) {
    for (const ReadyQueueOperation& how : {push_batch(4), claim_push(4)}) {
        RealRun run({how, push});
        run.event(1).result = 1;
        EXPECT_EQ(run.verdict(), "overfull");
    }
}

TEST(ReadyQueueOracle, finds_a_batch_taken_beyond_the_slots) {
    RealRun run({push, push_batch(6)});
    run.event(1).result = 4;
    EXPECT_EQ(run.verdict(), "overfull");
}

TEST(ReadyQueueOracle, finds_a_batch_taken_beyond_what_was_offered) {
    RealRun run({push_batch(2)});
    run.event(0).result = 3;
    EXPECT_EQ(run.verdict(), "overfull");
}

TEST(ReadyQueueOracle, finds_a_push_that_began_at_the_wrong_ticket) {
    for (const uint64_t offset : {uint64_t{1}, ~uint64_t{0}, uint64_t{4}}) {
        RealRun run({push, claim_push(1)});
        run.event(1).ticket += offset;
        EXPECT_EQ(run.verdict(), "wrong-ticket");
    }
}

TEST(ReadyQueueOracle, finds_a_pop_that_began_at_the_wrong_ticket) {
    for (const uint64_t offset : {uint64_t{1}, ~uint64_t{0}, uint64_t{4}}) {
        RealRun run({push_batch(2), claim_pop(2)});
        run.event(1).ticket += offset;
        EXPECT_EQ(run.verdict(), "wrong-ticket");
    }
}

TEST(ReadyQueueOracle, ignores_the_ticket_of_a_call_that_got_none) {
    RealRun run({claim_pop(1), push_batch(4), claim_push(1)});
    run.event(0).ticket = 12345;
    run.event(2).ticket = 12345;
    EXPECT_EQ(run.verdict(), "passes");
}

TEST(ReadyQueueOracle, finds_a_pop_that_saw_nothing_where_there_was_something) {
    for (const ReadyQueueOperation& how : {pop, pop_batch(1), claim_pop(1)}) {
        RealRun run({push, how});
        run.event(1).result = 0;
        EXPECT_EQ(run.verdict(), "false-empty");
    }
}

TEST(ReadyQueueOracle, finds_a_batch_that_ended_early) {
    RealRun run({push_batch(3), pop_batch(4)});
    run.event(1).result = 2;
    EXPECT_EQ(run.verdict(), "false-empty");
}

TEST(ReadyQueueOracle, finds_a_batch_that_ended_before_the_unfinished_push) {
    RealRun run({push_batch(2), claim_push(1), push, pop_batch(4)});
    ASSERT_EQ(run.event(3).result, 2u);
    run.event(3).result = 1;
    EXPECT_EQ(run.verdict(), "false-empty");
}

TEST(ReadyQueueOracle, finds_a_task_out_of_an_empty_queue) {
    RealRun run({push, pop, pop});
    run.event(2).result = 1;
    run.popped().push_back(run.popped().front());
    EXPECT_EQ(run.verdict(), "invented");
}

TEST(ReadyQueueOracle, finds_a_task_that_came_out_past_an_unfinished_push) {
    for (const ReadyQueueOperation& how : {pop, pop_batch(1), claim_pop(1)}) {
        RealRun run({claim_push(1), push, how});
        run.event(2).result = 1;
        EXPECT_EQ(run.verdict(), "invented");
    }
}

// The runner keeps no more tasks than were asked for, so these are nowhere to compare with.
TEST(ReadyQueueOracle, finds_a_batch_larger_than_was_asked_for_without_reading_what_it_has_not) {
    RealRun run({push_batch(3), pop_batch(3)});
    run.event(1).count = 1;
    run.popped().resize(1);
    run.popped().shrink_to_fit();
    EXPECT_EQ(run.verdict(), "invented");
}

TEST(ReadyQueueOracle, finds_tasks_in_the_wrong_order) {
    for (const auto& [first, second] :
         {std::pair(push_batch(2), pop_batch(2)), std::pair(push_batch(2), claim_pop(2))}) {
        RealRun run({first, second, take(), take()});
        std::swap(run.popped()[0], run.popped()[1]);
        EXPECT_EQ(run.verdict(), "wrong-order");
    }
}

TEST(ReadyQueueOracle, finds_a_task_that_came_out_twice) {
    RealRun run({push, push, pop, pop});
    run.popped()[1] = run.popped()[0];
    EXPECT_EQ(run.verdict(), "wrong-order");
}

TEST(ReadyQueueOracle, finds_a_pointer_that_is_not_a_task) {
    const ReadyTask stranger{};
    for (const ReadyTask* const wrong : {static_cast<const ReadyTask*>(nullptr), &stranger}) {
        RealRun run({push_batch(2), pop_batch(2)});
        run.popped()[1] = wrong;
        const std::optional<Finding> found = run.finding();
        ASSERT_TRUE(found);
        EXPECT_EQ(found->verdict, "wrong-order");
        EXPECT_EQ(found->sentence, "ticket 1 gave a pointer to no task instead of task 1");
    }
}

TEST(ReadyQueueOracle, knows_which_task_is_whose_when_takes_are_out_of_order) {
    RealRun run({push_batch(3), claim_pop(3), take(2), take(0), take(0)});
    EXPECT_EQ(run.verdict(), "passes");
    std::swap(run.popped()[0], run.popped()[2]);
    EXPECT_EQ(run.verdict(), "wrong-order");
}

TEST(ReadyQueueOracle, finds_a_put_into_a_slot_that_its_pop_has_not_left) {
    RealRun run({push_batch(4), claim_pop(1), claim_push(1), put()});
    ASSERT_TRUE(run.event(3).waits);
    run.event(3).waits = false;
    EXPECT_EQ(run.verdict(), "overwritten");
}

TEST(ReadyQueueOracle, finds_a_push_into_a_slot_that_its_pop_has_not_left) {
    const auto beside = [](uint32_t count) {
        return RealRun({push_batch(4), pop_batch(2), claim_pop(1), push_batch(count)});
    };
    ASSERT_FALSE(beside(2).event(3).waits);
    RealRun run = beside(3);
    ASSERT_TRUE(run.event(3).waits);
    run.event(3).waits = false;
    EXPECT_EQ(run.verdict(), "overwritten");
}

TEST(ReadyQueueOracle, finds_a_call_left_out_that_had_nothing_to_wait_for) {
    RealRun whole({push_batch(3), claim_pop(1), push});
    whole.event(2).waits = true;
    EXPECT_EQ(whole.verdict(), "false-wait");
    RealRun step({push_batch(3), claim_pop(1), claim_push(1), put()});
    step.event(3).waits = true;
    EXPECT_EQ(step.verdict(), "false-wait");
}

TEST(ReadyQueueOracle, finds_a_wrong_size) {
    for (const uint32_t wrong : {1u, 3u, 5u}) {
        RealRun run({push_batch(2), size});
        run.event(1).result = wrong;
        EXPECT_EQ(run.verdict(), "false-size");
    }
}

TEST(ReadyQueueOracle, finds_a_wrong_size_at_the_end_of_the_schedule) {
    RealRun run({push});
    ASSERT_EQ(run.last_event().call, Call::size);
    run.last_event().result = 1;
    EXPECT_EQ(run.verdict(), "false-size");
}

TEST(ReadyQueueOracle, allows_size_to_count_unfinished_calls_or_not) {
    const auto verdict_with = [](uint32_t answer) {
        RealRun run({push_batch(3), claim_pop(1), claim_push(1), size});
        run.event(3).result = answer;
        return run.verdict();
    };
    EXPECT_EQ(verdict_with(1), "false-size");
    EXPECT_EQ(verdict_with(2), "passes");
    EXPECT_EQ(verdict_with(4), "passes");
    EXPECT_EQ(verdict_with(5), "false-size");
}

TEST(ReadyQueueOracle, reports_the_first_of_several_corruptions) {
    RealRun run({push, pop, push, pop});
    run.popped()[0] = nullptr;
    run.event(3).result = 0;
    EXPECT_EQ(run.verdict(), "wrong-order");
}

TEST(ReadyQueueOracle, shows_the_state_and_the_calls_up_to_the_finding) {
    RealRun run({push_batch(4), claim_pop(1), push, claim_push(1), put(), take(), pop, size});
    run.event(6).result = 0;
    const std::optional<Finding> found = run.finding();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->details,
              "capacity 4, next push ticket 5, next pop ticket 1, unfinished pushes 1, "
              "unfinished pops 0\n"
              "  0  push a batch of 4: 4 of 4\n"
              "  1  begin a pop of up to 1 and stop: 1 of 1, from ticket 0\n"
              "  2  push: left out, it would wait for an unfinished pop\n"
              "  3  begin a push of 1 and stop: 1 of 1, from ticket 4\n"
              "  4  put to unfinished push number 0: ticket 4 waits for the unfinished pop of its "
              "slot\n"
              "  5  take from unfinished pop number 0: ticket 0\n"
              "> 6  pop: 0 of 1\n");
}

TEST(ReadyQueueOracle, shows_no_more_than_one_screen) {
    std::vector<ReadyQueueOperation> operations(500, push);
    operations.push_back(pop);
    RealRun run(operations);
    run.event(500).result = 0;
    const std::optional<Finding> found = run.finding();
    ASSERT_TRUE(found);
    EXPECT_LE(std::count(found->details.begin(), found->details.end(), '\n'), 37);
    EXPECT_NE(found->details.find("> 500  pop: 0 of 1\n"), std::string::npos) << found->details;
}

}  // namespace
}  // namespace fuzz::test
