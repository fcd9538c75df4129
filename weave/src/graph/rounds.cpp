// Rounds of loops that change nothing: a thread that has only read, and then comes to a read in a
// state that it has been in before, has nothing from the round in between. Another execution
// without that round covers what follows.
//
// A loop that waits comes to the same state, and then waits for what it has read to change. A loop
// of compare-exchanges comes to another state after each one that fails, because the value that it
// expects next is part of it. But if an earlier read of the same object could have returned that
// value, and had led to the state where the thread is now, then the execution in which it does so
// covers this one. Where that earlier read leads with another value is found out by an execution
// that returns the value there, and ends at the thread's next read. Answers are kept. If the states
// differ there, they may be the same a few reads later: what a register held in the loop's last
// round can be left in it for some time.
#include <algorithm>
#include <cstring>

#include "graph/graph_search.h"
#include "model/order.h"
#include "model/thread_state.h"
#include "run/execution.h"

namespace weave {

namespace {

/// Stands for the state of a thread at an entry point, and for what it is about to do. 0 if that is
/// not known.
uint64_t state_of(Execution& execution, const GraphLook& look, const void* frame) {
    Sum sum;
    sum.add(look.address);
    sum.add(look.pc);
    sum.add(look.expected);
    sum.add(look.operand);
    return add_state(execution, sum, look.address, frame) ? sum.total() : 0;
}

uint64_t bytes_at(uintptr_t address, size_t size) {
    uint64_t value = 0;
    std::memcpy(&value, reinterpret_cast<const void*>(address), size);
    return value;
}

}  // namespace

void GraphSearch::begin_windows() {
    waiting_ = redundant_ = limited_ = {};
    for (TimedOut& timed_out : timed_out_) {
        timed_out.count = 0;
    }
    was_blocked_ = was_dropped_ = false;
    if (!wants_repeat_) {
        asked_.stage = Stage::nothing;
        questions_in_a_row_ = 0;
    }
    wants_repeat_ = false;
    for (unsigned name = 0; name < graph_threads_max; ++name) {
        windows_[name].changes = 0;
        windows_[name].count = 0;
        last_planned_[name] = last_change_[name] = 0;
    }
    for (Stamp stamp = 1; stamp <= count(); ++stamp) {
        const GraphEvent& event = at(stamp);
        if (event.is_ghost) {
            continue;
        }
        last_planned_[event.thread] = std::max(last_planned_[event.thread], event.index);
        if (event.kind != GraphKind::read && event.kind != GraphKind::choice &&
            event.kind != GraphKind::fence && !event.is_of_round) {
            last_change_[event.thread] = std::max(last_change_[event.thread], event.index);
        }
    }
}

void GraphSearch::comes(const GraphLook& look, const void* frame) {
    if (!follows()) {
        return;
    }
    const Thread& thread = execution_->current();
    const unsigned name = current_name();
    if (asked_.stage == Stage::answering) {
        comes_while_asked(look, state_of(*execution_, look, frame));
        return;
    }
    Window& window = windows_[name];
    if (!begin_look(window)) {
        return;
    }
    const bool is_sequential = execution_->settings().memory == Memory::sc;
    Look& coming = window.coming;
    coming.state = state_of(*execution_, look, frame);
    coming.address = look.address;
    coming.pc = look.pc;
    coming.is_exchange = look.is_exchange;
    coming.acquires = acquires(look.order);
    coming.is_sc = is_sequential || is_sc(look.order);
    coming.expected = look.expected;
    if (repeats_round(window)) {
        return;
    }
    const unsigned index = coming.index;
    if (index <= last_planned_[name] || window.count == 0 || coming.state == 0) {
        return;
    }
    for (unsigned last = window.count; last-- > 1 && window.count - last <= Answer::values_max;) {
        for (unsigned first = last; first-- != 0;) {
            if (covers(window, first, last) && leads_here(window, first, last)) {
                redundant_.add(thread.id);
                drop_if_for_good(window.looks[window.count - 1].stamp);
                return;
            }
        }
    }
}

/// The current thread comes to a read or a lock. False if a round of a loop does not begin here,
/// since the thread is still to change something.
bool GraphSearch::begin_look(Window& window) {
    Thread& thread = execution_->current();
    const unsigned name = current_name();
    if (window.changes != thread.changes) {
        window.changes = thread.changes;
        window.count = 0;
    }
    window.coming = {};
    window.coming.locks_given_back = thread.locks_given_back;
    window.is_at_lock = false;
    const unsigned index = times_[name].of[name] + 1u;
    if (index <= last_change_[name]) {
        return false;
    }
    window.coming.index = static_cast<uint16_t>(index);
    // Now on the long way, as when it is asked where a read leads: what that leaves on the stack is
    // then the same.
    thread.is_repeating = true;
    execution_->lose_quick_way();
    return true;
}

/// Has the current thread been in the state in which it comes to a read or a lock? Then it waits.
bool GraphSearch::repeats_round(Window& window) {
    if (window.coming.index <= last_planned_[current_name()] || window.coming.state == 0) {
        return false;
    }
    const Look* const end = window.looks + window.count;
    const Look* const same =
        std::find_if(static_cast<const Look*>(window.looks), end,
                     [&](const Look& look) { return look.state == window.coming.state; });
    if (same == end) {
        return false;
    }
    std::copy(same, end, window.looks);
    window.count = static_cast<unsigned>(end - same);
    waiting_.add(execution_->current().id);
    drop_if_for_good(window.looks[window.count - 1].stamp);
    return true;
}

void GraphSearch::comes_to_lock(const SyncObject& object, Wants wanted, uint32_t pc,
                                const void* frame) {
    if (!follows() || asked_.stage == Stage::answering) {
        return;
    }
    Window& window = windows_[current_name()];
    const bool may_begin_round = begin_look(window);
    window.wanted = wanted;
    window.is_at_lock = true;
    if (!may_begin_round) {
        return;
    }
    Sum sum;
    sum.add(object.address);
    sum.add(uint64_t{pc});
    sum.add(held_by(execution_->current().id));
    window.coming.state = add_state(*execution_, sum, 0, frame) ? sum.total() : 0;
    window.coming.address = object.address;
    window.coming.pc = pc;
    window.coming.is_bound = true;
    repeats_round(window);
}

/// The current thread has come to the lock.
void GraphSearch::note_lock(const SyncObject& object) {
    Window& window = windows_[current_name()];
    window.is_at_lock = false;
    if (window.coming.state == 0) {
        window.count = 0;
        return;
    }
    Look look = window.coming;
    const bool is_taken =
        object.owner == execution_->current().id ||
        (window.wanted == Wants::shared ? is_free_to_share(object) : is_free(object));
    look.stamp = reading_;
    look.watch = is_taken ? &object.content : &object.availability;
    look.version = look.watch->version;
    add_look(window, look);
}

/// Stands for the locks that a thread holds.
uint64_t GraphSearch::held_by(unsigned thread) const {
    uint64_t held = 0;
    for (const SyncObject* object = execution_->objects().newest(); object != nullptr;
         object = object->made_before) {
        if (object->is_held_by(thread)) {
            held = held * 31 + object->number;
        }
    }
    return held;
}

/// Could the first read return what the last one has, with no more order than from that? The reads
/// after both have to be of the same places.
bool GraphSearch::covers(const Window& window, unsigned first, unsigned last) {
    const Look& a = window.looks[first];
    const Look& b = window.looks[last];
    if (std::any_of(window.looks + first, window.looks + window.count,
                    [](const Look& look) { return look.is_bound; })) {
        return false;
    }
    if (a.state == 0 || a.address != b.address || a.value == b.value ||
        (a.acquires && !b.acquires && b.is_released) || (a.is_sc && !b.is_sc) ||
        (a.is_exchange && a.expected == b.value)) {
        return false;
    }
    for (unsigned i = last + 1; i <= window.count; ++i) {
        const Look& later = i == window.count ? window.coming : window.looks[i];
        if (window.looks[first + i - last].pc != later.pc) {
            return false;
        }
    }
    return true;
}

/// If the first read returns what the last one has, and the next reads what those after the last
/// one have, is the thread then where it is now?
bool GraphSearch::leads_here(const Window& window, unsigned first, unsigned last) {
    Answer question{};
    question.state = window.looks[first].state;
    for (unsigned i = last; i < window.count; ++i) {
        question.values[question.value_count++] = window.looks[i].value;
    }
    const Answer& answer = answer_for(question);
    if (answer.state == 0) {
        if (questions_in_a_row_ == questions_in_a_row_max) {
            return false;
        }
        ask(window, first, last, question);
    }
    return answer.next == window.coming.state &&
           std::all_of(answer.bytes, answer.bytes + answer.byte_count, [](const Bytes& bytes) {
               return bytes_at(bytes.address, bytes.size) == bytes.value;
           });
}

/// Ends this execution if the thread runs no further in any graph that comes from this one: its
/// last read will not be undone.
void GraphSearch::drop_if_for_good(Stamp last) {
    const GraphEvent& event = at(last);
    bool is_for_good = event.is_frozen;
    const Store* const store = event.kind == GraphKind::read ? event.store : nullptr;
    for (const Store* newer = store == nullptr ? nullptr : store->newer; newer != nullptr;
         newer = newer->newer) {
        is_for_good |= stamp_of(*newer) != 0 && stamp_of(*newer) < last;
    }
    if (last < count()) {
        const GraphEvent& choice = at(last + 1);
        is_for_good |=
            choice.partner == last && choice.kind == GraphKind::choice && choice.value != 0;
    }
    if (is_for_good) {
        items_.shrink(planned_items_);
        was_blocked_ = was_dropped_ = true;
        execution_->abandon();
    }
}

void GraphSearch::looked(const Location& location, const Store& store) {
    if (!follows()) {
        return;
    }
    Window& window = windows_[current_name()];
    if (window.coming.state == 0) {
        window.count = 0;
        return;
    }
    Look look = window.coming;
    look.stamp = reading_;
    look.value = store.value;
    look.is_released = store.release != nullptr;
    look.location = &location;
    look.store = &store;
    add_look(window, look);
}

void GraphSearch::add_look(Window& window, const Look& look) {
    if (window.count == Window::looks_max) {
        std::copy(window.looks + 1, window.looks + window.count, window.looks);
        --window.count;
    }
    window.looks[window.count++] = look;
}

const Store* GraphSearch::look_at_newest(const Location& location, const Value& expected,
                                         Needs needs, bool is_last) {
    const Store* const store = read(location,
                                    {Reads::load,
                                     false,
                                     std::memory_order_relaxed,
                                     std::memory_order_relaxed,
                                     expected,
                                     {},
                                     nullptr,
                                     true,
                                     needs},
                                    nullptr);
    const Thread& thread = execution_->current();
    if (!follows()) {
        return store;
    }
    const unsigned name = current_name();
    Window& window = windows_[name];
    if (window.changes != thread.changes || at(reading_).index <= last_change_[name]) {
        window.changes = thread.changes;
        window.count = 0;
    }
    Look look{};
    look.index = at(reading_).index;
    look.stamp = reading_;
    look.address = location.address;
    look.is_bound = true;
    look.is_last = is_last;
    look.value = store->value;
    look.location = &location;
    look.store = store;
    add_look(window, look);
    return store;
}

/// A thread that has learnt and changed nothing since waits of it ended by their limits, and comes
/// to one in the state of one of these, would repeat itself: it has to wait for others.
unsigned GraphSearch::choose_limit() {
    if (!follows()) {
        return 0;
    }
    const unsigned name = current_name();
    TimedOut& before = timed_out_[name];
    const uint64_t changes = execution_->current().public_changes();
    if (has_learnt_since(name, before.learnt)) {
        before.count = 0;
    }
    if (before.count == TimedOut::states_max) {
        meets("a loop of waits with limits that counts");
        return 0;
    }
    const bool is_repeated =
        std::any_of(before.states, before.states + before.count, [&](const auto& last) {
            return last.changes == changes && (last.state == 0 || last.state == state_at_limit_);
        });
    const unsigned chosen = choose(is_repeated ? 1 : 2);
    if (chosen != 0) {
        before.learnt = learnt_by(name);
        before.states[before.count++] = {state_at_limit_, changes};
    }
    return chosen;
}

void GraphSearch::gives_up() {
    if (follows()) {
        redundant_.add(execution_->current().id);
        drop_if_for_good(reading_);
    }
}

/// Would a thread that waits read the same again, in every read of its round?
bool GraphSearch::is_looking_at_newest(unsigned thread) const {
    const Window& window = windows_[names_[thread]];
    return std::all_of(window.looks, window.looks + window.count, [](const Look& look) {
        return look.location == nullptr
                   ? look.watch->version == look.version
                   : look.location->newest->value == look.value && !look.is_last;
    });
}

/// Is there a thread that would continue, as it does in another execution?
bool GraphSearch::waits_in_vain() const {
    if (!redundant_.is_empty()) {
        return true;
    }
    for (unsigned id = limited_.first(); id != threads_max; id = limited_.next(id + 1)) {
        const Waiting waiting = execution_->threads[id].waiting;
        if (waiting != Waiting::nothing && waiting != Waiting::join) {
            return true;
        }
    }
    for (unsigned id = waiting_.first(); id != threads_max; id = waiting_.next(id + 1)) {
        if (!is_looking_at_newest(id) || keeps_wanted_lock(id)) {
            return true;
        }
    }
    return false;
}

/// Has a waiting thread a lock that it has given back in its round, and that another one waits for?
bool GraphSearch::keeps_wanted_lock(unsigned thread) const {
    const Window& window = windows_[names_[thread]];
    if (window.looks[0].locks_given_back == execution_->threads[thread].locks_given_back) {
        return false;
    }
    return std::any_of(ids_, ids_ + name_count_, [&](unsigned id) {
        return id != threads_max && is_blocked(id) && announced_[id].object != nullptr &&
               announced_[id].object->is_held_by(thread);
    });
}

// ----- questions ---------------------------------------------------------------------------------

/// Where the answer is, or belongs if there is none.
GraphSearch::Answer& GraphSearch::answer_for(const Answer& question) {
    if (answers_.size() == 0 || answer_count_ > answers_max / 2) {
        answers_.clear();
        for (size_t i = 0; i < answers_max; ++i) {
            answers_.push({});
        }
        answer_count_ = 0;
    }
    size_t at = question.state;
    for (unsigned i = 0; i < question.value_count; ++i) {
        at = (at ^ question.values[i].low) * 0x9e37'79b9;
    }
    for (at %= answers_max;; at = (at + 1) % answers_max) {
        const Answer& answer = answers_[at];
        if (answer.state == 0 ||
            (answer.state == question.state && answer.value_count == question.value_count &&
             std::equal(question.values, question.values + question.value_count, answer.values))) {
            return answers_[at];
        }
    }
}

/// Ends this execution. It begins anew as far as the first read, which then returns the first value
/// of the question, as the next reads return the others.
void GraphSearch::ask(const Window& window, unsigned first, unsigned last, const Answer& question) {
    ++questions_in_a_row_;
    asked_ = {};
    asked_.stage = Stage::asked;
    asked_.thread = static_cast<uint8_t>(current_name());
    asked_.index = window.looks[first].index;
    for (unsigned i = last + 1; i < window.count; ++i) {
        asked_.later[i - last - 1] = window.looks[i];
    }
    asked_.answer = question;
    wants_repeat_ = true;
    execution_->abandon();
}

bool GraphSearch::is_asked() const {
    const unsigned name = current_name();
    return asked_.stage == Stage::answering ||
           (asked_.stage == Stage::asked && follows() && name == asked_.thread &&
            times_[name].of[name] + 1u == asked_.index);
}

/// The thread comes to a read while it is asked where it comes to.
void GraphSearch::comes_while_asked(const GraphLook& look, uint64_t state) {
    if (asked_.given == asked_.answer.value_count) {
        end_asking(state);
    }
    const Look& expected = asked_.later[asked_.given - 1];
    if (look.address != expected.address || look.pc != expected.pc ||
        look.is_exchange != expected.is_exchange || look.expected != expected.expected ||
        (look.is_exchange && look.expected == asked_.answer.values[asked_.given])) {
        end_asking(0);
    }
    asked_.is_at_read = true;
}

/// Keeps the answer. The execution then comes again without the question.
void GraphSearch::keep_answer(uint64_t next) {
    asked_.answer.next = next;
    answer_for(asked_.answer) = asked_.answer;
    ++answer_count_;
    asked_.stage = Stage::nothing;
    wants_repeat_ = true;
}

void GraphSearch::end_asking(uint64_t next) {
    keep_answer(next);
    execution_->abandon();
}

void GraphSearch::ends() {
    writes_.settle();
    if (asked_.stage == Stage::answering) {
        keep_answer(0);
    }
}

void GraphSearch::sees_plain(uintptr_t address, size_t size, bool is_write) {
    if (is_digesting_ && is_write && follows()) {
        note_write(address, size);
    }
    if (asked_.stage != Stage::answering || is_in_state(*execution_, address)) {
        return;
    }
    Answer& answer = asked_.answer;
    if (is_write || size > sizeof(uint64_t) || answer.byte_count == Answer::bytes_max) {
        end_asking(0);
    }
    answer.bytes[answer.byte_count++] = {address, bytes_at(address, size),
                                         static_cast<uint8_t>(size)};
}

}  // namespace weave
