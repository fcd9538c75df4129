// Conservation, order and the bounds, over a history of real threads; see the header.
#include "fuzz/ready_queue/ready_queue_threads_oracle.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/kit/enum_words.h"
#include "fuzz/kit/state_counters.h"
#include "fuzz/ready_queue/ready_queue_fates.h"
#include "fuzz/ready_queue/ready_queue_step_schedule.h"
#include "fuzz/ready_queue/ready_queue_times.h"
#include "fuzz/ready_queue/ready_task.h"

namespace fuzz {
namespace {

using Event = ReadyThreadsEvent;
using Call = ReadyThreadsCall;

enum class Verdict : uint8_t {
    lost,         ///< pushed, and never came out
    duplicated,   ///< came out twice
    invented,     ///< came out, and was not pushed
    stale,        ///< came out without what its pusher had written into it
    wrong_order,  ///< came out before a task that had been pushed before it
    overfull,     ///< more than Capacity tasks were in the queue
    false_full,   ///< refused although the queue cannot have been full
    false_empty,  ///< a pop ended before a task whose push was finished
    false_size,   ///< size() returned what it cannot have seen
    stuck,        ///< a repeated push was never taken although poppers drained
    count,
};

constexpr EnumWords<Verdict> words({
    {Verdict::lost, "lost"},
    {Verdict::duplicated, "duplicated"},
    {Verdict::invented, "invented"},
    {Verdict::stale, "stale"},
    {Verdict::wrong_order, "wrong-order"},
    {Verdict::overfull, "overfull"},
    {Verdict::false_full, "false-full"},
    {Verdict::false_empty, "false-empty"},
    {Verdict::false_size, "false-size"},
    {Verdict::stuck, "stuck"},
});

enum class State : uint8_t {
    push_refused_full,
    batch_cut_short,
    largest_queue_full,
    pop_from_empty,
    pop_cut_short,
    slot_reused,
    pushers_interleaved,
    batch_shared_out,
    pushes_overlapped,
    pops_overlapped,
    push_overtook,
    pop_overtook,
    count,
};

StateCounters<State> counters({{
    {State::push_refused_full, "a push met a full queue"},
    {State::batch_cut_short, "a batch push was cut short"},
    {State::largest_queue_full, "all slots of the largest queue were in use"},
    {State::pop_from_empty, "a pop met an empty queue"},
    {State::pop_cut_short, "a pop got a part of what it asked for"},
    {State::slot_reused, "a slot was used a second time"},
    {State::pushers_interleaved, "tasks of two pushers came out in turn"},
    {State::batch_shared_out, "two poppers shared a batch push"},
    {State::pushes_overlapped, "two pushes overlapped in time"},
    {State::pops_overlapped, "two pops overlapped in time"},
    {State::push_overtook, "a push began and ended during another"},
    {State::pop_overtook, "a pop began and ended during another"},
}});

bool is_pop(Call call) {
    return call == Call::pop || call == Call::pop_batch || call == Call::pop_in_steps;
}
bool is_push(Call call) { return call != Call::size && !is_pop(call); }

class Judge {
  public:
    Judge(const ReadyQueueThreadsSchedule& schedule, const ReadyQueueThreadsHistory& history,
          ReadyQueueFates& fates, ReadyQueueTimes& times)
        : schedule_(schedule), history_(history), fates_(fates), times_(times) {}

    std::optional<Finding> run() {
        if (history_.stuck) {
            return Finding{words[Verdict::stuck],
                           "a push was refused for more than 10 seconds while poppers drained", ""};
        }
        collect_pushes();
        match_popped();
        check_marks();
        check_nothing_lost();
        check_drained();
        if (schedule_.stamped && !failed_) {
            times_.collect(fates_);
            check_order_of_each_popper();
            check_order_of_each_pusher();
            check_order_of_all();
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
        fates_.clear(schedule_);
        for (uint32_t thread = schedule_.poppers; thread < schedule_.threads(); ++thread) {
            for (const Event& event : history_.events[thread]) {
                if (!is_push(event.call) || event.result == 0) {
                    continue;
                }
                if (event.result > event.count || event.result > schedule_.capacity) {
                    fail(Verdict::overfull, "a push took more than it was offered, or than fits",
                         {line(thread, event)});
                    return;
                }
                fates_.add_push(thread, event);
            }
        }
    }

    void match_popped() {
        for (uint32_t popper = 0; popper < schedule_.poppers; ++popper) {
            last_of_pusher_.fill(nullptr);
            for (const Event& event : history_.events[popper]) {
                if (is_pop(event.call) && event.result != 0 && !failed_) {
                    fates_.add_pop(popper, event);
                    match_pop(popper, event);
                }
            }
        }
    }

    void match_pop(uint32_t popper, const Event& pop) {
        if (pop.result > pop.count) {
            fail(Verdict::invented, "more came out than was asked for", {line(popper, pop)});
            return;
        }
        const Fate* before = nullptr;
        for (uint32_t i = 0; i < pop.result && !failed_; ++i) {
            before = match_task(popper, pop, i, before);
        }
    }

    /// Returns the fate of the task, which is that of no earlier one.
    const Fate* match_task(uint32_t popper, const Event& pop, uint32_t index, const Fate* before) {
        const PoppedTask& popped = history_.popped[popper][pop.first + index];
        const uint32_t number = number_of(popped.task);
        Fate* const fate = fates_.of_task(number);
        const auto fail_here = [&](Verdict verdict, const char* what) {
            const std::string name =
                number == no_ready_task ? "a pointer to no task" : "task " + std::to_string(number);
            fail(verdict, name + " " + what, fate, {line(popper, pop)});
            return fate;
        };
        if (fate == nullptr) {
            return fail_here(Verdict::invented, "was not pushed");
        }
        if (fate->pop != nullptr) {
            return fail_here(Verdict::duplicated, "came out before");
        }
        const Fate*& last = last_of_pusher_[ready_task_pusher(number)];
        if (last != nullptr && fate < last) {
            return fail_here(Verdict::wrong_order, "came out after a later one of its pusher");
        }
        if (index != 0 && !fates_.may_follow(*before, *fate)) {
            return fail_here(Verdict::wrong_order, "came out apart from the rest of its batch");
        }
        last = fate;
        fate->pop = &pop;
        fate->popper = popper;
        return fate;
    }

    void check_marks() {
        for (const Transfer& pop : fates_.pops()) {
            for (uint32_t i = 0; i < pop.event->result && !failed_; ++i) {
                const PoppedTask& popped = history_.popped[pop.thread][pop.event->first + i];
                const uint32_t number = number_of(popped.task);
                if (popped.mark != ready_mark(number)) {
                    fail(Verdict::stale, "a task came out without what its pusher wrote into it",
                         fates_.of_task(number), {line(pop.thread, *pop.event)});
                }
            }
        }
    }

    void check_nothing_lost() {
        fates_.for_each([&](const Fate& fate) {
            if (fate.pop == nullptr) {
                fail(Verdict::lost, "a task of a push never came out", &fate, {});
            }
        });
    }

    void check_drained() {
        const Event& last = history_.events[0].back();
        if (last.result != 0) {
            fail(Verdict::false_size, "size() is not 0 on a drained, quiescent queue",
                 {line(0, last)});
        }
    }

    /// The order at one popper: if one push returned before another began, its tasks come first.
    void check_order_of_each_popper() {
        for (uint32_t popper = 0; popper < schedule_.poppers; ++popper) {
            const Fate* latest = nullptr;
            for (const PoppedTask& popped : history_.popped[popper]) {
                const Fate* const fate = fates_.of_task(number_of(popped.task));
                if (latest != nullptr && fate->push->end < latest->push->begin) {
                    return fail_order(*fate, *latest);
                }
                if (latest == nullptr || fate->push->begin > latest->push->begin) {
                    latest = fate;
                }
            }
        }
    }

    /// The order of one pusher's tasks, those of a batch included, over all poppers.
    void check_order_of_each_pusher() {
        for (uint32_t pusher = 0; pusher < schedule_.pushers && !failed_; ++pusher) {
            const std::vector<Fate>& fates = fates_.of_pusher(pusher);
            const Fate* first_out = nullptr;
            for (size_t i = fates.size(); i-- > 0;) {
                if (first_out != nullptr && first_out->pop->end < fates[i].pop->begin) {
                    return fail_order(fates[i], *first_out);
                }
                if (first_out == nullptr || fates[i].pop->end < first_out->pop->end) {
                    first_out = &fates[i];
                }
            }
        }
    }

    /// No two tasks, of any pushers, are pushed in one order and popped in the other.
    void check_order_of_all() {
        for (const Fate* const fate : times_.by_push_begin()) {
            if (failed_) {
                return;
            }
            if (fate->pop->end < fate->push->begin) {
                fail(Verdict::invented, "a task came out before its push began", fate,
                     {line(fate->popper, *fate->pop)});
            }
            const Fate* const later = times_.first_out_of_later(*fate);
            if (later != nullptr && later->pop->end < fate->pop->begin) {
                fail_order(*fate, *later);
            }
        }
    }

    void fail_order(const Fate& first, const Fate& second) {
        fail(Verdict::wrong_order, "a task came out later than one that was pushed after it",
             {line(first.pusher, *first.push), line(second.pusher, *second.push),
              line(second.popper, *second.pop), line(first.popper, *first.pop)});
    }

    void check_calls() {
        for (uint32_t thread = 0; thread < schedule_.threads(); ++thread) {
            for (const Event& event : history_.events[thread]) {
                if (failed_) {
                    return;
                }
                check_call(thread, event);
            }
        }
    }

    void check_call(uint32_t thread, const Event& event) {
        if (event.call == Call::size) {
            check_size(thread, event);
        } else if (is_pop(event.call)) {
            check_empty(thread, event);
        } else {
            check_full(thread, event);
            check_capacity(thread, event);
        }
    }

    void check_full(uint32_t thread, const Event& push) {
        const uint64_t claimed = times_.push_begins().before(push.end) - push.result;
        const uint64_t popped = times_.pop_ends().before(push.begin);
        if (push.result < push.count && claimed < popped + schedule_.capacity - push.result) {
            fail(Verdict::false_full,
                 std::to_string(claimed) + " tasks can have been in the queue and " +
                     std::to_string(popped) + " were out for sure",
                 {line(thread, push)});
        }
    }

    void check_capacity(uint32_t thread, const Event& push) {
        const uint64_t pushed = times_.push_ends().before(push.end + 1);
        const uint64_t popped = times_.pop_begins().before(push.end);
        if (pushed > popped + schedule_.capacity) {
            fail(Verdict::overfull,
                 std::to_string(pushed) + " tasks were in the queue for sure and " +
                     std::to_string(popped) + " can have been out",
                 {line(thread, push)});
        }
    }

    void check_empty(uint32_t thread, const Event& pop) {
        if (pop.result == pop.count) {
            return;
        }
        if (const Transfer* const push = times_.push_left_by(pop)) {
            fail(Verdict::false_empty, "a task was there, and no unfinished push before it",
                 {line(push->thread, *push->event), line(thread, pop)});
        }
    }

    void check_size(uint32_t thread, const Event& size) {
        const uint64_t pushed_least = times_.push_ends().before(size.begin);
        const uint64_t pushed_most = times_.push_begins().before(size.end);
        const uint64_t popped_least = times_.pop_ends().before(size.begin);
        const uint64_t popped_most = times_.pop_begins().before(size.end);
        const uint64_t least = pushed_least - std::min(pushed_least, popped_most);
        const uint64_t most = std::min<uint64_t>(pushed_most - popped_least, schedule_.capacity);
        if (size.result < least || size.result > most) {
            fail(Verdict::false_size,
                 "size() is not between " + std::to_string(least) + " and " + std::to_string(most),
                 {line(thread, size)});
        }
    }

    void count_states() {
        for (uint32_t thread = 0; thread < schedule_.threads(); ++thread) {
            for (const Event& event : history_.events[thread]) {
                count_results(event);
            }
        }
        count_transfers();
        if (schedule_.stamped) {
            count_overlaps(fates_.pushes(), State::pushes_overlapped, State::push_overtook);
            count_overlaps(fates_.pops(), State::pops_overlapped, State::pop_overtook);
        }
    }

    void count_results(const Event& event) const {
        const bool is_short = event.result < event.count;
        const bool is_nothing = event.result == 0;
        if (is_push(event.call)) {
            counters.reached_if(is_short && is_nothing, State::push_refused_full);
            counters.reached_if(is_short && !is_nothing, State::batch_cut_short);
            counters.reached_if(is_short && schedule_.capacity == ready_capacity_max,
                                State::largest_queue_full);
        } else {
            counters.reached_if(is_short && is_nothing, State::pop_from_empty);
            counters.reached_if(is_short && !is_nothing, State::pop_cut_short);
        }
    }

    void count_transfers() {
        uint64_t tasks = 0;
        fates_.for_each([&](const Fate& fate) {
            ++tasks;
            counters.reached_if(!fates_.is_first(fate) && (&fate - 1)->popper != fate.popper,
                                State::batch_shared_out);
        });
        counters.reached_if(tasks > schedule_.capacity, State::slot_reused);
        for (uint32_t popper = 0; popper < schedule_.poppers; ++popper) {
            const std::vector<PoppedTask>& popped = history_.popped[popper];
            for (size_t i = 1; i < popped.size(); ++i) {
                counters.reached_if(fates_.of_task(number_of(popped[i - 1].task))->pusher !=
                                        fates_.of_task(number_of(popped[i].task))->pusher,
                                    State::pushers_interleaved);
            }
        }
    }

    static void count_overlaps(std::vector<Transfer>& transfers, State overlapped, State overtook) {
        std::sort(transfers.begin(), transfers.end(), [](const Transfer& a, const Transfer& b) {
            return a.event->begin < b.event->begin;
        });
        uint64_t latest_end = 0;
        for (const Transfer& transfer : transfers) {
            counters.reached_if(transfer.event->begin < latest_end, overlapped);
            counters.reached_if(transfer.event->end < latest_end, overtook);
            latest_end = std::max(latest_end, transfer.event->end);
        }
    }

    ReportedCall line(uint32_t thread, const Event& event) const {
        const auto& list = schedule_.lists[thread];
        const std::string call =
            event.operation < list.size() ? describe(list[event.operation]) : std::string("drain");
        std::string text = thread_name(schedule_, thread) + ", operation " +
                           std::to_string(event.operation) + ": " + call + " -> " +
                           std::to_string(event.result);
        if (event.call != Call::size) {
            text += " of " + std::to_string(event.count);
        }
        if (schedule_.stamped) {
            text += ", from " + std::to_string(event.begin) + " to " + std::to_string(event.end);
        }
        return {text, event.begin, event.end};
    }

    /// Fails with the calls of the task's fate, which may be null, before the other lines.
    void fail(Verdict verdict, const std::string& sentence, const Fate* fate,
              std::vector<ReportedCall> lines) {
        if (fate != nullptr) {
            if (fate->pop != nullptr && verdict == Verdict::duplicated) {
                lines.insert(lines.begin(), line(fate->popper, *fate->pop));
            }
            lines.insert(lines.begin(), line(fate->pusher, *fate->push));
        }
        fail(verdict, sentence, lines);
    }

    void fail(Verdict verdict, const std::string& sentence,
              const std::vector<ReportedCall>& lines) {
        if (failed_) {
            return;
        }
        failed_ = true;
        finding_ = {words[verdict], sentence,
                    "capacity " + std::to_string(schedule_.capacity) + ", " +
                        std::to_string(schedule_.pushers) + " pushers, " +
                        std::to_string(schedule_.poppers) + " poppers\n"};
        finding_.add_calls(lines);
    }

    const ReadyQueueThreadsSchedule& schedule_;
    const ReadyQueueThreadsHistory& history_;
    ReadyQueueFates& fates_;
    ReadyQueueTimes& times_;
    std::array<const Fate*, ready_pushers_max> last_of_pusher_{};
    bool failed_ = false;
    Finding finding_;
};

}  // namespace

std::optional<Finding> judge(const ReadyQueueThreadsSchedule& schedule,
                             const ReadyQueueThreadsHistory& history) {
    static ReadyQueueFates fates;
    static ReadyQueueTimes times;
    return Judge(schedule, history, fates, times).run();
}

std::vector<StateCount> ready_queue_threads_states() { return counters.snapshot(); }

}  // namespace fuzz
