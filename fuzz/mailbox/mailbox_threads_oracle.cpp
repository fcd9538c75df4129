// Conservation, order and the bounds, over a history of real threads; see the header.
#include "fuzz/mailbox/mailbox_threads_oracle.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "fuzz/kit/enum_words.h"
#include "fuzz/kit/payload.h"
#include "fuzz/kit/state_counters.h"

namespace fuzz {
namespace {

enum class Verdict : uint8_t {
    lost,         ///< pushed, and never came out
    duplicated,   ///< came out twice
    invented,     ///< came out, and was never pushed
    torn,         ///< came out changed
    wrong_order,  ///< came out before a message whose push had returned when its
                  ///< own push began
    miscounted,   ///< consume() freed another number of slots than its messages took
    overfull,     ///< more than Capacity tickets were outstanding
    false_full,   ///< refused although the ring cannot have been full
    false_empty,  ///< a pop stopped before a message that had been published
    false_hint,   ///< has_pending() missed a published message, or saw one in a
                  ///< drained ring
    stuck,        ///< a repeated push was never taken although consumers drained
    count,
};

constexpr EnumWords<Verdict> words({
    {Verdict::lost, "lost"},
    {Verdict::duplicated, "duplicated"},
    {Verdict::invented, "invented"},
    {Verdict::torn, "torn"},
    {Verdict::wrong_order, "wrong-order"},
    {Verdict::miscounted, "miscounted"},
    {Verdict::overfull, "overfull"},
    {Verdict::false_full, "false-full"},
    {Verdict::false_empty, "false-empty"},
    {Verdict::false_hint, "false-hint"},
    {Verdict::stuck, "stuck"},
});

enum class State : uint8_t {
    push_refused_full,
    bulk_cut_short,
    registration_refused,
    registration_in_part,
    registration_whole,
    pop_from_empty,
    slot_reused,
    cursor_wrapped,
    consumer_hand_over,
    producers_interleaved,
    calls_overlapped,
    full_size_ring_full,
    count,
};

StateCounters<State> counters({{
    {State::push_refused_full, "a push met a full ring"},
    {State::bulk_cut_short, "a bulk push was cut short"},
    {State::registration_refused, "a registration was refused"},
    {State::registration_in_part, "a pop returned the first condition of several"},
    {State::registration_whole, "a registration came out with several conditions"},
    {State::pop_from_empty, "a pop met an empty ring"},
    {State::slot_reused, "a slot was used a second time"},
    {State::cursor_wrapped, "the 64-bit cursor wrapped"},
    {State::consumer_hand_over, "another consumer took over"},
    {State::producers_interleaved, "messages of two producers came out in turn"},
    {State::calls_overlapped, "two pushes overlapped in time"},
    {State::full_size_ring_full, "all 4096 slots were in use"},
}});

constexpr uint64_t inverse_of_token_factor() {
    // Newton's iteration for the inverse of an odd number modulo 2^64.
    const uint64_t factor = token_of(1);
    uint64_t inverse = factor;
    for (int i = 0; i < 6; ++i) {
        inverse *= 2 - factor * inverse;
    }
    return inverse;
}
static_assert(inverse_of_token_factor() * token_of(1) == 1);

/// A push that took something, and how much of it has come out so far.
struct Push {
    const MailboxThreadsEvent* event;
    uint32_t thread;
    uint32_t came_out;
};

/// A message that came out.
struct Message {
    uint32_t push;  ///< index into Tables::pushes
    uint32_t view;  ///< the first of its views; index into MailboxThreadsHistory::popped
};

/// Working memory that lives from schedule to schedule.
struct Tables {
    std::vector<Push> pushes;
    std::array<std::vector<uint32_t>, threads_max> push_of_count;  ///< by message_count(first)
    std::vector<Message> messages;                                 ///< in the order of popping
    std::vector<uint32_t> messages_before;              ///< messages that begin before view i
    std::vector<uint64_t> slots_before;                 ///< slots that the first i messages took
    std::vector<std::pair<uint64_t, uint64_t>> claims;  ///< begin and slots of each push
    std::vector<uint64_t> push_begins;   ///< of the pushes that took something, ascending
    std::vector<uint64_t> claims_begun;  ///< slots claimed by the first i of push_begins
    std::vector<uint64_t> earliest_end;  ///< of the pushes of message i and later
};

constexpr uint32_t no_push = ~uint32_t{0};

class Judge {
  public:
    Judge(const MailboxThreadsSchedule& schedule, const MailboxThreadsHistory& history,
          Tables& tables)
        : schedule_(schedule), history_(history), tables_(tables) {}

    std::optional<Finding> run() {
        if (history_.stuck) {
            return Finding{words[Verdict::stuck],
                           "a push was refused for more than 10 seconds while consumers drained",
                           ""};
        }
        collect_pushes();
        match_popped();
        check_nothing_lost();
        check_drained();
        check_pops();
        if (schedule_.stamped && !failed_) {
            collect_times();
            check_order();
            check_capacity();
            check_calls();
        }
        if (!failed_) {
            count_states();
            return std::nullopt;
        }
        return finding_;
    }

  private:
    void collect_pushes() {
        tables_.pushes.clear();
        for (uint32_t thread = 0; thread < schedule_.threads(); ++thread) {
            std::vector<uint32_t>& by_count = tables_.push_of_count[thread];
            by_count.clear();
            for (const MailboxThreadsEvent& event : history_.events[thread]) {
                if (!is_push(event) || event.result == 0) {
                    continue;
                }
                if (event.result > event.count) {
                    fail(Verdict::overfull, "a push took more than it was offered",
                         {line(thread, event)});
                }
                by_count.resize(message_count(event.first_message) + 1, no_push);
                by_count.back() = static_cast<uint32_t>(tables_.pushes.size());
                tables_.pushes.push_back({&event, thread, 0});
            }
        }
    }

    uint32_t push_with_token(uint64_t token) const {
        const uint64_t number = token * inverse_of_token_factor();
        const uint32_t thread = message_thread(static_cast<uint32_t>(number));
        const uint32_t count = message_count(static_cast<uint32_t>(number));
        if (number >> 32 != 0 || thread >= threads_max ||
            count >= tables_.push_of_count[thread].size()) {
            return no_push;
        }
        return tables_.push_of_count[thread][count];
    }

    void match_popped() {
        // Longer than they need be, and only ever longer: adding to a vector is dear in a build
        // with sanitizers.
        const size_t views = history_.popped.size();
        if (tables_.messages.size() <= views) {
            tables_.messages.resize(views + 1);
            tables_.messages_before.resize(views + 1);
            tables_.slots_before.resize(views + 1);
        }
        for (size_t view = 0; view < history_.popped.size() && !failed_;) {
            view += match(view);
        }
    }

    /// Returns how many views the message has that begins with this one.
    size_t match(size_t index) {
        const pto::AICoreCompletionMsgView& view = history_.popped[index].view;
        const auto fail_here = [&](Verdict verdict, const char* what, const Push* push) {
            const PoppedMessage& popped = history_.popped[index];
            std::vector<ReportedCall> lines{
                line(popped.thread, history_.events[popped.thread][popped.event])};
            if (push != nullptr) {
                lines.insert(lines.begin(), line(push->thread, *push->event));
            }
            fail(verdict, "message " + std::to_string(messages_) + " " + what, lines);
            return size_t{1};
        };
        const uint32_t number = push_with_token(view.task_token);
        if (number == no_push) {
            return fail_here(Verdict::invented, "has a token that was never pushed", nullptr);
        }
        Push& push = tables_.pushes[number];
        if (push.came_out == push.event->result) {
            return fail_here(Verdict::duplicated, "came out before", &push);
        }
        const bool continues = push.came_out != 0;
        if (continues && tables_.messages[messages_ - 1].push != number) {
            return fail_here(Verdict::wrong_order, "is apart from the rest of its bulk push",
                             &push);
        }
        const size_t views = views_of(*push.event, pop_of_view(index));
        if (views == 1 ? !matches(view, *push.event, push.came_out)
                       : !matches_whole(index, *push.event)) {
            return fail_here(Verdict::torn, "differs from what was pushed", &push);
        }
        if (!continues) {
            check_producer_order(push);
        }
        push.came_out += is_registration(*push.event) ? push.event->result : 1;
        tables_.messages[messages_] = {number, static_cast<uint32_t>(index)};
        ++messages_;
        tables_.slots_before[messages_] =
            tables_.slots_before[messages_ - 1] + slots_each(*push.event);
        for (size_t next = index + 1; next <= index + views; ++next) {
            tables_.messages_before[next] = messages_;
        }
        return views;
    }

    /// Pushes are collected in each producer's order, so an earlier one of the
    /// same producer has a lower index and must be out completely.
    void check_producer_order(const Push& push) {
        const size_t number = static_cast<size_t>(&push - tables_.pushes.data());
        if (number == 0) {
            return;
        }
        const Push& previous = tables_.pushes[number - 1];
        if (previous.thread == push.thread && previous.came_out != previous.event->result) {
            fail(Verdict::wrong_order,
                 "message " + std::to_string(messages_) +
                     " came out before its producer's earlier one",
                 {line(previous.thread, *previous.event), line(push.thread, *push.event)});
        }
    }

    // A normal-done carries a token and an address; the contract leaves its other fields open.
    bool matches(const pto::AICoreCompletionMsgView& view, const MailboxThreadsEvent& push,
                 uint32_t offset) const {
        const pto::DeferredCompletionEntry& p = payload_of(push.first_message)[offset];
        if (push.call == MailboxThreadsCall::push_normal_done) {
            return view.kind == pto::MSG_KIND_TASK_NORMAL_DONE && view.addr == p.addr;
        }
        const uint32_t kind =
            is_registration(push) ? pto::MSG_KIND_TASK_REGISTRATION : pto::MSG_KIND_CONDITION;
        return view.kind == kind && view.addr == p.addr &&
               (!schedule_.has_cookies || view.backend_cookie == p.backend_cookie) &&
               view.expected_value == p.expected_value && view.engine == p.engine &&
               view.completion_type == p.completion_type;
    }

    /// Whether the views from `index` on are those of a registration, all out of one call.
    bool matches_whole(size_t index, const MailboxThreadsEvent& push) const {
        if (history_.popped.size() - index <= push.count ||
            &pop_of_view(index) != &pop_of_view(index + push.count)) {
            return false;
        }
        const pto::AICoreCompletionMsgView& header = history_.popped[index].view;
        bool is_same = header.kind == pto::MSG_KIND_TASK_REGISTRATION &&
                       header.addr == slot_state_of(push.first_message) &&
                       header.expected_value == push.count;
        for (uint32_t i = 0; i < push.count && is_same; ++i) {
            const pto::AICoreCompletionMsgView& view = history_.popped[index + 1 + i].view;
            is_same = view.task_token == header.task_token && matches(view, push, i);
        }
        return is_same;
    }

    void check_nothing_lost() {
        for (const Push& push : tables_.pushes) {
            if (push.came_out != push.event->result) {
                fail(Verdict::lost,
                     std::to_string(push.event->result - push.came_out) +
                         " messages of a push never came out",
                     {line(push.thread, *push.event)});
                return;
            }
        }
    }

    void check_drained() {
        const MailboxThreadsEvent& last = history_.events[0].back();
        if (last.result != 0) {
            fail(Verdict::false_hint, "has_pending() is true on a drained, quiescent ring",
                 {line(0, last)});
        }
    }

    /// A call takes messages as long as they have taken fewer slots than it was asked for.
    void check_pops() {
        for (uint32_t thread = 0; thread < schedule_.consumers && !failed_; ++thread) {
            for (const MailboxThreadsEvent& event : history_.events[thread]) {
                if (!is_pop(event) || (event.result == 0 && views_of(event) == 0)) {
                    continue;
                }
                const uint64_t slots = slots_of(event);
                if (slots > event.count &&
                    slots - slots_each(push_of(end_of(event) - 1)) >= event.count) {
                    fail(Verdict::invented, "more came out than was asked for",
                         {line(thread, event)});
                } else if (event.call == MailboxThreadsCall::consume && event.result != slots) {
                    fail(Verdict::miscounted,
                         "what came out took " + std::to_string(slots) + " slots",
                         {line(thread, event)});
                }
            }
        }
    }

    const Push& pushed(size_t message) const {
        return tables_.pushes[tables_.messages[message].push];
    }
    const MailboxThreadsEvent& push_of(size_t message) const { return *pushed(message).event; }
    ReportedCall push_line(size_t message) const {
        return line(pushed(message).thread, push_of(message));
    }
    const MailboxThreadsEvent& pop_of_view(size_t view) const {
        const PoppedMessage& popped = history_.popped[view];
        return history_.events[popped.thread][popped.event];
    }
    const PoppedMessage& popped(size_t message) const {
        return history_.popped[tables_.messages[message].view];
    }
    const MailboxThreadsEvent& pop_of(size_t message) const {
        return pop_of_view(tables_.messages[message].view);
    }
    /// The message after those that a pop took.
    size_t end_of(const MailboxThreadsEvent& pop) const {
        return tables_.messages_before[pop.popped_before + views_of(pop)];
    }
    /// The slots of the messages that a pop took.
    uint64_t slots_of(const MailboxThreadsEvent& pop) const {
        return tables_.slots_before[end_of(pop)] -
               tables_.slots_before[tables_.messages_before[pop.popped_before]];
    }

    void collect_times() {
        std::vector<std::pair<uint64_t, uint64_t>>& claims = tables_.claims;
        claims.clear();
        for (const Push& push : tables_.pushes) {
            claims.push_back({push.event->begin, slots_taken(*push.event)});
        }
        std::sort(claims.begin(), claims.end());
        tables_.push_begins.clear();
        tables_.claims_begun.assign(1, 0);
        for (const auto& [begin, count] : claims) {
            tables_.push_begins.push_back(begin);
            tables_.claims_begun.push_back(tables_.claims_begun.back() + count);
        }
        tables_.earliest_end.assign(messages_ + 1, ~uint64_t{0});
        for (size_t i = messages_; i-- > 0;) {
            tables_.earliest_end[i] = std::min(tables_.earliest_end[i + 1], push_of(i).end);
        }
    }

    /// If one push returned before another began, it has the lower ticket.
    void check_order() {
        uint64_t latest_begin = 0;
        size_t latest = 0;
        for (size_t i = 0; i < messages_ && !failed_; ++i) {
            if (push_of(i).end < latest_begin) {
                fail(Verdict::wrong_order, "the second push returned before the first began",
                     {push_line(latest), push_line(i)});
            }
            if (push_of(i).begin > latest_begin) {
                latest_begin = push_of(i).begin;
                latest = i;
            }
        }
    }

    /// A ticket is claimed only after the one Capacity before it was consumed.
    void check_capacity() {
        size_t below = 0;  // the message that has that ticket
        for (size_t i = 0; i < messages_ && !failed_; ++i) {
            const uint64_t end = tables_.slots_before[i + 1];
            if (end <= schedule_.capacity) {
                continue;
            }
            while (tables_.slots_before[below + 1] < end - schedule_.capacity) {
                ++below;
            }
            if (pop_of(below).begin > push_of(i).end) {
                fail(Verdict::overfull,
                     "a push was taken while " + std::to_string(schedule_.capacity) +
                         " earlier slots were still in use",
                     {push_line(i), line(popped(below).thread, pop_of(below))});
            }
        }
    }

    void check_calls() {
        for (uint32_t thread = 0; thread < schedule_.threads(); ++thread) {
            for (const MailboxThreadsEvent& event : history_.events[thread]) {
                if (is_push(event) && event.result < event.count) {
                    check_full(thread, event);
                } else if (is_pop(event) && slots_of(event) < event.count) {
                    check_empty(thread, event);
                } else if (event.call == MailboxThreadsCall::has_pending && event.result == 0) {
                    check_hint(thread, event);
                }
                if (failed_) {
                    return;
                }
            }
        }
    }

    uint64_t claims_begun_before(uint64_t stamp) const {
        const auto& begins = tables_.push_begins;
        const auto count = std::lower_bound(begins.begin(), begins.end(), stamp) - begins.begin();
        return tables_.claims_begun[static_cast<size_t>(count)];
    }

    uint64_t pops_ended_before(uint64_t stamp) const {
        // Pops follow one another, so their ends ascend.
        size_t low = 0;
        size_t high = messages_;
        while (low < high) {
            const size_t middle = (low + high) / 2;
            if (pop_of(middle).end < stamp) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return tables_.slots_before[low];
    }

    void check_full(uint32_t thread, const MailboxThreadsEvent& push) {
        const uint64_t claimed = claims_begun_before(push.end) - slots_taken(push);
        const uint64_t consumed = pops_ended_before(push.begin);
        if (claimed - consumed < least_used(push, schedule_.capacity)) {
            fail(Verdict::false_full,
                 std::to_string(claimed) + " claims can have been seen and " +
                     std::to_string(consumed) + " slots were free again for sure",
                 {line(thread, push)});
        }
    }

    void check_empty(uint32_t thread, const MailboxThreadsEvent& pop) {
        const size_t next = end_of(pop);
        if (next < messages_ && push_of(next).end < pop.begin) {
            fail(Verdict::false_empty, "the pop began after the push of the next message returned",
                 {push_line(next), line(thread, pop)});
        }
    }

    void check_hint(uint32_t thread, const MailboxThreadsEvent& hint) {
        // The messages whose pop begins after the call returned are the last ones.
        size_t low = 0;
        size_t high = messages_;
        while (low < high) {
            const size_t middle = (low + high) / 2;
            if (pop_of(middle).begin > hint.end) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if (tables_.earliest_end[low] < hint.begin) {
            fail(Verdict::false_hint, "has_pending() is false with a published message waiting",
                 {line(thread, hint)});
        }
    }

    void count_states() const {
        for (uint32_t thread = 0; thread < schedule_.threads(); ++thread) {
            for (const MailboxThreadsEvent& event : history_.events[thread]) {
                const bool short_of = event.result < event.count;
                const bool is_refused = is_push(event) && event.result == 0 && short_of;
                counters.reached_if(is_refused && !is_registration(event),
                                    State::push_refused_full);
                counters.reached_if(is_refused && is_registration(event),
                                    State::registration_refused);
                counters.reached_if(is_push(event) && event.result != 0 && short_of,
                                    State::bulk_cut_short);
                counters.reached_if(is_push(event) && short_of && schedule_.capacity == 4096,
                                    State::full_size_ring_full);
                counters.reached_if(is_pop(event) && event.result == 0 && short_of,
                                    State::pop_from_empty);
            }
        }
        const uint64_t tickets = tables_.slots_before[messages_];
        counters.reached_if(tickets > schedule_.capacity, State::slot_reused);
        counters.reached_if(schedule_.first_ticket + tickets < schedule_.first_ticket,
                            State::cursor_wrapped);
        for (size_t i = 0; i < messages_; ++i) {
            if (is_registration(push_of(i)) && push_of(i).count > 1) {
                counters.reached(pop_of(i).call == MailboxThreadsCall::consume
                                     ? State::registration_whole
                                     : State::registration_in_part);
            }
        }
        for (size_t i = 1; i < messages_; ++i) {
            counters.reached_if(popped(i).thread != popped(i - 1).thread,
                                State::consumer_hand_over);
            const Push& before = pushed(i - 1);
            const Push& after = pushed(i);
            counters.reached_if(before.thread != after.thread, State::producers_interleaved);
            counters.reached_if(before.thread != after.thread && schedule_.stamped &&
                                    after.event->begin < before.event->end &&
                                    before.event->begin < after.event->end,
                                State::calls_overlapped);
        }
    }

    ReportedCall line(uint32_t thread, const MailboxThreadsEvent& event) const {
        const auto& list = schedule_.lists[thread];
        const std::string call =
            event.operation < list.size() ? describe(list[event.operation]) : std::string("drain");
        std::string text = thread_name(schedule_, thread) + ", operation " +
                           std::to_string(event.operation) + ": " + call + " -> " +
                           std::to_string(event.result) + " of " + std::to_string(event.count);
        if (schedule_.stamped) {
            text += ", from " + std::to_string(event.begin) + " to " + std::to_string(event.end);
        }
        return {text, event.begin, event.end};
    }

    void fail(Verdict verdict, const std::string& sentence,
              const std::vector<ReportedCall>& lines) {
        if (failed_) {
            return;
        }
        failed_ = true;
        finding_ = {words[verdict], sentence,
                    "capacity " + std::to_string(schedule_.capacity) + ", first ticket " +
                        std::to_string(schedule_.first_ticket) + ", " +
                        std::to_string(history_.popped.size()) + " views came out\n"};
        finding_.add_calls(lines);
    }

    const MailboxThreadsSchedule& schedule_;
    const MailboxThreadsHistory& history_;
    Tables& tables_;
    uint32_t messages_ = 0;  ///< that came out
    bool failed_ = false;
    Finding finding_;
};

}  // namespace

std::optional<Finding> judge(const MailboxThreadsSchedule& schedule,
                             const MailboxThreadsHistory& history) {
    static Tables tables;
    return Judge(schedule, history, tables).run();
}

std::vector<StateCount> mailbox_threads_states() { return counters.snapshot(); }

}  // namespace fuzz
