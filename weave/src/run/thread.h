// A thread of the program under test: a fiber, its clocks, and what it waits for.
#pragma once

#include <cstddef>
#include <cstdint>

#include "run/base.h"
#include "run/chooser.h"
#include "model/clock.h"

namespace weave {

struct SyncObject;
struct Location;
struct Store;

/// Why a thread cannot go on.
enum class Waiting : uint8_t {
    nothing,
    mutex,
    shared_mutex,
    condition,
    join,
    once,
    semaphore,
    barrier,
    futex
};

/// What is not an atomic object, and may change so that a thread need not look at it again and
/// again.
struct Watch {
    uint64_t version;
    uint64_t spinners;  ///< threads that wait for it to change
};

/// A load, or a look at a lock, since the thread's last side effect: if it comes back to it, it may
/// be spinning.
struct SpinRead {
    uint32_t pc;
    uint32_t repeats;
    uint32_t turn;       ///< of the thread, when it was last there
    Location* location;  ///< null if it is a watch
    const Store* store;  ///< the one that it returned last
    Watch* watch;
    uint64_t version;    ///< of the watch, then
    uint64_t changes;    ///< the thread's own, then
    uint64_t visit;      ///< in the order of the thread's loads
    char* state;         ///< the thread's registers and stack at that place, copied
    size_t state_bytes;  ///< 0: not known
    size_t state_capacity;
};

/// Of a thread_local object.
struct Destructor {
    void (*function)(void*);
    void* object;
};

/// A thread_local object of a thread, for whoever looks for pointers in it.
struct LocalBlock {
    LocalBlock* next;
    void* object;
    size_t size;
};

/// What is forgotten between two executions.
struct ThreadState {
    uint8_t id;
    bool is_finished;
    bool is_detached;
    bool is_joined;
    bool goes_on;  ///< needs no choice point before its next access; see memory.cpp

    // What it waits for, and how it may be woken.
    Waiting waiting;
    bool may_time_out;
    bool may_wake_spuriously;
    bool has_timed_out;
    bool was_woken_spuriously;  ///< ever: once in an execution is enough
    uint8_t joins;              ///< the thread that it joins
    uint32_t waits_pc;
    const SyncObject* waits_for;  ///< null if that is no object
    uint64_t times_out_ns;        ///< at this time, if may_time_out
    uint64_t timeout_progress;    ///< everybody's side effects when it last timed out

    // Its fiber.
    void* fiber;          ///< the lowest of its stack that is in use, while it does not run
    char* stack;          ///< lowest address, above the guard page
    void* exceptions[2];  ///< the C++ runtime's state of a thread
    int error_number;
    void* (*start)(void*);
    void* argument;
    void* result;
    void* cleanups;  ///< the newest pthread_cleanup_push() of C
    uint32_t started_pc;

    const Snapshot* release_fence;  ///< what its later relaxed stores release
    unsigned weak_failures;   ///< compare-exchanges in a row that failed though they need not have
    bool is_at_choice_point;  ///< it has just let others run, for what it does next
    uint64_t visits;
    uint64_t changes;   ///< its side effects, and its plain writes but for those to its own stack
    uint32_t turns;     ///< its choice points so far
    bool is_repeating;  ///< has come back to a load, and changed nothing since
    unsigned spin_count;

    // Thread-local storage, in the execution's arena.
    void** locals;  ///< blocks of thread_local objects, by index
    LocalBlock* local_blocks;
    void** values;  ///< of pthread_setspecific, by key
    Destructor* destructors;
    unsigned destructor_count;
    unsigned destructor_capacity;
};

struct Thread : ThreadState {
    static constexpr unsigned spin_reads_max = 32;

    SpinRead spin_reads[spin_reads_max];
    Clock clock;
    Clock pending;  ///< what an acquire fence would acquire
};

}  // namespace weave
