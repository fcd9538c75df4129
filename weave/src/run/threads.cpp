// Threads are fibers on one thread of the system, so nothing here needs a lock.
#include "run/threads.h"

#include <bit>

#include "run/fiber.h"

namespace weave {

void Threads::begin_execution() {
    runnable_ = spinning_ = unsure_ = timed_ = spurious_ = interrupted_ = side_effects_ = 0;
    count_ = unfinished_ = 0;
    key_count_ = 0;
}

unsigned Threads::free_id() {
    if (count_ < threads_max) {
        threads_[count_].clock.reset();
        return count_++;
    }
    for (unsigned id = 1; id < threads_max; ++id) {
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
    WEAVE_CHECK(id < count_ && (runnable_ & thread_bit(id)) == 0, id, count_, runnable_);
    thread.pending.reset();
    static_cast<ThreadState&>(thread) = {};
    for (SpinRead& read : thread.spin_reads) {
        read.state_capacity = 0;
    }
    thread.id = static_cast<uint8_t>(id);
    thread.start = start;
    thread.skips_choice_point = true;
    thread.argument = argument;
    begin_fiber(thread);
    thread.clock.tick(id);
    WEAVE_CHECK(thread.clock.happens_before(id) != 0, id);
    pending_[id] = {};
    runnable_ |= thread_bit(id);
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
    runnable_ &= ~thread_bit(current_->id);
    --unfinished_;
}

void Threads::block_current(Waiting what, const SyncObject* object, uint32_t pc,
                            bool may_be_spurious) {
    Thread& thread = *current_;
    WEAVE_CHECK(what != Waiting::nothing && thread.waiting == Waiting::nothing, what,
                thread.waiting, thread.id);
    WEAVE_CHECK((ready() & thread_bit(thread.id)) != 0, ready(), thread.id);
    thread.waiting = what;
    thread.waits_pc = pc;
    thread.waits_for = object;
    thread.has_timed_out = false;
    runnable_ &= ~thread_bit(thread.id);
    thread.may_wake_spuriously &= !thread.was_woken_spuriously && may_be_spurious;
    if (thread.may_time_out) {
        timed_ |= thread_bit(thread.id);
    } else if (thread.may_wake_spuriously) {
        spurious_ |= thread_bit(thread.id);
    }
    pending_[thread.id] = {OperationKind::wait, 0};
}

void Threads::wake(unsigned id) {
    WEAVE_CHECK(id < count_ && threads_[id].waiting != Waiting::nothing, id, count_);
    WEAVE_CHECK((runnable_ & thread_bit(id)) == 0, runnable_, id);
    threads_[id].waiting = Waiting::nothing;
    runnable_ |= thread_bit(id);
    timed_ &= ~thread_bit(id);
    spurious_ &= ~thread_bit(id);
    interrupted_ &= ~thread_bit(id);
}

void Threads::wake_all(uint64_t& threads) {
    for (; threads != 0; threads &= threads - 1) {
        wake(static_cast<unsigned>(std::countr_zero(threads)));
    }
}

void Threads::begin_spinning(bool is_certain) {
    WEAVE_CHECK((ready() & thread_bit(current_->id)) != 0, ready(), current_->id);
    spinning_ |= thread_bit(current_->id);
    if (!is_certain) {
        unsure_ |= thread_bit(current_->id);
    }
}

uint64_t Threads::stop_unsure() {
    const uint64_t stopped = spinning_ & unsure_;
    if (stopped != 0) {
        spinning_ &= ~stopped;
        unsure_ = 0;
    }
    return stopped;
}

/// A wait times out again only after a side effect of some thread: a loop around it does not run
/// for ever while other threads could run.
uint64_t Threads::enabled_by_time_or_chance() const {
    uint64_t enabled = spurious_ | interrupted_;
    for (uint64_t left = timed_; left != 0; left &= left - 1) {
        const unsigned id = static_cast<unsigned>(std::countr_zero(left));
        if (threads_[id].timeout_progress != side_effects_) {
            enabled |= thread_bit(id);
        }
    }
    WEAVE_CHECK((enabled & runnable_) == 0, enabled, runnable_);
    return enabled;
}

void run_destructors(Thread& thread) {
    // Newest first; a destructor may add more.
    while (thread.destructor_count != 0) {
        const Destructor last = thread.destructors[--thread.destructor_count];
        last.function(last.object);
    }
    run_key_destructors(thread);
}

}  // namespace weave
