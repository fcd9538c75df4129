// The threads of an execution: how they begin, wait, wake and end, and which of them could run.
//
#pragma once

#include <cstdint>

#include "run/base.h"
#include "run/chooser.h"
#include "run/thread.h"

namespace weave {

class Threads {
  public:
    /// Returned by free_id() if there is none.
    static constexpr unsigned no_id = threads_max;

    void begin_execution();

    Thread& current() { return *current_; }
    const Thread& current() const { return *current_; }
    void set_current(Thread& thread) { current_ = &thread; }

    unsigned count() const { return count_; }
    /// Not checked: this one is on the path of every turn, where the thread has to be ready.
    Thread& operator[](unsigned id) { return threads_[id]; }
    const Thread& operator[](unsigned id) const {
        WEAVE_CHECK(id < count_, id, count_);
        return threads_[id];
    }
    /// Null if there is no such thread.
    Thread* find(unsigned id) { return id < count_ ? &threads_[id] : nullptr; }

    // ----- begin and end ---------------------------------------------------------------------

    /// An id for a new thread, or no_id: a new one, or that of a thread that has ended if the
    /// current thread knows all that it did. The epochs of that thread then continue in the new
    /// one.
    unsigned free_id();
    /// Begins a thread that can run, on a fiber that has not run yet.
    Thread& begin(unsigned id, void* (*start)(void*), void* argument);
    /// Ends the current thread and wakes those that join it. Another one has to run next.
    void end_current();
    unsigned unfinished() const { return unfinished_; }

    /// A new number of a pthread key, from 0.
    uint32_t next_key() { return key_count_++; }

    // ----- wait and wake ---------------------------------------------------------------------

    /// The current thread cannot run until it is woken, or the limit that it has set is reached;
    /// see ThreadState.
    void block_current(Waiting what, const SyncObject* object, uint32_t pc, bool may_be_spurious);
    void wake(unsigned id);
    /// Lets a thread continue, though nothing that it waits for has happened, to handle a signal.
    void interrupt(unsigned id) {
        if (threads_[id].waiting != Waiting::nothing) {
            interrupted_.add(id);
        }
    }
    /// Wakes all of a set, and empties it.
    void wake_all(ThreadSet& threads);

    /// Makes the current thread wait until what it reads changes. `is_certain` is false for one
    /// that might get further by itself.
    void begin_spinning(bool is_certain);
    void stop_spinning(const ThreadSet& threads) { spinning_ &= ~threads; }
    /// Stops those that might get further by themselves. Returns them.
    ThreadSet stop_unsure();

    // ----- who could run ---------------------------------------------------------------------

    /// Is the set of threads that can run ready_word(), and not empty? That is most often so.
    WEAVE_HOT bool are_in_one_word() const {
        return thread_words == 1 && ready_word() != 0 &&
               (timed_.first_word() | spurious_.first_word() | interrupted_.first_word()) == 0;
    }
    WEAVE_HOT uint64_t ready_word() const {
        return runnable_.first_word() & ~spinning_.first_word();
    }
    ThreadSet ready() const { return runnable_ & ~spinning_; }
    bool is_ready(unsigned id) const { return runnable_.contains(id) && !spinning_.contains(id); }
    const ThreadSet& spinning() const { return spinning_; }
    const ThreadSet& timed() const { return timed_; }
    const ThreadSet& spurious() const { return spurious_; }
    const ThreadSet& interrupted() const { return interrupted_; }
    /// Is there a waiting thread that could run at some time though no thread wakes it?
    bool some_wake_alone() const { return !(timed_ | spurious_ | interrupted_).is_empty(); }
    /// Waiting threads that could run though no thread wakes them: spuriously, or by their limit.
    ThreadSet enabled_by_time_or_chance() const;

    /// What each thread is about to do, by thread.
    Operation* pending() { return pending_; }
    const Operation* pending() const { return pending_; }

    // ----- side effects ----------------------------------------------------------------------

    /// The current thread has changed something that others can see: no thread that spins repeats
    /// itself any more.
    WEAVE_HOT void note_side_effect() {
        ++side_effects_;
        ++current_->changes;
        ++current_->effects;
        current_->spin_count = 0;
        current_->is_repeating = false;
        current_->skips_choice_point = false;
        current_->weak_failures = 0;
    }
    /// Number of side effects of all threads so far.
    uint64_t side_effects() const { return side_effects_; }

  private:
    Thread* current_ = nullptr;
    ThreadSet runnable_;
    ThreadSet spinning_;
    ThreadSet unsure_;       ///< spinning threads that might get further by themselves
    ThreadSet timed_;        ///< waiting threads with a limit
    ThreadSet spurious_;     ///< waiting threads that may wake for no reason
    ThreadSet interrupted_;  ///< waiting threads that have a signal to handle
    uint64_t side_effects_ = 0;
    unsigned count_ = 0;
    unsigned unfinished_ = 0;
    uint32_t key_count_ = 0;
    Thread* const threads_ = static_cast<Thread*>(reserve(threads_max * sizeof(Thread)));
    KeptState* const kept_states_ =
        static_cast<KeptState*>(reserve(sizeof(KeptState) * threads_max * Thread::spin_reads_max));
    Operation pending_[threads_max] = {};
};

/// Calls the destructors of a thread's thread_local objects, which are functions of the program.
void run_local_destructors(Thread& thread);

// Defined in entry/thread.cpp, which knows the program's keys and early threads.

/// Calls the destructors of the thread's pthread_setspecific values.
void run_key_destructors(Thread& thread);
/// Called before the main() of a whole program: ends the process if a thread of the system is left.
void check_start();

}  // namespace weave
