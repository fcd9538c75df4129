// Tests the alarm of the mailbox on one thread: what the real mailbox does passes, and each
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

#include "fuzz/mailbox/mailbox_step_oracle.h"
#include "fuzz/mailbox/mailbox_step_runner.h"
#include "fuzz/mailbox/mailbox_step_schedule.h"

namespace fuzz::test {
namespace {

using Call = MailboxCall;
using View = pto::AICoreCompletionMsgView;

constexpr MailboxOperation push = {Call::push_condition, 1, 0, 0};
constexpr MailboxOperation push_normal_done = {Call::push_normal_done, 1, 0, 0};
constexpr MailboxOperation publish = {Call::publish, 1, 0, 0};
constexpr MailboxOperation pop = {Call::pop, 1, 0, 0};
constexpr MailboxOperation has_pending = {Call::has_pending, 1, 0, 0};
constexpr MailboxOperation restart = {Call::restart, 1, 0, 0};
constexpr MailboxOperation push_bulk(uint32_t count) {
    return {Call::push_conditions, 1, count, 0};
}
constexpr MailboxOperation push_registration(uint32_t conditions) {
    return {Call::push_registration, 1, conditions, 0};
}
constexpr MailboxOperation consume(uint32_t slots) { return {Call::consume, 1, slots, 0}; }
constexpr MailboxOperation claim(uint32_t count) { return {Call::claim, 1, count, 0}; }
constexpr MailboxOperation pop_batch(uint32_t count) { return {Call::pop_batch, 1, count, 0}; }
constexpr MailboxOperation reset_to(uint64_t ticket) { return {Call::reset, 1, 0, ticket}; }

/// A run of the real mailbox, with four slots, whose history can be changed before it is judged.
class RealRun {
  public:
    explicit RealRun(std::vector<MailboxOperation> operations)
        : schedule_{4, ~uint64_t{0} - 1, std::move(operations)} {
        runner().run(schedule_, history_);
    }

    /// The event of operation `index`.
    MailboxEvent& event(size_t index) {
        return *std::find_if(history_.events.begin(), history_.events.end(),
                             [&](const MailboxEvent& e) { return e.operation == index; });
    }
    MailboxEvent& last_event() { return history_.events.back(); }

    std::vector<View>& popped() { return history_.popped; }

    std::optional<Finding> finding() const { return judge(schedule_, history_); }
    std::string verdict() const {
        const std::optional<Finding> found = finding();
        return found ? found->verdict : "passes";
    }

  private:
    static MailboxStepRunner& runner() {
        static const auto kept = std::make_unique<MailboxStepRunner>();
        return *kept;
    }

    MailboxStepSchedule schedule_;
    MailboxStepHistory history_;
};

TEST(MailboxOracle, passes_what_the_mailbox_does_with_every_call) {
    const RealRun run({has_pending,
                       pop,
                       push,
                       push_bulk(2),
                       claim(3),
                       push,
                       has_pending,
                       pop,
                       publish,
                       pop_batch(5),
                       restart,
                       push_normal_done,
                       push_bulk(9),
                       reset_to(7),
                       push,
                       pop_batch(1),
                       claim(0),
                       pop_batch(0),
                       push_registration(3),
                       push,
                       push_registration(4),
                       pop,
                       push_registration(2),
                       consume(9),
                       push_registration(6),
                       consume(1),
                       push_registration(1),
                       pop_batch(4)});
    EXPECT_EQ(run.verdict(), "passes");
}

TEST(MailboxOracle, passes_what_the_mailbox_does_on_every_seed) {
    const auto runner = std::make_unique<MailboxStepRunner>();
    MailboxStepSchedule schedule;
    MailboxStepHistory history;
    for (const Seed& seed : MailboxStepSchedule::seeds()) {
        schedule.decode(seed.bytes);
        runner->run(schedule, history);
        EXPECT_FALSE(judge(schedule, history)) << seed.name;
    }
}

TEST(MailboxOracle, finds_a_push_refused_with_a_slot_free) {
    RealRun run({push_bulk(3), push});
    run.event(1).result = 0;
    EXPECT_EQ(run.verdict(), "false-full");
}

TEST(MailboxOracle, finds_a_normal_done_refused_with_a_slot_free) {
    RealRun run({push_normal_done});
    run.event(0).result = 0;
    EXPECT_EQ(run.verdict(), "false-full");
}

TEST(MailboxOracle, finds_a_bulk_push_cut_shorter_than_the_ring) {
    RealRun run({push, push_bulk(6)});
    ASSERT_EQ(run.event(1).result, 3u);
    run.event(1).result = 2;
    EXPECT_EQ(run.verdict(), "false-full");
}

TEST(MailboxOracle, finds_a_claim_cut_shorter_than_the_ring) {
    RealRun run({claim(3)});
    run.event(0).result = 2;
    EXPECT_EQ(run.verdict(), "false-full");
}

TEST(MailboxOracle, finds_a_push_taken_without_a_slot) {
    RealRun run({push_bulk(4), push});
    run.event(1).result = 1;
    EXPECT_EQ(run.verdict(), "overfull");
}

TEST(MailboxOracle, finds_a_push_taken_while_claims_fill_the_ring) {
    RealRun run({claim(4), push_normal_done});
    run.event(1).result = 1;
    EXPECT_EQ(run.verdict(), "overfull");
}

TEST(MailboxOracle, finds_a_bulk_push_taken_beyond_the_slots) {
    RealRun run({push, push_bulk(6)});
    run.event(1).result = 4;
    EXPECT_EQ(run.verdict(), "overfull");
}

TEST(MailboxOracle, finds_a_bulk_push_taken_beyond_what_was_offered) {
    RealRun run({push_bulk(2)});
    run.event(0).result = 3;
    EXPECT_EQ(run.verdict(), "overfull");
}

TEST(MailboxOracle, finds_a_claim_of_the_wrong_ticket) {
    for (const uint64_t offset : {uint64_t{1}, ~uint64_t{0}, uint64_t{4}}) {
        RealRun run({push, claim(1)});
        run.event(1).ticket += offset;
        EXPECT_EQ(run.verdict(), "wrong-ticket");
    }
}

TEST(MailboxOracle, ignores_the_ticket_of_a_claim_that_got_none) {
    RealRun run({push_bulk(4), claim(1)});
    run.event(1).ticket = 12345;
    EXPECT_EQ(run.verdict(), "passes");
}

TEST(MailboxOracle, finds_a_pop_that_saw_nothing_where_there_was_something) {
    RealRun run({push, pop});
    run.event(1).result = 0;
    EXPECT_EQ(run.verdict(), "false-empty");
}

TEST(MailboxOracle, finds_a_batch_that_ended_early) {
    RealRun run({push_bulk(3), pop_batch(4)});
    run.event(1).result = 2;
    EXPECT_EQ(run.verdict(), "false-empty");
}

TEST(MailboxOracle, finds_a_batch_that_ended_before_the_gap) {
    RealRun run({push_bulk(2), claim(1), push, pop_batch(4)});
    ASSERT_EQ(run.event(3).result, 2u);
    run.event(3).result = 1;
    EXPECT_EQ(run.verdict(), "false-empty");
}

TEST(MailboxOracle, finds_a_message_out_of_an_empty_ring) {
    RealRun run({push, pop, pop});
    run.event(2).result = 1;
    run.popped().push_back(run.popped().front());
    EXPECT_EQ(run.verdict(), "invented");
}

TEST(MailboxOracle, finds_a_message_that_was_not_published) {
    RealRun run({push, claim(1), pop_batch(4), publish});
    ASSERT_EQ(run.event(2).result, 1u);
    run.event(2).result = 2;
    EXPECT_EQ(run.verdict(), "invented");
}

TEST(MailboxOracle, finds_a_message_that_came_out_past_a_gap) {
    RealRun run({claim(1), push, pop});
    run.event(2).result = 1;
    EXPECT_EQ(run.verdict(), "invented");
}

TEST(MailboxOracle, finds_a_message_that_a_restart_had_dropped) {
    RealRun run({push, restart, pop});
    run.event(2).result = 1;
    EXPECT_EQ(run.verdict(), "invented");
}

TEST(MailboxOracle, finds_a_batch_larger_than_was_asked_for) {
    RealRun run({push_bulk(3), pop_batch(3)});
    run.event(1).count = 2;
    EXPECT_EQ(run.verdict(), "invented");
}

// The runner keeps no more messages than were asked for, so these have no views to compare with.
TEST(MailboxOracle, finds_a_batch_larger_than_was_asked_for_without_reading_what_it_has_not) {
    RealRun run({push_bulk(3), pop_batch(3)});
    run.event(1).count = 1;
    run.popped().resize(1);
    run.popped().shrink_to_fit();
    EXPECT_EQ(run.verdict(), "invented");
}

TEST(MailboxOracle, finds_messages_in_the_wrong_order) {
    RealRun run({push, push, pop_batch(2)});
    std::swap(run.popped()[0], run.popped()[1]);
    EXPECT_EQ(run.verdict(), "wrong-order");
}

TEST(MailboxOracle, finds_a_message_that_came_out_twice) {
    RealRun run({push, push, pop, pop});
    run.popped()[1] = run.popped()[0];
    EXPECT_EQ(run.verdict(), "wrong-order");
}

TEST(MailboxOracle, finds_a_token_that_was_never_pushed) {
    RealRun run({push, pop});
    run.popped()[0].task_token = 12345;
    EXPECT_EQ(run.verdict(), "wrong-order");
}

TEST(MailboxOracle, finds_each_torn_field_of_a_condition) {
    const auto verdict_with = [](auto change) {
        std::vector<std::string> verdicts;
        for (const MailboxOperation& how : {push, push_bulk(2), claim(1)}) {
            RealRun run({push_normal_done, how});
            change(run.popped().back());
            verdicts.push_back(run.verdict());
        }
        return verdicts;
    };
    const std::vector<std::string> torn(3, "torn");
    EXPECT_EQ(verdict_with([](View& view) { view.addr ^= 1; }), torn);
    EXPECT_EQ(verdict_with([](View& view) { view.backend_cookie ^= 1; }), torn);
    EXPECT_EQ(verdict_with([](View& view) { view.expected_value ^= 1; }), torn);
    EXPECT_EQ(verdict_with([](View& view) { view.engine ^= 1; }), torn);
    EXPECT_EQ(verdict_with([](View& view) { view.completion_type ^= 1; }), torn);
    EXPECT_EQ(verdict_with([](View& view) { view.kind ^= 1; }), torn);
}

TEST(MailboxOracle, finds_a_torn_normal_done_and_looks_only_at_what_it_promises) {
    const auto verdict_with = [](auto change) {
        RealRun run({push_normal_done, pop});
        change(run.popped()[0]);
        return run.verdict();
    };
    EXPECT_EQ(verdict_with([](View& view) { view.addr ^= 1; }), "torn");
    EXPECT_EQ(verdict_with([](View& view) { view.kind ^= 1; }), "torn");
    EXPECT_EQ(verdict_with([](View& view) { view.backend_cookie ^= 1; }), "passes");
    EXPECT_EQ(verdict_with([](View& view) { view.expected_value ^= 1; }), "passes");
    EXPECT_EQ(verdict_with([](View& view) { view.engine ^= 1; }), "passes");
    EXPECT_EQ(verdict_with([](View& view) { view.completion_type ^= 1; }), "passes");
}

TEST(MailboxOracle, finds_the_messages_of_one_bulk_push_in_the_wrong_order) {
    RealRun run({push_bulk(2), pop_batch(2)});
    std::swap(run.popped()[0], run.popped()[1]);
    EXPECT_EQ(run.verdict(), "torn");  // they share a token; only the payload is wrong
}

TEST(MailboxOracle, finds_a_registration_refused_with_just_enough_slots_free) {
    RealRun run({push, push_registration(5)});
    ASSERT_EQ(run.event(1).result, 1u);
    run.event(1).result = 0;
    EXPECT_EQ(run.verdict(), "false-full");
}

TEST(MailboxOracle, finds_a_registration_taken_with_one_slot_too_few) {
    RealRun run({push_bulk(2), push_registration(4)});
    ASSERT_EQ(run.event(1).result, 0u);
    run.event(1).result = 1;
    EXPECT_EQ(run.verdict(), "overfull");
}

TEST(MailboxOracle, finds_a_push_refused_after_a_registration_that_left_a_slot) {
    RealRun run({push_registration(5), push});
    run.event(1).result = 0;
    EXPECT_EQ(run.verdict(), "false-full");
}

TEST(MailboxOracle, finds_a_push_taken_after_a_registration_that_left_no_slot) {
    RealRun run({push_registration(6), push});
    ASSERT_EQ(run.event(1).result, 0u);
    run.event(1).result = 1;
    EXPECT_EQ(run.verdict(), "overfull");
}

TEST(MailboxOracle, finds_a_claim_that_does_not_follow_a_registration) {
    RealRun run({push_registration(2), claim(1)});
    run.event(1).ticket -= 1;
    EXPECT_EQ(run.verdict(), "wrong-ticket");
}

TEST(MailboxOracle, finds_a_pop_that_saw_no_registration) {
    for (const MailboxOperation& how : {pop, pop_batch(2), consume(2)}) {
        RealRun run({push_registration(3), how});
        run.event(1).result = 0;
        run.event(1).views = 0;
        EXPECT_EQ(run.verdict(), "false-empty");
    }
}

TEST(MailboxOracle, finds_each_torn_field_of_the_condition_that_a_pop_returns) {
    const auto verdict_with = [](auto change) {
        RealRun run({push_registration(3), pop});
        change(run.popped()[0]);
        return run.verdict();
    };
    EXPECT_EQ(verdict_with([](View& view) { view.addr ^= 1; }), "torn");
    EXPECT_EQ(verdict_with([](View& view) { view.backend_cookie ^= 1; }), "torn");
    EXPECT_EQ(verdict_with([](View& view) { view.expected_value ^= 1; }), "torn");
    EXPECT_EQ(verdict_with([](View& view) { view.engine ^= 1; }), "torn");
    EXPECT_EQ(verdict_with([](View& view) { view.completion_type ^= 1; }), "torn");
    EXPECT_EQ(verdict_with([](View& view) { view.kind = 0; }), "torn");
}

TEST(MailboxOracle, finds_each_torn_part_of_a_registration_that_came_out_whole) {
    // The registration, then its five conditions.
    const auto verdict_with = [](size_t view, auto change) {
        RealRun run({push_registration(5), consume(3)});
        change(run.popped()[view]);
        return run.verdict();
    };
    EXPECT_EQ(verdict_with(0, [](View& view) { view.addr ^= 1; }), "torn");
    EXPECT_EQ(verdict_with(0, [](View& view) { view.expected_value -= 1; }), "torn");
    EXPECT_EQ(verdict_with(0, [](View& view) { view.kind = 0; }), "torn");
    for (size_t view = 1; view <= 5; ++view) {
        EXPECT_EQ(verdict_with(view, [](View& v) { v.addr ^= 1; }), "torn") << view;
        EXPECT_EQ(verdict_with(view, [](View& v) { v.backend_cookie ^= 1; }), "torn") << view;
        EXPECT_EQ(verdict_with(view, [](View& v) { v.expected_value ^= 1; }), "torn") << view;
        EXPECT_EQ(verdict_with(view, [](View& v) { v.engine ^= 1; }), "torn") << view;
        EXPECT_EQ(verdict_with(view, [](View& v) { v.completion_type ^= 1; }), "torn") << view;
    }
}

TEST(MailboxOracle, finds_conditions_of_a_registration_in_the_wrong_order) {
    RealRun run({push_registration(5), consume(3)});
    std::swap(run.popped()[2], run.popped()[3]);
    EXPECT_EQ(run.verdict(), "torn");
}

TEST(MailboxOracle, finds_conditions_of_two_registrations_mixed_up) {
    RealRun run({push_registration(2), push_registration(2), consume(4)});
    std::swap(run.popped()[2], run.popped()[5]);
    EXPECT_EQ(run.verdict(), "torn");
}

TEST(MailboxOracle, finds_two_registrations_in_the_wrong_order) {
    RealRun run({push_registration(2), push_registration(2), consume(4)});
    std::rotate(run.popped().begin(), run.popped().begin() + 3, run.popped().end());
    EXPECT_EQ(run.verdict(), "wrong-order");
}

TEST(MailboxOracle, finds_a_registration_without_its_last_condition) {
    RealRun run({push_registration(5), consume(3)});
    run.popped().pop_back();
    run.event(1).views -= 1;
    EXPECT_EQ(run.verdict(), "torn");
}

TEST(MailboxOracle, finds_a_message_between_the_conditions_of_a_registration) {
    RealRun run({push_registration(3), push, consume(3)});
    std::swap(run.popped()[3], run.popped()[4]);
    EXPECT_EQ(run.verdict(), "torn");
}

TEST(MailboxOracle, finds_a_wrong_count_of_the_slots_that_consume_freed) {
    for (const uint32_t freed : {1u, 3u}) {
        RealRun run({push_registration(2), consume(2)});
        ASSERT_EQ(run.event(1).result, 2u);
        run.event(1).result = freed;
        EXPECT_EQ(run.verdict(), "miscounted");
    }
}

TEST(MailboxOracle, lets_the_last_registration_of_a_batch_take_it_past_its_limit) {
    for (const MailboxOperation& how : {pop_batch(1), consume(1)}) {
        RealRun run({push_registration(5), push, how});
        EXPECT_EQ(run.verdict(), "passes");
    }
}

TEST(MailboxOracle, finds_a_batch_that_continues_past_its_limit) {
    RealRun run({push_registration(2), push, pop_batch(2), has_pending, pop});
    ASSERT_EQ(run.event(2).result, 1u);
    run.event(2).result = 2;
    EXPECT_EQ(run.verdict(), "invented");
}

TEST(MailboxOracle, finds_a_registration_out_of_an_empty_ring) {
    RealRun run({push_registration(2), restart, consume(4)});
    run.event(2).views = 1;
    run.popped().push_back({});
    EXPECT_EQ(run.verdict(), "invented");
}

TEST(MailboxOracle, finds_a_false_no) {
    RealRun run({push, has_pending});
    run.event(1).result = 0;
    EXPECT_EQ(run.verdict(), "false-hint");
}

TEST(MailboxOracle, finds_a_false_yes) {
    RealRun run({push, pop, has_pending});
    run.event(2).result = 1;
    EXPECT_EQ(run.verdict(), "false-hint");
}

TEST(MailboxOracle, finds_a_false_yes_at_the_end_of_the_schedule) {
    RealRun run({push});
    ASSERT_EQ(run.last_event().call, Call::has_pending);
    run.last_event().result = 1;
    EXPECT_EQ(run.verdict(), "false-hint");
}

TEST(MailboxOracle, leaves_the_hint_open_while_the_oldest_ticket_is_unpublished) {
    for (const uint32_t answer : {0u, 1u}) {
        RealRun run({claim(1), push, has_pending});
        run.event(2).result = answer;
        EXPECT_EQ(run.verdict(), "passes");
    }
}

TEST(MailboxOracle, starts_afresh_at_the_ticket_of_a_reset) {
    RealRun run({push_bulk(4), reset_to(100), push_bulk(4), pop_batch(4), claim(1)});
    EXPECT_EQ(run.verdict(), "passes");
    EXPECT_EQ(run.event(4).ticket, 104u);
    run.event(4).ticket = 2;  // the next ticket of the first ring
    EXPECT_EQ(run.verdict(), "wrong-ticket");
}

TEST(MailboxOracle, reports_the_first_of_several_corruptions) {
    RealRun run({push, pop, push, pop});
    run.popped()[0].addr ^= 1;
    run.event(3).result = 0;
    EXPECT_EQ(run.verdict(), "torn");
}

TEST(MailboxOracle, shows_the_state_and_the_calls_up_to_the_finding) {
    RealRun run({push_bulk(2), pop, has_pending, push});
    run.event(2).result = 0;
    const std::optional<Finding> found = run.finding();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->details,
              "capacity 4, head 0, tail 18446744073709551615, unpublished 0\n"
              "  0  push 2 conditions in bulk: 2 of 2\n"
              "  1  pop: 1 of 1\n"
              "> 2  ask has_pending: 0 of 0\n");
}

TEST(MailboxOracle, shows_no_more_than_one_screen) {
    std::vector<MailboxOperation> operations(500, push);
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
