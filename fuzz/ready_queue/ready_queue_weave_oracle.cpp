// Order and bounds by happens-before; see the header. Histories are small, so every pair of calls
// is looked at.
#include "fuzz/ready_queue/ready_queue_weave_oracle.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "fuzz/kit/enum_words.h"
#include "fuzz/kit/explored_calls.h"
#include "fuzz/kit/moments.h"
#include "fuzz/kit/state_counters.h"
#include "fuzz/ready_queue/ready_task.h"

namespace fuzz {
namespace {

using Event = ReadyThreadsEvent;
using Call = ReadyThreadsCall;

enum class Verdict : uint8_t { wrong_order, overfull, false_full, false_empty, false_size, count };

constexpr EnumWords<Verdict> words({
    {Verdict::wrong_order, "wrong-order"},
    {Verdict::overfull, "overfull"},
    {Verdict::false_full, "false-full"},
    {Verdict::false_empty, "false-empty"},
    {Verdict::false_size, "false-size"},
});

enum class State : uint8_t {
    push_refused_full,
    batch_cut_short,
    pop_from_empty,
    pop_cut_short,
    slot_reused,
    tickets_wrapped,
    pushes_unordered,
    pops_unordered,
    task_left_by_a_pop,
    count,
};

StateCounters<State> counters({{
    {State::push_refused_full, "a push met a full queue"},
    {State::batch_cut_short, "a batch push was cut short"},
    {State::pop_from_empty, "a pop met an empty queue"},
    {State::pop_cut_short, "a pop got a part of what it asked for"},
    {State::slot_reused, "a slot was used a second time"},
    {State::tickets_wrapped, "tickets began again"},
    {State::pushes_unordered, "no order between two pushes"},
    {State::pops_unordered, "no order between two pops"},
    {State::task_left_by_a_pop, "a pop ended before a task whose push was finished"},
}});

bool is_pop(Call call) {
    return call == Call::pop || call == Call::pop_batch || call == Call::pop_in_steps;
}

/// A push or a pop that moved tasks, or a look at the size.
using Transfer = MadeCall<Event>;
/// A task that was pushed and came out.
using Task = Passage<Event>;

class Judge {
  public:
    Judge(const ReadyQueueThreadsSchedule& schedule, const ReadyQueueThreadsHistory& history)
        : schedule_(schedule), history_(history) {}

    std::optional<Finding> run() {
        collect_transfers();
        collect_passages();
        check_order();
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
    void collect_transfers() {
        for (uint32_t thread = 0; thread < schedule_.threads(); ++thread) {
            for (const Event& event : history_.events[thread]) {
                if (event.call != Call::size && event.result != 0) {
                    (is_pop(event.call) ? pops_ : pushes_).push_back({&event, thread});
                }
            }
        }
    }

    /// The history is complete: judge() has seen each task come out once.
    void collect_passages() {
        std::map<uint32_t, Transfer> pop_of;
        for (const Transfer& pop : pops_) {
            for (uint32_t i = 0; i < pop.event->result; ++i) {
                pop_of[number_of(history_.popped[pop.thread][pop.event->first + i].task)] = pop;
            }
        }
        for (const Transfer& push : pushes_) {
            for (uint32_t i = 0; i < push.event->result; ++i) {
                passages_.push_back({push, pop_of.at(push.event->first + i)});
            }
        }
    }

    void check_order() {
        for (const Task& first : passages_) {
            for (const Task& second : passages_) {
                if (precedes(*first.push.event, *second.push.event) &&
                    precedes(*second.pop.event, *first.pop.event)) {
                    fail(Verdict::wrong_order,
                         "a task came out later than one that was pushed after it",
                         {first.push, second.push, second.pop, first.pop});
                }
            }
        }
    }

    void check_call(const Transfer& call) {
        if (call.event->call == Call::size) {
            check_size(call);
        } else if (is_pop(call.event->call)) {
            check_empty(call);
        } else {
            check_full(call);
            check_capacity(call);
        }
    }

    /// Tasks of the calls that happen before `event`.
    static uint64_t surely_before(const std::vector<Transfer>& calls, const Event& event) {
        uint64_t tasks = 0;
        for (const Transfer& call : calls) {
            tasks += precedes(*call.event, event) ? call.event->result : 0;
        }
        return tasks;
    }
    /// Tasks of the calls that `event` does not happen before, its own included.
    static uint64_t perhaps_before(const std::vector<Transfer>& calls, const Event& event) {
        uint64_t tasks = 0;
        for (const Transfer& call : calls) {
            tasks += precedes(event, *call.event) ? 0 : call.event->result;
        }
        return tasks;
    }

    void check_full(const Transfer& push) {
        const Event& event = *push.event;
        if (event.result == event.count) {
            return;
        }
        const uint64_t claimed = perhaps_before(pushes_, event) - event.result;
        const uint64_t popped = surely_before(pops_, event);
        if (claimed < popped + schedule_.capacity - event.result) {
            fail(Verdict::false_full,
                 std::to_string(claimed) + " tasks can have been in the queue and " +
                     std::to_string(popped) + " were out for sure",
                 {push});
        }
    }

    void check_capacity(const Transfer& push) {
        uint64_t pushed = push.event->result;
        for (const Transfer& other : pushes_) {
            pushed += other.event != push.event && comes_before(other.event->end, push.event->end)
                          ? other.event->result
                          : 0;
        }
        const uint64_t popped = perhaps_before(pops_, *push.event);
        if (pushed > popped + schedule_.capacity) {
            fail(Verdict::overfull,
                 std::to_string(pushed) + " tasks were in the queue for sure and " +
                     std::to_string(popped) + " can have been out",
                 {push});
        }
    }

    void check_empty(const Transfer& pop) {
        if (pop.event->result == pop.event->count) {
            return;
        }
        for (const Task& left : passages_) {
            if (!precedes(*left.push.event, *pop.event) || !precedes(*pop.event, *left.pop.event)) {
                continue;
            }
            if (!has_excuse(*left.push.event, *pop.event)) {
                fail(Verdict::false_empty, "a task was there, and no unfinished push before it",
                     {left.push, pop, left.pop});
            }
            ++tasks_left_;
        }
    }

    /// Is there a push that can have drawn its ticket before `push` did, and that the pop need not
    /// have seen the end of?
    bool has_excuse(const Event& push, const Event& pop) const {
        return std::any_of(pushes_.begin(), pushes_.end(), [&](const Transfer& other) {
            return other.event != &push && !precedes(push, *other.event) &&
                   !precedes(*other.event, pop);
        });
    }

    void check_size(const Transfer& size) {
        const Event& event = *size.event;
        const uint64_t pushed_least = surely_before(pushes_, event);
        const uint64_t pushed_most = perhaps_before(pushes_, event);
        const uint64_t popped_least = surely_before(pops_, event);
        const uint64_t popped_most = perhaps_before(pops_, event);
        const uint64_t least = pushed_least - std::min(pushed_least, popped_most);
        const uint64_t most = std::min<uint64_t>(pushed_most - popped_least, schedule_.capacity);
        if (event.result < least || event.result > most) {
            fail(Verdict::false_size,
                 "size() is not between " + std::to_string(least) + " and " + std::to_string(most),
                 {size});
        }
    }

    void count_states() const {
        for (uint32_t thread = 0; thread < schedule_.threads(); ++thread) {
            for (const Event& event : history_.events[thread]) {
                const bool is_short = event.result < event.count;
                const bool is_nothing = event.result == 0;
                const bool is_a_pop = is_pop(event.call);
                counters.reached_if(is_short && is_nothing && !is_a_pop, State::push_refused_full);
                counters.reached_if(is_short && !is_nothing && !is_a_pop, State::batch_cut_short);
                counters.reached_if(is_short && is_nothing && is_a_pop, State::pop_from_empty);
                counters.reached_if(is_short && !is_nothing && is_a_pop, State::pop_cut_short);
            }
        }
        counters.reached_if(passages_.size() > schedule_.capacity, State::slot_reused);
        counters.reached_if(schedule_.first_ticket + passages_.size() < schedule_.first_ticket,
                            State::tickets_wrapped);
        counters.reached_if(has_unordered(pushes_), State::pushes_unordered);
        counters.reached_if(has_unordered(pops_), State::pops_unordered);
        counters.reached_if(tasks_left_ != 0, State::task_left_by_a_pop);
    }

    static bool has_unordered(const std::vector<Transfer>& calls) {
        return std::any_of(calls.begin(), calls.end(), [&](const Transfer& a) {
            return std::any_of(calls.begin(), calls.end(), [&](const Transfer& b) {
                return a.event != b.event && !precedes(*a.event, *b.event) &&
                       !precedes(*b.event, *a.event);
            });
        });
    }

    void fail(Verdict verdict, const std::string& sentence, const std::vector<Transfer>& calls) {
        if (finding_) {
            return;
        }
        finding_ = {words[verdict], sentence,
                    "capacity " + std::to_string(schedule_.capacity) + ", tickets from " +
                        std::to_string(schedule_.first_ticket) + "\n"};
        finding_->add_calls(reported(schedule_, calls));
    }

    const ReadyQueueThreadsSchedule& schedule_;
    const ReadyQueueThreadsHistory& history_;
    std::vector<Transfer> pushes_;
    std::vector<Transfer> pops_;
    std::vector<Task> passages_;
    uint64_t tasks_left_ = 0;
    std::optional<Finding> finding_;
};

}  // namespace

std::optional<Finding> judge_by_clocks(const ReadyQueueThreadsSchedule& schedule,
                                       const ReadyQueueThreadsHistory& history) {
    return Judge(schedule, history).run();
}

std::vector<StateCount> ready_queue_weave_states() { return counters.snapshot(); }

}  // namespace fuzz
