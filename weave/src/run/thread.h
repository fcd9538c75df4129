// A thread of the program under test: its fiber, its clocks, and what it waits for.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/clock.h"
#include "run/base.h"
#include "run/switch.h"
#include "run/time.h"

namespace weave {

struct SyncObject;
struct Location;
struct Store;

/// The calls on a stack, innermost first, as program counters.
struct Calls {
    static constexpr unsigned count_max = 64;
    unsigned count;
    uint32_t pcs[count_max];
};

/// Why a thread cannot continue.
enum class Waiting : uint8_t {
    nothing,
    mutex,
    shared_mutex,
    condition,
    join,
    once,
    semaphore,
    barrier,
    futex,
    descriptor,
    shared_semaphore,
    process,
    signal
};

/// Does a thread look again and again whether its wait is over, because another process may end it?
inline bool is_looking(Waiting waiting) {
    return waiting == Waiting::descriptor || waiting == Waiting::shared_semaphore ||
           waiting == Waiting::process;
}

/// Something other than an atomic object that spinning threads look at, such as whether a lock is
/// free.
struct Watch {
    uint64_t version;    ///< counts its changes
    ThreadSet spinners;  ///< threads that wait for it to change
};

/// A load, or a look at a lock, since the thread's last side effect: a thread that comes back to it
/// may be spinning.
struct SpinRead {
    uint32_t pc;
    uint32_t repeats;
    uint32_t turn;       ///< the thread's `turns` at the last visit
    Location* location;  ///< null if it is a watch
    const Store* store;  ///< the store that it returned last
    Watch* watch;
    uint64_t version;  ///< of the watch, then
    uint64_t changes;  ///< the thread's own, then
    uint64_t visit;    ///< in the order of the thread's loads
    uint64_t state;    ///< of the thread when it last came back here; 0: not known
    uint32_t kept;     ///< words of that state in Thread::kept_states, in place of `state`; 0: none
    uint32_t locks_given_back;  ///< the thread's own, at the last visit
};

/// Words of the states that a thread came back to its SpinReads with.
constexpr unsigned kept_words_max = 256;
using KeptState = uint64_t[kept_words_max];

/// The destructor of a thread_local object.
struct Destructor {
    void (*function)(void*);
    void* object;
};

/// A thread_local object, for the search for leaks.
struct LocalBlock {
    LocalBlock* next;
    void* object;
    size_t size;
};

/// What is forgotten between two executions.
struct ThreadState {
    uint16_t id;
    bool is_finished;
    bool is_detached;
    bool is_joined;
    bool skips_choice_point;  ///< needs none before its next access: see atomic.cpp

    // What it waits for, and what may wake it besides another thread.
    Waiting waiting;
    bool may_time_out;
    bool may_wake_spuriously;
    bool has_timed_out;
    bool was_woken_spuriously;  ///< ever: once in an execution is enough
    uint8_t chance_failures;    ///< of try_lock() and the like, so far
    bool has_signal;            ///< a signal or a cancellation is to be handled
    bool was_interrupted;       ///< its last wait ended for that reason
    uint16_t joins;             ///< the thread that it joins
    uint32_t waits_pc;
    const Calls* waits_stack;     ///< its calls when it began to wait; only in a traced execution
    const SyncObject* waits_for;  ///< null if that is not an object
    uint64_t times_out_ns;        ///< the limit of its wait, if may_time_out
    uint64_t limit_state;         ///< state_at_limit() when it came to its wait
    uint64_t timeout_state;       ///< the same of the wait that last timed out
    uint64_t timeout_progress;    ///< side effects of all threads then
    bool watches_times;           ///< its last wait with a limit ended by it
    uint64_t later_times;         ///< stands for times to come that it has read since then in
                                  ///< memory that is not in its state
    unsigned timeouts_in_a_row;   ///< without a side effect of any thread in between
    Pace pace;                    ///< of its looks at the clock, if those of others do not count
    uint64_t look_effects;        ///< `effects` at the last one
    uint64_t time_ns;             ///< that it has last seen, slept until or waited until; 0: none

    uint32_t thrown_pc;         ///< where it has last thrown an exception; 0: nowhere
    const Calls* thrown_stack;  ///< the calls then; only in a traced execution

    // Its fiber.
    Suspended fiber;      ///< while it does not run
    char* stack;          ///< lowest address, after the guard page
    void* exceptions[2];  ///< the C++ runtime's state of a thread
    int error_number;
    void* (*start)(void*);
    void* argument;
    void* result;
    bool is_cancelled;
    bool ignores_cancel;
    void* cleanups;  ///< the newest pthread_cleanup_push() of C
    uint32_t started_pc;

    const Snapshot* release_fence;  ///< what its later relaxed stores release
    unsigned weak_failures;         ///< spurious failures of compare-exchanges in a row
    bool is_at_choice_point;        ///< other threads could just run before what it does next
    uint64_t visits;
    uint64_t changes;           ///< its side effects, and its plain writes except to its own stack
    uint64_t private_changes;   ///< those among them that no other thread can notice
    uint64_t effects;           ///< its side effects
    uint32_t turns;             ///< its choice points so far
    bool is_repeating;          ///< has come back to a load, and changed nothing since
    uint32_t locks_given_back;  ///< counts them
    bool has_given_lock_back;   ///< in the round that it waits to repeat
    bool is_in_graphs;          ///< what is unset in its frames is the same in each execution
    unsigned spin_count;

    // Thread-local storage, in the execution's arena.
    void** locals;  ///< thread_local objects, by index
    LocalBlock* local_blocks;
    void** values;  ///< of pthread_setspecific, by key
    Destructor* destructors;
    unsigned destructor_count;
    unsigned destructor_capacity;
};

struct Thread : ThreadState {
    static constexpr unsigned spin_reads_max = 32;

    uint64_t key;         ///< key_of() its plain accesses now, by place
    uint64_t owns_whole;  ///< Cell::header() of its own cells, or no_header: none has the quick way
    uint64_t owns_halves;                 ///< the same
    SpinRead spin_reads[spin_reads_max];  ///< the first spin_count are in use
    KeptState* kept_states;               ///< one for each of them
    Clock clock;
    Clock pending;  ///< what an acquire fence would acquire

    /// Its round of a loop differs from the last one, though no other thread can notice how.
    void note_private_change() {
        ++changes;
        ++private_changes;
    }
    uint64_t public_changes() const { return changes - private_changes; }

    /// Begins its next epoch.
    void tick() {
        clock.tick(id);
        key = clock.happens_before(id) | uint64_t{id} << 32;
    }
};

}  // namespace weave
