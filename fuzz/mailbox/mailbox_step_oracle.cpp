// The sequential model of the mailbox, and the comparison; see the header.
#include "fuzz/mailbox/mailbox_step_oracle.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "fuzz/kit/describe.h"
#include "fuzz/kit/enum_words.h"
#include "fuzz/kit/payload.h"
#include "fuzz/kit/state_counters.h"

namespace fuzz {
namespace {

enum class Verdict : uint8_t {
    false_full,    ///< refused although a slot was free
    overfull,      ///< accepted although every slot was taken
    wrong_ticket,  ///< a claim did not continue where the last one ended
    miscounted,    ///< consume() freed another number of slots than its messages took
    false_empty,   ///< a published message was there, and not returned
    invented,      ///< more came out than was published
    wrong_order,   ///< another message than the oldest came out
    torn,          ///< the right message came out, changed
    false_hint,    ///< has_pending() returned what it must not
    count,
};

constexpr EnumWords<Verdict> words({
    {Verdict::false_full, "false-full"},
    {Verdict::overfull, "overfull"},
    {Verdict::wrong_ticket, "wrong-ticket"},
    {Verdict::miscounted, "miscounted"},
    {Verdict::false_empty, "false-empty"},
    {Verdict::invented, "invented"},
    {Verdict::wrong_order, "wrong-order"},
    {Verdict::torn, "torn"},
    {Verdict::false_hint, "false-hint"},
});

enum class State : uint8_t {
    push_refused_full,
    bulk_cut_short,
    full_size_ring_full,
    registration_refused,
    registration_over_the_end,
    registration_in_part,
    registration_whole,
    batch_past_its_limit,
    pop_from_empty,
    pop_stopped_by_gap,
    batch_stopped_by_gap,
    pushed_past_a_gap,
    full_of_unpublished,
    slot_reused,
    cursor_wrapped,
    restarted_used_ring,
    restart_dropped_messages,
    reset_used_ring,
    hint_true,
    hint_false,
    count,
};

StateCounters<State> counters({{
    {State::push_refused_full, "a push met a full ring"},
    {State::bulk_cut_short, "a bulk push was cut short"},
    {State::full_size_ring_full, "all 4096 slots were in use"},
    {State::registration_refused, "a registration was refused with slots free"},
    {State::registration_over_the_end, "a registration went over the end of the array"},
    {State::registration_in_part, "a pop returned the first condition of several"},
    {State::registration_whole, "a registration came out with several conditions"},
    {State::batch_past_its_limit, "the last registration of a batch took it past its limit"},
    {State::pop_from_empty, "a pop met an empty ring"},
    {State::pop_stopped_by_gap, "a pop met an unpublished ticket"},
    {State::batch_stopped_by_gap, "a batch ended at an unpublished ticket"},
    {State::pushed_past_a_gap, "a push went past an unpublished ticket"},
    {State::full_of_unpublished, "the ring was full, its oldest ticket unpublished"},
    {State::slot_reused, "a slot was used a second time"},
    {State::cursor_wrapped, "the 64-bit cursor wrapped"},
    {State::restarted_used_ring, "a used ring was restarted"},
    {State::restart_dropped_messages, "a restart dropped messages"},
    {State::reset_used_ring, "a used ring was reset"},
    {State::hint_true, "has_pending said yes"},
    {State::hint_false, "has_pending said no"},
}});

constexpr uint32_t capacity_max = 4096;
constexpr size_t events_shown_max = 12;

struct Message {
    uint64_t token;
    uint64_t addr;
    uint64_t backend_cookie;
    uint32_t expected_value;
    uint32_t engine;
    int32_t completion_type;
    uint32_t kind;
    bool published;
    uint32_t number;      ///< of a registration: the message that its first condition is
    uint32_t conditions;  ///< of a registration; else 0

    uint32_t slots() const { return 1 + conditions / 2; }
};

/// A bounded queue of tickets, as simple as possible.
struct Model {
    uint32_t capacity;
    uint64_t base;
    uint64_t head;
    uint64_t tail;
    uint32_t unpublished;
    std::array<Message, capacity_max> messages;

    void start(uint32_t ring_capacity, uint64_t ticket) {
        capacity = ring_capacity;
        base = head = tail = ticket;
        unpublished = 0;
    }
    uint64_t used() const { return head - tail; }
    uint64_t free() const { return capacity - used(); }
    Message& at(uint64_t ticket) { return messages[ticket & (capacity - 1)]; }
    bool oldest_is_published() { return used() != 0 && at(tail).published; }
};

class Judge {
  public:
    Judge(const MailboxStepSchedule& schedule, const MailboxStepHistory& history, Model& model)
        : schedule_(schedule), history_(history), model_(model) {}

    std::optional<Finding> run() {
        model_.start(schedule_.capacity, schedule_.first_ticket);
        for (const MailboxEvent& event : history_.events) {
            step(event);
            if (failed_) {
                return explain(event);
            }
        }
        return std::nullopt;
    }

  private:
    void step(const MailboxEvent& event) {
        switch (event.call) {
            case MailboxCall::push_condition:
                append(event, pto::MSG_KIND_CONDITION, true);
                return;
            case MailboxCall::push_normal_done:
                append(event, pto::MSG_KIND_TASK_NORMAL_DONE, true);
                return;
            case MailboxCall::push_conditions:
                append(event, pto::MSG_KIND_CONDITION, true);
                return;
            case MailboxCall::push_registration:
                append_registration(event);
                return;
            case MailboxCall::claim:
                if (event.result != 0 && event.ticket != model_.head) {
                    fail(Verdict::wrong_ticket,
                         "the claim should have begun at ticket " + std::to_string(model_.head));
                    return;
                }
                append(event, pto::MSG_KIND_CONDITION, false);
                return;
            case MailboxCall::publish:
                model_.at(event.ticket).published = true;
                --model_.unpublished;
                return;
            case MailboxCall::pop:
            case MailboxCall::pop_batch:
            case MailboxCall::consume:
                take(event);
                return;
            case MailboxCall::has_pending:
                hint(event);
                return;
            case MailboxCall::restart:
                counters.reached_if(model_.head != model_.base, State::restarted_used_ring);
                counters.reached_if(model_.used() != 0, State::restart_dropped_messages);
                model_.tail = model_.head;
                return;
            case MailboxCall::reset:
                counters.reached_if(model_.head != model_.base, State::reset_used_ring);
                model_.start(model_.capacity, event.ticket);
                return;
        }
    }

    void append(const MailboxEvent& event, uint32_t kind, bool published) {
        const uint64_t expected = std::min<uint64_t>(event.count, model_.free());
        if (event.result != expected) {
            fail(event.result < expected ? Verdict::false_full : Verdict::overfull,
                 std::to_string(event.result) + " of " + std::to_string(event.count) +
                     " messages were taken with " + std::to_string(model_.free()) + " slots free");
            return;
        }
        counters.reached_if(event.result == 0 && event.count != 0, State::push_refused_full);
        counters.reached_if(event.result != 0 && event.result < event.count, State::bulk_cut_short);
        counters.reached_if(published && event.result != 0 && model_.unpublished != 0,
                            State::pushed_past_a_gap);
        for (uint32_t i = 0; i < event.result; ++i) {
            const uint32_t number = event.first_message + i;
            const bool is_bulk = event.call == MailboxCall::push_conditions;
            const pto::DeferredCompletionEntry& p = payload_of(event.first_message)[i];
            model_.at(model_.head + i) = {token_of(is_bulk ? event.first_message : number),
                                          p.addr,
                                          p.backend_cookie,
                                          p.expected_value,
                                          p.engine,
                                          p.completion_type,
                                          kind,
                                          published,
                                          0,
                                          0};
        }
        model_.unpublished += published ? 0 : event.result;
        advance(event.result);
    }

    /// All or nothing: a registration is its first condition in the slot of its first ticket, and
    /// the slots after it are taken.
    void append_registration(const MailboxEvent& event) {
        const pto::DeferredCompletionEntry& p = *payload_of(event.first_message);
        const Message message = {token_of(event.first_message),
                                 p.addr,
                                 p.backend_cookie,
                                 p.expected_value,
                                 p.engine,
                                 p.completion_type,
                                 pto::MSG_KIND_TASK_REGISTRATION,
                                 true,
                                 event.first_message,
                                 event.count};
        const bool fits = message.slots() <= model_.free();
        if ((event.result != 0) != fits) {
            fail(fits ? Verdict::false_full : Verdict::overfull,
                 "a registration of " + std::to_string(message.slots()) + " slots was " +
                     (fits ? "refused" : "taken") + " with " + std::to_string(model_.free()) +
                     " slots free");
            return;
        }
        if (!fits) {
            counters.reached_if(model_.free() != 0, State::registration_refused);
            return;
        }
        const uint64_t offset = model_.head & (model_.capacity - 1);
        counters.reached_if(offset + message.slots() > model_.capacity,
                            State::registration_over_the_end);
        counters.reached_if(model_.unpublished != 0, State::pushed_past_a_gap);
        model_.at(model_.head) = message;
        advance(message.slots());
    }

    void advance(uint32_t claimed) {
        note_progress(claimed);
        model_.head += claimed;
        if (model_.free() == 0) {
            counters.reached_if(model_.capacity == capacity_max, State::full_size_ring_full);
            counters.reached_if(!model_.oldest_is_published(), State::full_of_unpublished);
        }
    }

    void note_progress(uint32_t claimed) {
        const uint64_t before = model_.head - model_.base;
        counters.reached_if(before + claimed > model_.capacity, State::slot_reused);
        counters.reached_if(model_.head + claimed < model_.head, State::cursor_wrapped);
    }

    void take(const MailboxEvent& event) {
        const bool is_whole = event.call == MailboxCall::consume;
        if (!is_whole && event.result > event.count) {
            // The runner keeps no more than was asked for, so the rest has no view to look at.
            fail(Verdict::invented, "more came out than was asked for");
            return;
        }
        const size_t end = next_popped_ + (is_whole ? event.views : event.result);
        uint64_t slots = 0;
        while (next_popped_ != end) {
            if (!model_.oldest_is_published() || slots >= event.count) {
                fail(Verdict::invented, std::to_string(end - next_popped_) +
                                            " more came out of a ring that had none to give");
                return;
            }
            const Message& oldest = model_.at(model_.tail);
            if (!(is_whole && oldest.conditions != 0 ? take_whole(oldest, end)
                                                     : take_one(oldest))) {
                return;
            }
            slots += oldest.slots();
            model_.tail += oldest.slots();
        }
        if (is_whole && event.result != slots) {
            fail(Verdict::miscounted, "what came out took " + std::to_string(slots) + " slots");
            return;
        }
        if (slots < event.count && model_.oldest_is_published()) {
            fail(Verdict::false_empty, std::to_string(slots) + " of up to " +
                                           std::to_string(event.count) +
                                           " came out, and the next one is published");
            return;
        }
        const bool gap = slots < event.count && model_.used() != 0;
        counters.reached_if(slots > event.count, State::batch_past_its_limit);
        counters.reached_if(slots < event.count && model_.used() == 0, State::pop_from_empty);
        counters.reached_if(gap && slots == 0, State::pop_stopped_by_gap);
        counters.reached_if(gap && slots != 0, State::batch_stopped_by_gap);
    }

    /// Whether the next view is `expected`, or its first condition.
    bool take_one(const Message& expected) {
        const pto::AICoreCompletionMsgView& got = history_.popped[next_popped_++];
        if (!matches(got, expected)) {
            explain_mismatch(got, expected);
            return false;
        }
        counters.reached_if(expected.conditions > 1, State::registration_in_part);
        return true;
    }

    /// Whether the next views, of those before `end`, are a registration with all its conditions.
    bool take_whole(const Message& expected, size_t end) {
        const pto::AICoreCompletionMsgView& header = history_.popped[next_popped_++];
        if (header.task_token != expected.token || header.kind != expected.kind ||
            header.addr != slot_state_of(expected.number) ||
            header.expected_value != expected.conditions) {
            explain_mismatch(header, expected);
            return false;
        }
        Message condition = expected;
        for (uint32_t i = 0; i < expected.conditions; ++i) {
            const pto::DeferredCompletionEntry& p = payload_of(expected.number)[i];
            condition.addr = p.addr;
            condition.backend_cookie = p.backend_cookie;
            condition.expected_value = p.expected_value;
            condition.engine = p.engine;
            condition.completion_type = p.completion_type;
            if (next_popped_ == end || !matches(history_.popped[next_popped_], condition)) {
                fail(Verdict::torn, "condition " + std::to_string(i) +
                                        " of the registration at ticket " +
                                        std::to_string(model_.tail) + " is not what was pushed");
                return false;
            }
            ++next_popped_;
        }
        counters.reached_if(expected.conditions > 1, State::registration_whole);
        return true;
    }

    // A normal-done carries a token and an address; the contract leaves its other fields open.
    bool matches(const pto::AICoreCompletionMsgView& got, const Message& expected) const {
        if (got.task_token != expected.token || got.addr != expected.addr ||
            got.kind != expected.kind) {
            return false;
        }
        return expected.kind == pto::MSG_KIND_TASK_NORMAL_DONE ||
               ((!schedule_.has_cookies || got.backend_cookie == expected.backend_cookie) &&
                got.expected_value == expected.expected_value && got.engine == expected.engine &&
                got.completion_type == expected.completion_type);
    }

    void explain_mismatch(const pto::AICoreCompletionMsgView& got, const Message& expected) {
        if (got.task_token == expected.token) {
            fail(Verdict::torn, "ticket " + std::to_string(model_.tail) +
                                    " came out with another payload than was pushed");
            return;
        }
        fail(Verdict::wrong_order, "ticket " + std::to_string(model_.tail) +
                                       " came out with the token of another message");
    }

    void hint(const MailboxEvent& event) {
        counters.reached(event.result != 0 ? State::hint_true : State::hint_false);
        if (event.result == 0 && model_.oldest_is_published()) {
            fail(Verdict::false_hint, "has_pending() is false with a published message waiting");
        } else if (event.result != 0 && model_.used() == 0) {
            fail(Verdict::false_hint, "has_pending() is true on an empty ring");
        }
    }

    void fail(Verdict verdict, std::string sentence) {
        failed_ = true;
        finding_ = {words[verdict], std::move(sentence), ""};
    }

    Finding explain(const MailboxEvent& event) {
        finding_.details = "capacity " + std::to_string(model_.capacity) + ", head " +
                           std::to_string(model_.head) + ", tail " + std::to_string(model_.tail) +
                           ", unpublished " + std::to_string(model_.unpublished) + "\n";
        const size_t last = static_cast<size_t>(&event - history_.events.data());
        finding_.details += lines_up_to(last, events_shown_max,
                                        [this](size_t i) { return line(history_.events[i]); });
        return finding_;
    }

    std::string line(const MailboxEvent& event) const {
        const std::string text = event.operation < schedule_.operations.size()
                                     ? describe(schedule_.operations[event.operation])
                                     : std::string("end of schedule: publish and pop what is left");
        return std::to_string(event.operation) + "  " + text + ": " + std::to_string(event.result) +
               " of " + std::to_string(event.count);
    }

    const MailboxStepSchedule& schedule_;
    const MailboxStepHistory& history_;
    Model& model_;
    size_t next_popped_ = 0;
    bool failed_ = false;
    Finding finding_;
};

}  // namespace

std::optional<Finding> judge(const MailboxStepSchedule& schedule,
                             const MailboxStepHistory& history) {
    static Model model;
    return Judge(schedule, history, model).run();
}

std::vector<StateCount> mailbox_step_states() { return counters.snapshot(); }

}  // namespace fuzz
