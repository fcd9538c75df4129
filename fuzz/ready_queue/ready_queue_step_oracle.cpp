// The sequential model of the ready queue, and the comparison; see the header.
#include "fuzz/ready_queue/ready_queue_step_oracle.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "fuzz/kit/describe.h"
#include "fuzz/kit/enum_words.h"
#include "fuzz/kit/state_counters.h"
#include "fuzz/ready_queue/ready_task.h"

namespace fuzz {
namespace {

enum class Verdict : uint8_t {
    false_full,    ///< refused although a slot was free
    overfull,      ///< accepted although every slot was taken
    wrong_ticket,  ///< a claim did not continue where the last one ended
    false_empty,   ///< a finished push was there, and its task did not come out
    invented,      ///< more came out than was put
    wrong_order,   ///< another task than the ticket's came out
    overwritten,   ///< a put went ahead in a slot whose pop had not left
    false_wait,    ///< a call was not made although it had nothing to wait for
    false_size,    ///< size() returned what it must not
    count,
};

constexpr EnumWords<Verdict> words({
    {Verdict::false_full, "false-full"},
    {Verdict::overfull, "overfull"},
    {Verdict::wrong_ticket, "wrong-ticket"},
    {Verdict::false_empty, "false-empty"},
    {Verdict::invented, "invented"},
    {Verdict::wrong_order, "wrong-order"},
    {Verdict::overwritten, "overwritten"},
    {Verdict::false_wait, "false-wait"},
    {Verdict::false_size, "false-size"},
});

enum class State : uint8_t {
    push_refused_full,
    batch_cut_short,
    largest_queue_full,
    pop_from_empty,
    pop_stopped_by_push,
    batch_stopped_by_push,
    pushed_past_a_push,
    popped_past_a_pop,
    full_of_unfinished,
    empty_but_for_unfinished,
    push_waits,
    put_waits,
    pushed_beside_a_pop,
    put_out_of_order,
    taken_out_of_order,
    slot_reused,
    many_laps,
    tickets_wrapped,
    sequences_wrapped,
    size_exact,
    size_rough,
    count,
};

StateCounters<State> counters({{
    {State::push_refused_full, "a push met a full queue"},
    {State::batch_cut_short, "a batch push was cut short"},
    {State::largest_queue_full, "all slots of the largest queue were in use"},
    {State::pop_from_empty, "a pop met an empty queue"},
    {State::pop_stopped_by_push, "a pop met an unfinished push"},
    {State::batch_stopped_by_push, "a batch ended at an unfinished push"},
    {State::pushed_past_a_push, "a push went past an unfinished push"},
    {State::popped_past_a_pop, "a pop went past an unfinished pop"},
    {State::full_of_unfinished, "the queue was full, its oldest push unfinished"},
    {State::empty_but_for_unfinished, "the queue was empty, a pop of it unfinished"},
    {State::push_waits, "a push would have waited for an unfinished pop"},
    {State::put_waits, "a put waited for an unfinished pop"},
    {State::pushed_beside_a_pop, "a push used other slots than an unfinished pop's"},
    {State::put_out_of_order, "a put came before the put of an earlier ticket"},
    {State::taken_out_of_order, "a take came before the take of an earlier ticket"},
    {State::slot_reused, "a slot was used a second time"},
    {State::many_laps, "a slot was used for the 16th time"},
    {State::tickets_wrapped, "a ticket passed 2^64"},
    {State::sequences_wrapped, "a slot's sequence passed 2^64"},
    {State::size_exact, "size was asked with no call unfinished"},
    {State::size_rough, "size was asked with a call unfinished"},
}});

constexpr uint32_t laps_many = 15;
constexpr size_t events_shown_max = 12;

enum class Stage : uint8_t { claimed, put, drawn, taken };

struct Ticket {
    uint32_t task;
    Stage stage;
};

/// A queue of tickets, as simple as possible.
struct Model {
    uint32_t capacity;
    uint64_t head;  ///< tickets drawn by pops
    uint64_t tail;  ///< tickets drawn by pushes
    uint32_t unfinished_pushes;
    uint32_t unfinished_pops;
    uint64_t no_push_before;  ///< no ticket below is claimed
    uint64_t no_pop_before;   ///< no ticket below is drawn
    /// Two laps: an unfinished pop, and the unfinished push of the next lap in the same slot.
    std::array<Ticket, size_t{2} * ready_capacity_max> tickets;

    void start(uint32_t queue_capacity) {
        capacity = queue_capacity;
        head = tail = no_push_before = no_pop_before = 0;
        unfinished_pushes = unfinished_pops = 0;
    }
    uint64_t used() const { return tail - head; }
    uint64_t free() const { return capacity - used(); }
    Ticket& at(uint64_t ticket) { return tickets[ticket & (2 * capacity - 1)]; }
    bool is_put(uint64_t ticket) { return ticket != tail && at(ticket).stage == Stage::put; }
    bool must_wait(uint64_t ticket) {
        return ticket >= capacity && at(ticket - capacity).stage == Stage::drawn;
    }
    bool one_must_wait(uint64_t first, uint64_t count) {
        for (uint64_t i = 0; i < count; ++i) {
            if (must_wait(first + i)) {
                return true;
            }
        }
        return false;
    }
    uint64_t oldest_unfinished_push() {
        return no_push_before = first_in(Stage::claimed, std::max(no_push_before, head), tail);
    }
    uint64_t oldest_unfinished_pop() {
        // The pop of the next lap waits for it, so it is less than a lap old.
        const uint64_t lap_before = head - std::min<uint64_t>(head, capacity);
        return no_pop_before = first_in(Stage::drawn, std::max(no_pop_before, lap_before), head);
    }
    uint64_t first_in(Stage stage, uint64_t begin, uint64_t end) {
        while (begin != end && at(begin).stage != stage) {
            ++begin;
        }
        return begin;
    }
};

std::string name_of(const ReadyTask* task) {
    const uint32_t number = number_of(task);
    return number == no_ready_task ? "a pointer to no task" : "task " + std::to_string(number);
}

class Judge {
  public:
    Judge(const ReadyQueueStepSchedule& schedule, const ReadyQueueStepHistory& history,
          Model& model)
        : schedule_(schedule), history_(history), model_(model) {}

    std::optional<Finding> run() {
        model_.start(schedule_.capacity);
        for (const ReadyQueueEvent& event : history_.events) {
            ReadyQueueEvent counted = event;
            counted.ticket -= schedule_.first_ticket;
            step(counted);
            if (failed_) {
                return explain(event);
            }
        }
        return std::nullopt;
    }

  private:
    void step(const ReadyQueueEvent& event) {
        switch (event.call) {
            case ReadyQueueCall::push:
            case ReadyQueueCall::push_batch:
                return push(event);
            case ReadyQueueCall::claim_push:
                return claim_push(event);
            case ReadyQueueCall::put:
                return put(event);
            case ReadyQueueCall::pop:
            case ReadyQueueCall::pop_batch:
                return pop(event);
            case ReadyQueueCall::claim_pop:
                return claim_pop(event);
            case ReadyQueueCall::take:
                return take(event);
            case ReadyQueueCall::size:
                return size(event);
        }
    }

    void push(const ReadyQueueEvent& event) {
        const uint64_t fitting = std::min<uint64_t>(event.count, model_.free());
        const bool waits = model_.one_must_wait(model_.tail, fitting);
        check_wait(event, waits);
        if (waits || failed_) {
            counters.reached_if(waits, State::push_waits);
            return;
        }
        counters.reached_if(event.result != 0 && model_.unfinished_pushes != 0,
                            State::pushed_past_a_push);
        counters.reached_if(event.result != 0 && model_.unfinished_pops != 0,
                            State::pushed_beside_a_pop);
        append(event, Stage::put);
    }

    /// A ticket by its number in the queue. The model counts from the first one on.
    std::string ticket_text(uint64_t ticket) const {
        return "ticket " + std::to_string(schedule_.first_ticket + ticket);
    }

    void check_wait(const ReadyQueueEvent& event, bool waits) {
        if (event.waits && !waits) {
            fail(Verdict::false_wait, "no unfinished pop is in the way");
        } else if (waits && !event.waits) {
            fail(Verdict::overwritten, "the pop that used a slot before had not left it");
        }
    }

    void claim_push(const ReadyQueueEvent& event) {
        if (event.result != 0 && event.ticket != model_.tail) {
            fail(Verdict::wrong_ticket,
                 "the push should have begun at " + ticket_text(model_.tail));
            return;
        }
        append(event, Stage::claimed);
    }

    void append(const ReadyQueueEvent& event, Stage stage) {
        const uint64_t expected = std::min<uint64_t>(event.count, model_.free());
        if (event.result != expected) {
            fail(event.result < expected ? Verdict::false_full : Verdict::overfull,
                 std::to_string(event.result) + " of " + std::to_string(event.count) +
                     " tasks were taken with " + std::to_string(model_.free()) + " slots free");
            return;
        }
        counters.reached_if(event.result == 0 && event.count != 0, State::push_refused_full);
        counters.reached_if(event.result != 0 && event.result < event.count,
                            State::batch_cut_short);
        for (uint32_t i = 0; i < event.result; ++i) {
            model_.at(model_.tail + i) = {event.first_task + i, stage};
        }
        model_.tail += event.result;
        model_.unfinished_pushes += stage == Stage::claimed ? event.result : 0;
        note_progress(event.result);
    }

    void note_progress(uint32_t claimed) {
        if (claimed == 0) {
            return;
        }
        counters.reached_if(model_.tail > model_.capacity, State::slot_reused);
        counters.reached_if(model_.tail + schedule_.first_ticket < model_.tail,
                            State::tickets_wrapped);
        counters.reached_if(is_past_half(model_.tail) && !is_past_half(0),
                            State::sequences_wrapped);
        counters.reached_if(model_.tail > uint64_t{laps_many} * model_.capacity, State::many_laps);
        if (model_.free() == 0) {
            counters.reached_if(model_.capacity == ready_capacity_max, State::largest_queue_full);
            counters.reached_if(!model_.is_put(model_.head), State::full_of_unfinished);
        }
    }

    /// Sequence words, twice a ticket, begin again at half of the tickets.
    bool is_past_half(uint64_t ticket) const {
        return schedule_.first_ticket + ticket > uint64_t{1} << 63;
    }

    void put(const ReadyQueueEvent& event) {
        const bool waits = model_.must_wait(event.ticket);
        check_wait(event, waits);
        if (waits || failed_) {
            counters.reached_if(waits, State::put_waits);
            return;
        }
        counters.reached_if(model_.oldest_unfinished_push() != event.ticket,
                            State::put_out_of_order);
        model_.at(event.ticket).stage = Stage::put;
        --model_.unfinished_pushes;
    }

    void pop(const ReadyQueueEvent& event) {
        if (!check_count(event)) {
            return;
        }
        counters.reached_if(event.result != 0 && model_.unfinished_pops != 0,
                            State::popped_past_a_pop);
        for (uint32_t i = 0; i < event.result && !failed_; ++i) {
            check_task(model_.head);
            model_.at(model_.head).stage = Stage::taken;
            ++model_.head;
        }
    }

    void claim_pop(const ReadyQueueEvent& event) {
        if (!check_count(event)) {
            return;
        }
        if (event.result != 0 && event.ticket != model_.head) {
            fail(Verdict::wrong_ticket, "the pop should have begun at " + ticket_text(model_.head));
            return;
        }
        for (uint32_t i = 0; i < event.result; ++i) {
            model_.at(model_.head + i).stage = Stage::drawn;
        }
        model_.head += event.result;
        model_.unfinished_pops += event.result;
        counters.reached_if(event.result != 0 && model_.used() == 0,
                            State::empty_but_for_unfinished);
    }

    /// Whether a pop, finished or not, got as many tasks as it must.
    bool check_count(const ReadyQueueEvent& event) {
        uint32_t expected = 0;
        while (expected < event.count && model_.is_put(model_.head + expected)) {
            ++expected;
        }
        if (event.result != expected) {
            const bool too_few = event.result < expected;
            fail(too_few ? Verdict::false_empty : Verdict::invented,
                 std::to_string(event.result) + " of up to " + std::to_string(event.count) +
                     " came out, and " + std::to_string(expected) + " were there");
            return false;
        }
        const bool is_short = expected < event.count;
        const bool at_a_push = is_short && model_.used() != expected;
        counters.reached_if(is_short && model_.used() == 0, State::pop_from_empty);
        counters.reached_if(at_a_push && expected == 0, State::pop_stopped_by_push);
        counters.reached_if(at_a_push && expected != 0, State::batch_stopped_by_push);
        return true;
    }

    void take(const ReadyQueueEvent& event) {
        check_task(event.ticket);
        counters.reached_if(model_.oldest_unfinished_pop() != event.ticket,
                            State::taken_out_of_order);
        model_.at(event.ticket).stage = Stage::taken;
        --model_.unfinished_pops;
    }

    void check_task(uint64_t ticket) {
        const ReadyTask* const got = history_.popped[next_popped_++];
        const uint32_t expected = model_.at(ticket).task;
        if (got != ready_task(expected)) {
            fail(Verdict::wrong_order, ticket_text(ticket) + " gave " + name_of(got) +
                                           " instead of task " + std::to_string(expected));
        }
    }

    void size(const ReadyQueueEvent& event) {
        const bool is_exact = model_.unfinished_pushes == 0 && model_.unfinished_pops == 0;
        counters.reached(is_exact ? State::size_exact : State::size_rough);
        const uint64_t least = model_.used() - model_.unfinished_pushes;
        const uint64_t most =
            std::min<uint64_t>(model_.used() + model_.unfinished_pops, model_.capacity);
        if (event.result < least || event.result > most) {
            fail(Verdict::false_size, "size() is " + std::to_string(event.result) + " with " +
                                          std::to_string(least) + " to " + std::to_string(most) +
                                          " tasks in the queue");
        }
    }

    void fail(Verdict verdict, std::string sentence) {
        failed_ = true;
        finding_ = {words[verdict], std::move(sentence), ""};
    }

    Finding explain(const ReadyQueueEvent& event) {
        finding_.details = "capacity " + std::to_string(model_.capacity) + ", next push " +
                           ticket_text(model_.tail) + ", next pop " + ticket_text(model_.head) +
                           ", unfinished pushes " + std::to_string(model_.unfinished_pushes) +
                           ", unfinished pops " + std::to_string(model_.unfinished_pops) + "\n";
        const size_t last = static_cast<size_t>(&event - history_.events.data());
        finding_.details += lines_up_to(last, events_shown_max,
                                        [this](size_t i) { return line(history_.events[i]); });
        return finding_;
    }

    std::string line(const ReadyQueueEvent& event) const {
        const std::string text = event.operation < schedule_.operations.size()
                                     ? describe(schedule_.operations[event.operation])
                                     : std::string("end of schedule: finish and pop what is left");
        return std::to_string(event.operation) + "  " + text + ": " + outcome(event);
    }

    static std::string outcome(const ReadyQueueEvent& event) {
        std::string ticket = "ticket " + std::to_string(event.ticket);
        std::string result = std::to_string(event.result);
        std::string count = result + " of " + std::to_string(event.count);
        switch (event.call) {
            case ReadyQueueCall::push:
            case ReadyQueueCall::push_batch:
                return event.waits ? "left out, it would wait for an unfinished pop" : count;
            case ReadyQueueCall::pop:
            case ReadyQueueCall::pop_batch:
                return count;
            case ReadyQueueCall::claim_push:
            case ReadyQueueCall::claim_pop:
                return event.result == 0 ? count : count + ", from " + ticket;
            case ReadyQueueCall::put:
                return event.waits ? ticket + " waits for the unfinished pop of its slot" : ticket;
            case ReadyQueueCall::take:
                return ticket;
            case ReadyQueueCall::size:
                return result;
        }
        return {};
    }

    const ReadyQueueStepSchedule& schedule_;
    const ReadyQueueStepHistory& history_;
    Model& model_;
    size_t next_popped_ = 0;
    bool failed_ = false;
    Finding finding_;
};

}  // namespace

std::optional<Finding> judge(const ReadyQueueStepSchedule& schedule,
                             const ReadyQueueStepHistory& history) {
    static Model model;
    return Judge(schedule, history, model).run();
}

std::vector<StateCount> ready_queue_step_states() { return counters.snapshot(); }

}  // namespace fuzz
