// Tests the alarm of the mailbox on real threads: a correct history passes, and each corruption
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

#include "fuzz/kit/payload.h"
#include "fuzz/mailbox/mailbox_threads_history.h"
#include "fuzz/mailbox/mailbox_threads_oracle.h"
#include "fuzz/mailbox/mailbox_threads_schedule.h"

namespace fuzz::test {
namespace {

using View = pto::AICoreCompletionMsgView;
using Views = std::vector<View>;

struct Change {
    const char* field;
    void (*apply)(View& view);
};
constexpr Change change_addr = {"addr", [](View& view) { view.addr ^= 1; }};
constexpr Change change_cookie = {"backend_cookie", [](View& view) { view.backend_cookie ^= 1; }};
constexpr Change change_kind = {"kind", [](View& view) { view.kind ^= 1; }};
constexpr Change change_value = {"expected_value", [](View& view) { view.expected_value ^= 1; }};
constexpr Change change_engine = {"engine", [](View& view) { view.engine ^= 1; }};
constexpr Change change_type = {"completion_type", [](View& view) { view.completion_type ^= 1; }};

Views changed(Views views, const Change& change, size_t index = 0) {
    change.apply(views[index]);
    return views;
}

Views part(const Views& views, size_t begin, size_t end) {
    return Views(views.begin() + static_cast<std::ptrdiff_t>(begin),
                 views.begin() + static_cast<std::ptrdiff_t>(end));
}

/// A schedule and its history, told call by call. A call begins after the one before it has ended,
/// unless at() says when it runs. Pushes give the messages that they put in, pops are told which
/// messages came out.
class Story {
  public:
    explicit Story(uint32_t capacity, bool stamped = true) {
        schedule_.capacity = capacity;
        schedule_.first_ticket = 0;
        schedule_.producers = 2;
        schedule_.consumers = 2;
        schedule_.stamped = stamped;
        history_.stuck = false;
    }

    /// When the next call begins and ends.
    Story& at(uint64_t begin, uint64_t end) {
        next_begin_ = begin;
        next_end_ = end;
        return *this;
    }

    Views push(uint32_t producer) {
        return push_call(producer, MailboxThreadsCall::push_condition, 1, 1);
    }
    Views push_normal_done(uint32_t producer) {
        return push_call(producer, MailboxThreadsCall::push_normal_done, 1, 1);
    }
    Views push_bulk(uint32_t producer, uint32_t offered, uint32_t taken) {
        return push_call(producer, MailboxThreadsCall::push_conditions, offered, taken);
    }
    /// What consume() hands out of it; first_of() is what a pop returns.
    Views push_registration(uint32_t producer, uint32_t conditions, bool is_taken = true) {
        return push_call(producer, MailboxThreadsCall::push_registration, conditions,
                         is_taken ? conditions : 0);
    }
    /// The message that would have come out.
    Views push_refused(uint32_t producer) {
        push_call(producer, MailboxThreadsCall::push_condition, 1, 0);
        const uint32_t thread = schedule_.consumers + producer;
        return messages(MailboxThreadsCall::push_condition, message_number(thread, pushed_[thread]),
                        1);
    }

    /// A pop of just as many messages as came out.
    void pop(std::initializer_list<Views> out, uint32_t consumer = 0) {
        pop_up_to(0, out, consumer);
    }
    /// A pop of `asked` messages, or of as many as came out if that is more.
    void pop_up_to(uint32_t asked, std::initializer_list<Views> out, uint32_t consumer = 0) {
        const auto before = static_cast<uint32_t>(history_.popped.size());
        const auto event = static_cast<uint32_t>(history_.events[consumer].size());
        for (const Views& views : out) {
            for (const View& view : views) {
                history_.popped.push_back({view, consumer, event});
            }
        }
        const uint32_t popped = static_cast<uint32_t>(history_.popped.size()) - before;
        const uint32_t count = std::max(asked, popped);
        record(consumer, count == 1 ? MailboxThreadsCall::pop : MailboxThreadsCall::pop_batch, 0,
               count, popped, before);
    }
    void pop_nothing() { pop_up_to(1, {}); }

    /// A consume() of up to `asked` slots that says that it freed `freed`.
    void consume(uint32_t asked, uint32_t freed, std::initializer_list<Views> out) {
        const size_t before = history_.popped.size();
        pop_up_to(asked, out, 0);
        MailboxThreadsEvent& event = history_.events[0].back();
        event.call = MailboxThreadsCall::consume;
        event.count = asked;
        event.result = freed;
        event.views = static_cast<uint32_t>(history_.popped.size() - before);
    }

    void has_pending_says(bool answer, uint32_t thread = 0) {
        record(thread, MailboxThreadsCall::has_pending, 0, 0, answer, 0);
    }

    void gets_stuck() { history_.stuck = true; }

    /// What the oracle says of the story, after the runner's last pop and its has_pending.
    std::optional<Finding> finding(bool last_hint = false) const {
        Story whole = *this;
        whole.pop_up_to(schedule_.capacity + 1, {});
        whole.has_pending_says(last_hint);
        return judge(whole.schedule_, whole.history_);
    }
    std::string verdict(bool last_hint = false) const {
        const std::optional<Finding> found = finding(last_hint);
        return found ? found->verdict : "passes";
    }

  private:
    static Views messages(MailboxThreadsCall call, uint32_t first, uint32_t count) {
        Views views;
        const bool is_registration = call == MailboxThreadsCall::push_registration;
        if (is_registration) {
            views.push_back({token_of(first), slot_state_of(first), count, 0, 0, 2});
        }
        for (uint32_t i = 0; i < count; ++i) {
            const pto::DeferredCompletionEntry& p = payload_of(first)[i];
            views.push_back(call == MailboxThreadsCall::push_normal_done
                                ? View{token_of(first), p.addr, 0, 0, 0, 1}
                                : View{token_of(first), p.addr, p.expected_value, p.engine,
                                       p.completion_type, is_registration ? 2u : 0u,
                                       p.backend_cookie});
        }
        return views;
    }

    Views push_call(uint32_t producer, MailboxThreadsCall call, uint32_t offered, uint32_t taken) {
        const uint32_t thread = schedule_.consumers + producer;
        const uint32_t first = message_number(thread, pushed_[thread]);
        pushed_[thread] += taken;
        record(thread, call, first, offered, taken, 0);
        return messages(call, first, taken);
    }

    void record(uint32_t thread, MailboxThreadsCall call, uint32_t first, uint32_t count,
                uint32_t result, uint32_t popped_before) {
        const uint64_t begin = next_begin_ != 0 ? next_begin_ : clock_ + 1;
        const uint64_t end = next_begin_ != 0 ? next_end_ : clock_ + 2;
        clock_ = std::max(clock_, end);
        next_begin_ = 0;
        auto& list = schedule_.lists[thread];
        const auto operation = static_cast<uint32_t>(list.size());
        list.push_back({call, Pause::none, count});
        history_.events[thread].push_back({operation, call, first, count, result, popped_before,
                                           schedule_.stamped ? begin : 0,
                                           schedule_.stamped ? end : 0});
    }

    MailboxThreadsSchedule schedule_{};
    MailboxThreadsHistory history_{};
    std::array<uint32_t, threads_max> pushed_{};
    uint64_t clock_ = 0;
    uint64_t next_begin_ = 0;
    uint64_t next_end_ = 0;
};

constexpr bool unstamped = false;

/// What a pop returns of a registration.
Views first_of(const Views& registration) { return part(registration, 1, 2); }

TEST(ThreadsOracle, passes_a_history_with_every_call) {
    Story story(4);
    const Views a = story.push(0);
    const Views b = story.push_bulk(1, 5, 3);
    story.push_refused(0);
    story.has_pending_says(true, 3);
    story.pop({a});
    story.pop_up_to(8, {b}, 1);
    story.pop_nothing();
    story.has_pending_says(false);
    const Views c = story.push_normal_done(1);
    const Views d = story.push_bulk(0, 2, 2);
    story.push_bulk(0, 0, 0);
    story.pop_up_to(2, {c, part(d, 0, 1)});
    story.pop({part(d, 1, 2)}, 1);
    EXPECT_EQ(story.verdict(), "passes");
}

TEST(ThreadsOracle, passes_a_history_of_nothing) {
    EXPECT_EQ(Story(1).verdict(), "passes");
    EXPECT_EQ(Story(1, unstamped).verdict(), "passes");
}

TEST(ThreadsOracle, finds_a_lost_message) {
    Story story(4);
    const Views a = story.push(0);
    story.push(0);
    story.pop_up_to(2, {a});
    EXPECT_EQ(story.verdict(), "lost");
}

TEST(ThreadsOracle, finds_the_lost_end_of_a_bulk_push) {
    Story story(4);
    const Views a = story.push_bulk(0, 3, 3);
    story.pop({part(a, 0, 2)});
    EXPECT_EQ(story.verdict(), "lost");
}

TEST(ThreadsOracle, finds_a_duplicated_message) {
    Story story(4);
    const Views a = story.push(0);
    story.pop({a});
    story.pop({a});
    EXPECT_EQ(story.verdict(), "duplicated");
}

TEST(ThreadsOracle, finds_a_duplicated_bulk_push) {
    Story story(4);
    const Views a = story.push_bulk(0, 2, 2);
    story.pop({a, a});
    EXPECT_EQ(story.verdict(), "duplicated");
}

TEST(ThreadsOracle, finds_a_message_with_a_token_that_was_never_pushed) {
    const uint32_t never_reached = message_number(2, 77);
    const uint32_t no_such_thread = message_number(200, 0);
    for (const uint64_t token : {token_of(never_reached), token_of(no_such_thread),
                                 token_of(message_number(3, 0)), uint64_t{12345}, ~uint64_t{0}}) {
        Story story(4);
        Views a = story.push(0);
        a[0].task_token = token;
        story.pop({a});
        EXPECT_EQ(story.verdict(), "invented") << token;
    }
}

TEST(ThreadsOracle, finds_a_refused_message_that_came_out_all_the_same) {
    Story story(1);
    const Views a = story.push(0);
    const Views refused = story.push_refused(1);
    story.pop({a});
    story.pop({refused});
    EXPECT_EQ(story.verdict(), "invented");
}

TEST(ThreadsOracle, finds_each_torn_field_of_a_condition) {
    for (const Change& change :
         {change_addr, change_cookie, change_value, change_engine, change_type, change_kind}) {
        Story story(4);
        const Views a = story.push(0);
        const Views b = story.push_bulk(1, 3, 3);
        Story other = story;
        story.pop({changed(a, change), b});
        EXPECT_EQ(story.verdict(), "torn") << change.field;
        other.pop({a, changed(b, change, 2)});
        EXPECT_EQ(other.verdict(), "torn") << change.field << " in bulk";
    }
}

TEST(ThreadsOracle, finds_a_torn_normal_done_and_looks_only_at_what_it_promises) {
    const auto verdict_with = [](const Change& change) {
        Story story(4);
        story.pop({changed(story.push_normal_done(0), change)});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with(change_addr), "torn");
    EXPECT_EQ(verdict_with(change_kind), "torn");
    EXPECT_EQ(verdict_with(change_cookie), "passes");
    EXPECT_EQ(verdict_with(change_value), "passes");
    EXPECT_EQ(verdict_with(change_engine), "passes");
    EXPECT_EQ(verdict_with(change_type), "passes");
}

TEST(ThreadsOracle, finds_a_torn_message_when_a_bulk_push_comes_out_of_order) {
    Story story(4);
    const Views a = story.push_bulk(0, 2, 2);
    story.pop({part(a, 1, 2), part(a, 0, 1)});
    EXPECT_EQ(story.verdict(), "torn");  // its messages share a token; only the payload is wrong
}

TEST(ThreadsOracle, finds_the_wrong_order_of_one_producer) {
    Story story(4);
    const Views a = story.push(0);
    const Views b = story.push(0);
    story.pop({b, a});
    EXPECT_EQ(story.verdict(), "wrong-order");
}

TEST(ThreadsOracle, finds_a_bulk_push_that_was_split_apart) {
    Story story(4);
    const Views a = story.at(1, 4).push_bulk(0, 2, 2);
    const Views b = story.at(2, 3).push(1);
    story.pop({part(a, 0, 1), b, part(a, 1, 2)});
    EXPECT_EQ(story.verdict(), "wrong-order");
}

TEST(ThreadsOracle, finds_the_wrong_order_of_two_producers_by_the_stamps) {
    Story story(4);
    const Views a = story.at(1, 2).push(0);
    const Views b = story.at(3, 4).push(1);
    story.pop({b, a});
    EXPECT_EQ(story.verdict(), "wrong-order");
}

TEST(ThreadsOracle, finds_the_wrong_order_with_others_in_between) {
    Story story(8);
    const Views a = story.at(1, 3).push(0);
    const Views b = story.at(2, 9).push(1);
    const Views c = story.at(4, 5).push(0);
    const Views d = story.at(10, 11).push(1);
    Story other = story;
    story.pop({b, a, c, d});
    EXPECT_EQ(story.verdict(), "passes");
    other.pop({a, b, d, c});
    EXPECT_EQ(other.verdict(), "wrong-order");
}

TEST(ThreadsOracle, allows_either_order_of_pushes_that_overlap) {
    Story story(4);
    const Views a = story.at(1, 3).push(0);
    const Views b = story.at(2, 4).push(1);
    Story other = story;
    story.pop({a, b});
    other.pop({b, a});
    EXPECT_EQ(story.verdict(), "passes");
    EXPECT_EQ(other.verdict(), "passes");
}

TEST(ThreadsOracle, finds_more_taken_than_offered) {
    Story story(4);
    story.pop({story.push_bulk(0, 2, 3)});
    EXPECT_EQ(story.verdict(), "overfull");
}

TEST(ThreadsOracle, finds_more_messages_in_the_ring_than_it_has_slots) {
    Story story(2);
    const Views a = story.at(1, 2).push(0);
    const Views b = story.at(3, 4).push(0);
    const Views c = story.at(5, 7).push(1);
    Story other = story;
    story.at(8, 9).pop({a, b, c});
    EXPECT_EQ(story.verdict(), "overfull");
    other.at(6, 8).pop({a});  // it may have made room while the third push ran
    other.pop({b, c});
    EXPECT_EQ(other.verdict(), "passes");
}

TEST(ThreadsOracle, finds_a_bulk_push_beyond_the_slots_of_the_ring) {
    Story story(2);
    story.pop({story.push_bulk(0, 3, 3)});
    EXPECT_EQ(story.verdict(), "overfull");
}

TEST(ThreadsOracle, finds_a_push_refused_with_a_slot_free) {
    Story story(2);
    const Views a = story.push(0);
    story.push_refused(1);
    story.pop({a});
    EXPECT_EQ(story.verdict(), "false-full");
}

TEST(ThreadsOracle, allows_a_refused_push_exactly_when_enough_claims_had_begun) {
    const auto verdict_with_second_push_at = [](uint64_t begin, uint64_t end) {
        Story story(2);
        const Views a = story.at(1, 2).push(0);
        story.at(10, 20).push_refused(0);
        const Views b = story.at(begin, end).push(1);
        story.pop({a, b});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with_second_push_at(19, 21), "passes");
    EXPECT_EQ(verdict_with_second_push_at(21, 22), "false-full");
}

TEST(ThreadsOracle, allows_a_refused_push_exactly_when_no_pop_had_surely_made_room) {
    const auto verdict_with_pop_at = [](uint64_t begin, uint64_t end) {
        Story story(2);
        const Views a = story.at(1, 2).push(0);
        const Views b = story.at(3, 4).push(0);
        story.at(begin, end).pop({a});
        story.at(10, 20).push_refused(1);
        story.pop({b});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with_pop_at(8, 11), "passes");
    EXPECT_EQ(verdict_with_pop_at(8, 9), "false-full");
}

TEST(ThreadsOracle, allows_a_bulk_push_cut_short_exactly_when_enough_claims_had_begun) {
    const auto verdict_after = [](uint32_t earlier_messages) {
        Story story(4);
        const Views a = story.push_bulk(0, earlier_messages, earlier_messages);
        const Views b = story.push_bulk(1, 4, 2);
        story.pop({a, b});
        return story.verdict();
    };
    EXPECT_EQ(verdict_after(2), "passes");
    EXPECT_EQ(verdict_after(1), "false-full");
}

TEST(ThreadsOracle, allows_a_bulk_push_cut_short_exactly_when_no_pop_had_surely_made_room) {
    const auto verdict_with_pop_at = [](uint64_t begin, uint64_t end) {
        Story story(4);
        const Views a = story.at(1, 2).push_bulk(0, 3, 3);
        story.at(begin, end).pop({part(a, 0, 1)});
        const Views b = story.at(10, 20).push_bulk(1, 2, 1);
        story.pop({part(a, 1, 3), b});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with_pop_at(8, 11), "passes");
    EXPECT_EQ(verdict_with_pop_at(8, 9), "false-full");
}

TEST(ThreadsOracle, finds_a_pop_that_saw_nothing_where_there_was_something) {
    Story story(4);
    const Views a = story.push(0);
    story.pop_nothing();
    story.pop({a});
    EXPECT_EQ(story.verdict(), "false-empty");
}

TEST(ThreadsOracle, finds_a_batch_that_ended_early) {
    Story story(4);
    const Views a = story.push_bulk(0, 3, 3);
    story.pop_up_to(3, {part(a, 0, 2)});
    story.pop({part(a, 2, 3)}, 1);
    EXPECT_EQ(story.verdict(), "false-empty");
}

TEST(ThreadsOracle, allows_an_empty_pop_exactly_until_the_push_returned) {
    const auto verdict_with_pop_at = [](uint64_t begin, uint64_t end) {
        Story story(4);
        const Views a = story.at(10, 20).push(0);
        story.at(begin, end).pop_nothing();
        story.pop({a});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with_pop_at(19, 30), "passes");
    EXPECT_EQ(verdict_with_pop_at(21, 30), "false-empty");
}

TEST(ThreadsOracle, allows_an_empty_pop_before_a_push_that_is_still_running) {
    Story story(4);
    const Views a = story.at(1, 100).push(0);
    const Views b = story.at(2, 3).push(1);
    story.at(4, 5).pop_nothing();  // the oldest ticket may be the unpublished one
    story.at(101, 102).pop({a, b});
    EXPECT_EQ(story.verdict(), "passes");
}

TEST(ThreadsOracle, passes_registrations_whole_and_in_part) {
    for (const bool stamped : {true, false}) {
        Story story(4, stamped);
        const Views a = story.push_registration(0, 3);
        const Views b = story.push(1);
        const Views c = story.push_registration(1, 1);
        story.push_registration(0, 2, false);
        story.consume(1, 2, {a});
        const Views d = story.push_registration(0, 2);
        story.pop_up_to(9, {b, first_of(c), first_of(d)});
        EXPECT_EQ(story.verdict(), "passes");
    }
}

TEST(ThreadsOracle, finds_each_torn_part_of_a_registration) {
    const auto verdict_with = [](const Change& change, size_t index) {
        Story story(4);
        story.consume(2, 2, {changed(story.push_registration(0, 3), change, index)});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with(change_addr, 0), "torn");
    EXPECT_EQ(verdict_with(change_value, 0), "torn");
    EXPECT_EQ(verdict_with(change_kind, 0), "torn");
    for (size_t condition = 1; condition <= 3; ++condition) {
        for (const Change& change :
             {change_addr, change_cookie, change_value, change_engine, change_type, change_kind}) {
            EXPECT_EQ(verdict_with(change, condition), "torn") << change.field << condition;
        }
    }
}

TEST(ThreadsOracle, finds_each_torn_field_of_the_condition_that_a_pop_returns) {
    for (const Change& change :
         {change_addr, change_cookie, change_value, change_engine, change_type, change_kind}) {
        Story story(4);
        story.pop({changed(first_of(story.push_registration(0, 3)), change)});
        EXPECT_EQ(story.verdict(), "torn") << change.field;
    }
}

TEST(ThreadsOracle, finds_conditions_of_a_registration_mixed_up) {
    Story story(8);
    const Views a = story.push_registration(0, 3);
    const Views b = story.push_registration(1, 3);
    Story other = story;
    Story third = story;
    story.consume(4, 4, {part(a, 0, 2), part(a, 3, 4), part(a, 2, 3), b});
    EXPECT_EQ(story.verdict(), "torn");
    other.consume(4, 4, {part(a, 0, 3), part(b, 3, 4), part(b, 0, 3), part(a, 3, 4)});
    EXPECT_EQ(other.verdict(), "torn");
    third.consume(2, 2, {part(a, 0, 3)});
    third.consume(2, 2, {part(a, 3, 4), b});
    EXPECT_EQ(third.verdict(), "torn");
}

TEST(ThreadsOracle, finds_a_registration_lost_or_duplicated) {
    Story story(8);
    const Views a = story.push_registration(0, 3);
    Story other = story;
    EXPECT_EQ(story.verdict(), "lost");
    other.consume(4, 4, {a, a});
    EXPECT_EQ(other.verdict(), "duplicated");
}

TEST(ThreadsOracle, finds_a_registration_in_the_wrong_order) {
    Story story(8);
    const Views a = story.push_registration(0, 3);
    const Views b = story.push(1);
    story.consume(3, 3, {b, a});
    EXPECT_EQ(story.verdict(), "wrong-order");
}

TEST(ThreadsOracle, finds_a_wrong_count_of_the_slots_that_consume_freed) {
    for (const bool stamped : {true, false}) {
        Story story(4, stamped);
        story.consume(4, 3, {story.push_registration(0, 3)});
        EXPECT_EQ(story.verdict(), "miscounted");
    }
}

TEST(ThreadsOracle, finds_a_batch_that_continues_past_its_limit) {
    Story story(4);
    const Views a = story.push_registration(0, 3);
    const Views b = story.push(0);
    story.consume(2, 3, {a, b});
    EXPECT_EQ(story.verdict(), "invented");
}

TEST(ThreadsOracle, finds_more_slots_in_use_than_the_ring_has) {
    Story story(4);
    const Views a = story.push_registration(0, 5);
    const Views b = story.push_registration(1, 2);
    story.consume(8, 5, {a, b});
    EXPECT_EQ(story.verdict(), "overfull");
}

TEST(ThreadsOracle, finds_a_registration_refused_exactly_with_enough_slots_free) {
    const auto verdict_after = [](uint32_t earlier_messages) {
        Story story(4);
        const Views a = story.push_bulk(0, earlier_messages, earlier_messages);
        story.push_registration(1, 3, false);
        story.pop({a});
        return story.verdict();
    };
    EXPECT_EQ(verdict_after(3), "passes");
    EXPECT_EQ(verdict_after(2), "false-full");
}

TEST(ThreadsOracle, lets_a_registration_that_exceeds_the_ring_be_refused) {
    Story story(1);
    story.push_registration(0, 2, false);
    story.push_registration(0, 64, false);
    EXPECT_EQ(story.verdict(), "passes");
}

TEST(ThreadsOracle, counts_the_slots_of_registrations_where_a_push_is_refused) {
    const auto verdict_after = [](uint32_t conditions) {
        Story story(4);
        const Views a = story.push_registration(0, conditions);
        story.push_refused(1);
        story.consume(4, 1 + conditions / 2, {a});
        return story.verdict();
    };
    EXPECT_EQ(verdict_after(6), "passes");
    EXPECT_EQ(verdict_after(5), "false-full");
}

TEST(ThreadsOracle, finds_a_batch_that_stopped_at_a_registration) {
    Story story(8);
    const Views a = story.push_registration(0, 3);
    const Views b = story.push_registration(0, 3);
    Story other = story;
    story.pop_up_to(3, {first_of(a)});
    story.consume(9, 2, {b});
    EXPECT_EQ(story.verdict(), "false-empty");
    other.pop_up_to(2, {first_of(a)});  // it took both slots that it was asked for
    other.consume(9, 2, {b});
    EXPECT_EQ(other.verdict(), "passes");
}

TEST(ThreadsOracle, finds_a_false_no_with_a_message_waiting) {
    Story story(4);
    const Views a = story.push(0);
    story.has_pending_says(false, 3);
    story.pop({a});
    EXPECT_EQ(story.verdict(), "false-hint");
}

TEST(ThreadsOracle, allows_a_no_exactly_outside_the_time_in_which_a_message_waits) {
    const auto verdict_with_question_at = [](uint64_t begin, uint64_t end) {
        Story story(4);
        const Views a = story.at(10, 20).push(0);
        story.at(begin, end).has_pending_says(false, 3);
        story.at(30, 40).pop({a});
        return story.verdict();
    };
    EXPECT_EQ(verdict_with_question_at(19, 22), "passes");
    EXPECT_EQ(verdict_with_question_at(21, 22), "false-hint");
    EXPECT_EQ(verdict_with_question_at(21, 29), "false-hint");
    EXPECT_EQ(verdict_with_question_at(21, 31), "passes");
}

TEST(ThreadsOracle, finds_a_false_no_with_a_message_waiting_after_an_unfinished_push) {
    Story story(4);
    const Views a = story.at(1, 100).push(0);
    const Views b = story.at(2, 3).push(1);
    story.at(4, 5).has_pending_says(false);
    story.at(101, 102).pop({a, b});
    EXPECT_EQ(story.verdict(), "false-hint");
}

TEST(ThreadsOracle, finds_a_false_yes_on_a_drained_ring) {
    for (const bool stamped : {true, false}) {
        Story story(4, stamped);
        story.pop({story.push(0)});
        EXPECT_EQ(story.verdict(/*last_hint=*/true), "false-hint");
    }
}

TEST(ThreadsOracle, allows_a_yes_before_the_ring_is_drained) {
    Story story(4);
    story.has_pending_says(true, 2);
    story.pop({story.push(0)});
    story.has_pending_says(true, 2);
    EXPECT_EQ(story.verdict(), "passes");
}

TEST(ThreadsOracle, finds_a_stuck_push_before_anything_else) {
    Story story(4);
    story.push(0);
    story.gets_stuck();
    EXPECT_EQ(story.verdict(), "stuck");
}

TEST(ThreadsOracle, does_not_judge_times_without_stamps) {
    Story story(2, unstamped);
    const Views a = story.push(0);
    story.push_refused(1);
    story.pop_nothing();
    story.has_pending_says(false);
    const Views b = story.push_bulk(1, 5, 4);
    story.pop({b, a});
    EXPECT_EQ(story.verdict(), "passes");
}

TEST(ThreadsOracle, judges_conservation_and_producer_order_without_stamps) {
    Story story(4, unstamped);
    const Views a = story.push(0);
    const Views b = story.push(0);
    const auto verdict_after_pop = [&story](std::initializer_list<Views> out) {
        Story other = story;
        other.pop(out);
        return other.verdict();
    };
    Views stranger = a;
    stranger[0].task_token = 5;
    EXPECT_EQ(verdict_after_pop({a, b}), "passes");
    EXPECT_EQ(verdict_after_pop({a}), "lost");
    EXPECT_EQ(verdict_after_pop({a, b, b}), "duplicated");
    EXPECT_EQ(verdict_after_pop({a, b, stranger}), "invented");
    EXPECT_EQ(verdict_after_pop({a, changed(b, change_addr)}), "torn");
    EXPECT_EQ(verdict_after_pop({b, a}), "wrong-order");
}

TEST(ThreadsOracle, shows_the_calls_that_contradict_each_other) {
    Story story(4);
    const Views a = story.push(0);
    const Views b = story.push_bulk(1, 3, 3);
    story.pop({b, a});
    const std::optional<Finding> found = story.finding();
    ASSERT_TRUE(found);
    EXPECT_NE(found->details.find("capacity 4, first ticket 0, 4 views came out"),
              std::string::npos)
        << found->details;
    EXPECT_NE(found->details.find("producer 0, operation 0: push a condition -> 1 of 1"),
              std::string::npos)
        << found->details;
    EXPECT_NE(found->details.find("producer 1, operation 0: push 3 conditions in bulk -> 3 of 3"),
              std::string::npos)
        << found->details;
}

}  // namespace
}  // namespace fuzz::test
