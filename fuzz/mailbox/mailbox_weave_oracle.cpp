// Order and bounds by happens-before; see the header. Histories are small, so every pair of calls
// is looked at.
#include "fuzz/mailbox/mailbox_weave_oracle.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fuzz/kit/enum_words.h"
#include "fuzz/kit/explored_calls.h"
#include "fuzz/kit/payload.h"
#include "fuzz/kit/state_counters.h"

namespace fuzz {
namespace {

using Event = MailboxThreadsEvent;
using Call = MailboxThreadsCall;

enum class Verdict : uint8_t { wrong_order, overfull, false_full, false_empty, false_hint, count };

constexpr EnumWords<Verdict> words({
    {Verdict::wrong_order, "wrong-order"},
    {Verdict::overfull, "overfull"},
    {Verdict::false_full, "false-full"},
    {Verdict::false_empty, "false-empty"},
    {Verdict::false_hint, "false-hint"},
});

enum class State : uint8_t {
    push_refused_full,
    bulk_cut_short,
    registration_refused,
    registration_whole,
    pop_from_empty,
    slot_reused,
    cursor_wrapped,
    consumer_hand_over,
    producers_interleaved,
    pushes_unordered,
    hint_false,
    count,
};

StateCounters<State> counters({{
    {State::push_refused_full, "a push met a full ring"},
    {State::bulk_cut_short, "a bulk push was cut short"},
    {State::registration_refused, "a registration was refused"},
    {State::registration_whole, "a registration came out with several conditions"},
    {State::pop_from_empty, "a pop met an empty ring"},
    {State::slot_reused, "a slot was used a second time"},
    {State::cursor_wrapped, "the 64-bit cursor wrapped"},
    {State::consumer_hand_over, "another consumer took over"},
    {State::producers_interleaved, "messages of two producers came out in turn"},
    {State::pushes_unordered, "no order between two pushes"},
    {State::hint_false, "has_pending() was false"},
}});

using Made = MadeCall<Event>;
/// A message that came out.
using Message = Passage<Event>;

class Judge {
  public:
    Judge(const MailboxThreadsSchedule& schedule, const MailboxThreadsHistory& history)
        : schedule_(schedule), history_(history) {}

    std::optional<Finding> run() {
        collect();
        check_order();
        check_capacity();
        for (uint32_t thread = 0; thread < schedule_.threads(); ++thread) {
            for (const Event& event : history_.events[thread]) {
                check_call({&event, thread});
            }
        }
        if (finding_) {
            return finding_;
        }
        count_states();
        return std::nullopt;
    }

  private:
    /// The history is complete: judge() has seen each message come out once, whole.
    void collect() {
        std::map<uint64_t, Made> push_of;
        for (uint32_t thread = 0; thread < schedule_.threads(); ++thread) {
            for (const Event& event : history_.events[thread]) {
                if (is_push(event) && event.result != 0) {
                    pushes_.push_back({&event, thread});
                    push_of[token_of(event.first_message)] = pushes_.back();
                }
            }
        }
        for (size_t view = 0; view < history_.popped.size();) {
            const PoppedMessage& popped = history_.popped[view];
            passages_.push_back({push_of.at(popped.view.task_token),
                                 {&history_.events[popped.thread][popped.event], popped.thread}});
            first_views_.push_back(view);
            slots_before_.push_back(slots_before_.back() +
                                    slots_each(*passages_.back().push.event));
            view += views_of(*passages_.back().push.event, *passages_.back().pop.event);
        }
    }

    /// The message that begins with this view or a later one.
    size_t message_at(size_t view) const {
        return static_cast<size_t>(
            std::lower_bound(first_views_.begin(), first_views_.end(), view) -
            first_views_.begin());
    }

    void check_order() {
        // The first moment at which a push of a later message ends. If a push has begun by then,
        // none of theirs happens before it.
        std::vector<uint64_t> ends(passages_.size() + 1, UINT64_MAX);
        for (size_t i = passages_.size(); i-- != 0;) {
            ends[i] = std::min(ends[i + 1], passages_[i].push.event->end);
        }
        for (size_t i = 0; i < passages_.size(); ++i) {
            if (passages_[i].push.event->begin <= ends[i + 1]) {
                continue;
            }
            for (size_t later = i + 1; later < passages_.size(); ++later) {
                if (precedes(*passages_[later].push.event, *passages_[i].push.event)) {
                    fail(Verdict::wrong_order, "the second push happens before the first",
                         {passages_[i].push, passages_[later].push});
                }
            }
        }
    }

    void check_capacity() {
        size_t below = 0;  // the message that has the ticket one lap below
        for (size_t i = 0; i < passages_.size(); ++i) {
            const uint64_t end = slots_before_[i + 1];
            if (end <= schedule_.capacity) {
                continue;
            }
            while (slots_before_[below + 1] < end - schedule_.capacity) {
                ++below;
            }
            if (precedes(*passages_[i].push.event, *passages_[below].pop.event)) {
                fail(Verdict::overfull,
                     "a push was taken while " + std::to_string(schedule_.capacity) +
                         " earlier slots were still in use",
                     {passages_[i].push, passages_[below].pop});
            }
        }
    }

    void check_call(const Made& call) {
        const Event& event = *call.event;
        if (event.call == Call::has_pending) {
            check_hint(call);
        } else if (is_pop(event)) {
            check_empty(call);
        } else if (event.result < event.count) {
            check_full(call);
        }
    }

    void check_full(const Made& push) {
        uint64_t claimed = 0;
        for (const Made& other : pushes_) {
            claimed += other.event == push.event || precedes(*push.event, *other.event)
                           ? 0
                           : slots_taken(*other.event);
        }
        uint64_t consumed = 0;
        for (const Message& passage : passages_) {
            consumed +=
                precedes(*passage.pop.event, *push.event) ? slots_each(*passage.push.event) : 0;
        }
        if (claimed < consumed + least_used(*push.event, schedule_.capacity)) {
            fail(Verdict::false_full,
                 std::to_string(claimed) + " claims can have been seen and " +
                     std::to_string(consumed) + " slots were free again for sure",
                 {push});
        }
    }

    void check_empty(const Made& pop) {
        const size_t next = message_at(pop.event->popped_before + views_of(*pop.event));
        const uint64_t slots =
            slots_before_[next] - slots_before_[message_at(pop.event->popped_before)];
        if (slots < pop.event->count && next < passages_.size() &&
            precedes(*passages_[next].push.event, *pop.event)) {
            fail(Verdict::false_empty, "the push of the next message happens before the pop",
                 {passages_[next].push, pop});
        }
    }

    void check_hint(const Made& hint) {
        if (hint.event->result != 0) {
            return;
        }
        for (const Message& passage : passages_) {
            if (precedes(*passage.push.event, *hint.event) &&
                precedes(*hint.event, *passage.pop.event)) {
                fail(Verdict::false_hint, "has_pending() is false with a published message waiting",
                     {passage.push, hint, passage.pop});
            }
        }
    }

    void count_states() const {
        for (uint32_t thread = 0; thread < schedule_.threads(); ++thread) {
            for (const Event& event : history_.events[thread]) {
                const bool is_short = event.result < event.count;
                const bool is_refused = is_push(event) && is_short && event.result == 0;
                counters.reached_if(is_refused && !is_registration(event),
                                    State::push_refused_full);
                counters.reached_if(is_refused && is_registration(event),
                                    State::registration_refused);
                counters.reached_if(is_push(event) && is_short && event.result != 0,
                                    State::bulk_cut_short);
                counters.reached_if(is_pop(event) && is_short && event.result == 0,
                                    State::pop_from_empty);
                counters.reached_if(event.call == Call::has_pending && event.result == 0,
                                    State::hint_false);
            }
        }
        const uint64_t tickets = slots_before_.back();
        counters.reached_if(tickets > schedule_.capacity, State::slot_reused);
        counters.reached_if(schedule_.first_ticket + tickets < schedule_.first_ticket,
                            State::cursor_wrapped);
        for (const Message& passage : passages_) {
            counters.reached_if(views_of(*passage.push.event, *passage.pop.event) > 2,
                                State::registration_whole);
        }
        for (size_t i = 1; i < passages_.size(); ++i) {
            counters.reached_if(passages_[i].pop.thread != passages_[i - 1].pop.thread,
                                State::consumer_hand_over);
            counters.reached_if(passages_[i].push.thread != passages_[i - 1].push.thread,
                                State::producers_interleaved);
            counters.reached_if(!precedes(*passages_[i - 1].push.event, *passages_[i].push.event) &&
                                    passages_[i - 1].push.event != passages_[i].push.event,
                                State::pushes_unordered);
        }
    }

    void fail(Verdict verdict, const std::string& sentence, const std::vector<Made>& calls) {
        if (finding_) {
            return;
        }
        finding_ = {words[verdict], sentence,
                    "capacity " + std::to_string(schedule_.capacity) + ", first ticket " +
                        std::to_string(schedule_.first_ticket) + "\n"};
        finding_->add_calls(reported(schedule_, calls));
    }

    const MailboxThreadsSchedule& schedule_;
    const MailboxThreadsHistory& history_;
    std::vector<Made> pushes_;
    std::vector<Message> passages_;
    std::vector<size_t> first_views_;           ///< of each message; indices into popped
    std::vector<uint64_t> slots_before_ = {0};  ///< slots that the first i messages took
    std::optional<Finding> finding_;
};

}  // namespace

std::optional<Finding> judge_by_clocks(const MailboxThreadsSchedule& schedule,
                                       const MailboxThreadsHistory& history) {
    return Judge(schedule, history).run();
}

std::vector<StateCount> mailbox_weave_states() { return counters.snapshot(); }

}  // namespace fuzz
