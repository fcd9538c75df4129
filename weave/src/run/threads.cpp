// Threads are fibers on one thread of the system, so nothing here needs a lock.
#include "run/threads.h"

#include "model/sync.h"
#include "run/fiber.h"

namespace weave {

void Threads::begin_execution() {
    runnable_ = spinning_ = unsure_ = timed_ = spurious_ = interrupted_ = {};
    side_effects_ = 0;
    count_ = unfinished_ = 0;
    key_count_ = 0;
}

unsigned Threads::free_id() {
    const unsigned limit = 64 * thread_words;
    if (count_ < limit) {
        threads_[count_].clock.reset();
        return count_++;
    }
    for (unsigned id = 1; id < limit; ++id) {
        Thread& ended = threads_[id];
        const Epoch last = ended.clock.happens_before(id);
        if (ended.is_finished && (ended.is_joined || ended.is_detached) &&
            current_->clock.happens_before(id) >= last) {
            ended.clock.reset();
            ended.clock.begin(id, last);
            return id;
        }
    }
    return no_id;
}

Thread& Threads::begin(unsigned id, void* (*start)(void*), void* argument) {
    Thread& thread = threads_[id];
    WEAVE_CHECK(id < count_ && !runnable_.contains(id), id, count_);
    thread.pending.reset();
    static_cast<ThreadState&>(thread) = {};
    thread.id = static_cast<uint16_t>(id);
    thread.kept_states = kept_states_ + size_t{id} * Thread::spin_reads_max;
    thread.start = start;
    thread.skips_choice_point = true;
    thread.argument = argument;
    begin_fiber(thread);
    thread.tick();
    WEAVE_CHECK(thread.clock.happens_before(id) != 0, id);
    pending_[id] = {};
    runnable_.add(id);
    ++unfinished_;
    return thread;
}

void Threads::end_current() {
    WEAVE_CHECK(unfinished_ != 0 && !current_->is_finished, unfinished_, current_->id);
    current_->is_finished = true;
    note_side_effect();
    for (unsigned i = 0; i < count_; ++i) {
        if (threads_[i].waiting == Waiting::join && threads_[i].joins == current_->id) {
            wake(i);
        }
    }
    runnable_.remove(current_->id);
    --unfinished_;
}

void Threads::block_current(Waiting what, const SyncObject* object, uint32_t pc,
                            bool may_be_spurious) {
    Thread& thread = *current_;
    WEAVE_CHECK(what != Waiting::nothing && thread.waiting == Waiting::nothing, what,
                thread.waiting, thread.id);
    WEAVE_CHECK(is_ready(thread.id), thread.id);
    thread.waiting = what;
    thread.waits_pc = pc;
    thread.waits_for = object;
    thread.has_timed_out = false;
    runnable_.remove(thread.id);
    thread.may_wake_spuriously &= !thread.was_woken_spuriously && may_be_spurious;
    if (thread.may_time_out) {
        timed_.add(thread.id);
    } else if (thread.may_wake_spuriously) {
        spurious_.add(thread.id);
    }
    pending_[thread.id] = {object == nullptr ? 0 : object->address,
                           static_cast<uint32_t>(thread.changes), OperationKind::wait};
}

void Threads::wake(unsigned id) {
    WEAVE_CHECK(id < count_ && threads_[id].waiting != Waiting::nothing, id, count_);
    WEAVE_CHECK(!runnable_.contains(id), id);
    threads_[id].waiting = Waiting::nothing;
    runnable_.add(id);
    timed_.remove(id);
    spurious_.remove(id);
    interrupted_.remove(id);
}

void Threads::wake_all(ThreadSet& threads) {
    for (unsigned id = threads.first(); id != threads_max; id = threads.next(id + 1)) {
        wake(id);
    }
    threads = {};
}

void Threads::begin_spinning(bool is_certain) {
    WEAVE_CHECK(is_ready(current_->id), current_->id);
    spinning_.add(current_->id);
    if (!is_certain) {
        unsure_.add(current_->id);
    }
}

ThreadSet Threads::stop_unsure() {
    const ThreadSet stopped = spinning_ & unsure_;
    if (!stopped.is_empty()) {
        spinning_ &= ~stopped;
        unsure_ = {};
    }
    return stopped;
}

/// A thread whose wait has timed out comes to the next one in the same state, if it only repeats
/// itself. That one then times out only after a side effect of some thread, and so does any other
/// one after a few: the loop around it does not run for ever while other threads could run.
ThreadSet Threads::enabled_by_time_or_chance() const {
    constexpr unsigned in_a_row_max = 8;
    ThreadSet enabled = spurious_ | interrupted_;
    for (unsigned id = timed_.first(); id != threads_max; id = timed_.next(id + 1)) {
        const Thread& thread = threads_[id];
        if (thread.timeout_progress != side_effects_ ||
            (thread.limit_state != thread.timeout_state &&
             thread.timeouts_in_a_row < in_a_row_max)) {
            enabled.add(id);
        }
    }
    WEAVE_CHECK((enabled & runnable_).is_empty(), enabled.first_word(), runnable_.first_word());
    return enabled;
}

void run_local_destructors(Thread& thread) {
    // Newest first; a destructor may add more.
    while (thread.destructor_count != 0) {
        const Destructor last = thread.destructors[--thread.destructor_count];
        last.function(last.object);
    }
}

}  // namespace weave
