// Tests the oracle of the mailbox under weave: what C++ leaves open passes, and each call that
// contradicts what happens before it gets its verdict. Tests the scenario's bytes.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/payload.h"
#include "fuzz/kit/told_clocks.h"
#include "fuzz/mailbox/mailbox_threads_schedule.h"
#include "fuzz/mailbox/mailbox_weave_oracle.h"
#include "fuzz/mailbox/mailbox_weave_scenario.h"

namespace fuzz::test {
namespace {

using Call = MailboxThreadsCall;

constexpr uint32_t consumer = 0;
constexpr uint32_t producer = 1;
constexpr uint32_t other_producer = 2;

/// A history of one consumer and two producers, told call by call; learns() says what happens
/// before.
class Story {
  public:
    explicit Story(uint32_t capacity) {
        schedule_.capacity = capacity;
        schedule_.consumers = 1;
        schedule_.producers = 2;
    }

    Story& learns(uint32_t thread, uint32_t from) {
        clocks_.learn(thread, from);
        return *this;
    }
    Story& push(uint32_t thread, uint32_t offered, uint32_t taken) {
        const uint32_t first = message_number(thread, pushed_[thread]);
        pushed_[thread] += taken;
        return call(thread, Call::push_conditions, first, offered, taken);
    }
    /// `messages`: the first messages of the pushes that they are of.
    Story& pop(uint32_t asked, const std::vector<uint32_t>& messages) {
        const auto before = static_cast<uint32_t>(history_.popped.size());
        const auto event = static_cast<uint32_t>(history_.events[consumer].size());
        call(consumer, Call::pop_batch, 0, asked, static_cast<uint32_t>(messages.size()));
        history_.events[consumer].back().popped_before = before;
        for (const uint32_t message : messages) {
            PoppedMessage popped{{}, consumer, event};
            popped.view.task_token = token_of(message);
            history_.popped.push_back(popped);
        }
        return *this;
    }
    Story& push_registration(uint32_t thread, uint32_t conditions, bool is_taken) {
        push(thread, conditions, is_taken ? conditions : 0);
        history_.events[thread].back().call = Call::push_registration;
        return *this;
    }
    /// All of a registration by consume().
    Story& consume(uint32_t asked, uint32_t message, uint32_t conditions) {
        pop(asked, std::vector<uint32_t>(1 + conditions, message));
        MailboxThreadsEvent& event = history_.events[consumer].back();
        event.call = Call::consume;
        event.result = 1 + conditions / 2;
        event.views = 1 + conditions;
        return *this;
    }
    Story& is_pending(uint32_t thread, bool result) {
        return call(thread, Call::has_pending, 0, 0, result);
    }

    std::string verdict() const {
        const std::optional<Finding> found = judge_by_clocks(schedule_, history_);
        return found ? found->verdict : "passes";
    }

  private:
    Story& call(uint32_t thread, Call call, uint32_t first, uint32_t count, uint32_t result) {
        const uint64_t begin = clocks_.draw(thread);
        history_.events[thread].push_back(
            {0, call, first, count, result, 0, begin, clocks_.draw(thread)});
        return *this;
    }

    ToldClocks clocks_;
    MailboxThreadsSchedule schedule_{};
    MailboxThreadsHistory history_{};
    uint32_t pushed_[3] = {};
};

TEST(MailboxWeaveOracle, what_nothing_orders_passes) {
    EXPECT_EQ(Story(1)
                  .push(producer, 1, 1)
                  .pop(1, {})
                  .is_pending(consumer, false)
                  .push(other_producer, 1, 0)
                  .pop(1, {message_number(producer, 0)})
                  .push(producer, 1, 0)
                  .verdict(),
              "passes");
}

TEST(MailboxWeaveOracle, a_pop_that_knows_of_the_next_message_and_stops) {
    EXPECT_EQ(Story(4)
                  .push(producer, 1, 1)
                  .learns(consumer, producer)
                  .pop(1, {})
                  .pop(1, {message_number(producer, 0)})
                  .verdict(),
              "false-empty");
}

TEST(MailboxWeaveOracle, a_push_that_knows_of_a_pop_and_is_refused) {
    EXPECT_EQ(Story(1)
                  .push(producer, 1, 1)
                  .learns(consumer, producer)
                  .pop(1, {message_number(producer, 0)})
                  .learns(producer, consumer)
                  .push(producer, 1, 0)
                  .verdict(),
              "false-full");
}

TEST(MailboxWeaveOracle, more_messages_than_slots) {
    EXPECT_EQ(Story(1)
                  .push(producer, 1, 1)
                  .push(producer, 1, 1)
                  .learns(consumer, producer)
                  .pop(2, {message_number(producer, 0), message_number(producer, 1)})
                  .verdict(),
              "overfull");
}

TEST(MailboxWeaveOracle, registrations_take_the_slots_that_they_have) {
    const auto verdict_of = [](uint32_t conditions, uint32_t capacity) {
        return Story(capacity)
            .push_registration(producer, conditions, true)
            .push(producer, 1, 1)
            .learns(consumer, producer)
            .consume(1 + conditions / 2, message_number(producer, 0), conditions)
            .pop(1, {message_number(producer, conditions)})
            .verdict();
    };
    EXPECT_EQ(verdict_of(4, 4), "passes");
    EXPECT_EQ(verdict_of(6, 4), "overfull");
}

TEST(MailboxWeaveOracle, a_registration_that_is_refused_with_enough_slots_free) {
    const auto verdict_after = [](uint32_t messages) {
        std::vector<uint32_t> out(messages, message_number(producer, 0));
        return Story(4)
            .push(producer, messages, messages)
            .push_registration(producer, 2, false)
            .learns(consumer, producer)
            .pop(4, out)
            .verdict();
    };
    EXPECT_EQ(verdict_after(3), "passes");
    EXPECT_EQ(verdict_after(2), "false-full");
}

TEST(MailboxWeaveOracle, a_batch_that_stops_after_a_registration) {
    const auto verdict_with = [](uint32_t asked) {
        return Story(4)
            .push_registration(producer, 2, true)
            .push(producer, 1, 1)
            .learns(consumer, producer)
            .consume(asked, message_number(producer, 0), 2)
            .pop(1, {message_number(producer, 2)})
            .verdict();
    };
    EXPECT_EQ(verdict_with(2), "passes");
    EXPECT_EQ(verdict_with(3), "false-empty");
}

TEST(MailboxWeaveOracle, messages_that_come_out_in_another_order) {
    EXPECT_EQ(Story(4)
                  .push(producer, 1, 1)
                  .learns(other_producer, producer)
                  .push(other_producer, 1, 1)
                  .pop(2, {message_number(other_producer, 0), message_number(producer, 0)})
                  .verdict(),
              "wrong-order");
}

TEST(MailboxWeaveOracle, a_hint_that_overlooks_a_message) {
    EXPECT_EQ(Story(4)
                  .push(producer, 1, 1)
                  .is_pending(producer, false)
                  .learns(consumer, producer)
                  .pop(1, {message_number(producer, 0)})
                  .verdict(),
              "false-hint");
}

TEST(MailboxWeaveScenario, its_calls_are_those_of_mailbox_threads) {
    for (const Seed& seed : MailboxWeaveScenario::seeds()) {
        MailboxThreadsSchedule schedule;
        const std::vector<uint8_t> input = MailboxWeaveScenario::threads_input(seed.bytes);
        schedule.decode(input);
        MailboxWeaveScenario scenario;
        scenario.decode(seed.bytes);
        ASSERT_EQ(schedule.threads(), scenario.schedule().threads());
        EXPECT_EQ(schedule.first_ticket, scenario.schedule().first_ticket);
        for (uint32_t thread = 0; thread < schedule.threads(); ++thread) {
            EXPECT_EQ(schedule.lists[thread].size(), scenario.schedule().lists[thread].size());
        }
        EXPECT_EQ(scenario.choices().size(),
                  seed.bytes.size() - MailboxWeaveScenario::format.header_bytes);
    }
}

}  // namespace
}  // namespace fuzz::test
