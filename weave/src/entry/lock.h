// What locks, condition variables, semaphores and barriers share: how a thread asks for one, waits
// for it, and is recognised when it only polls.
//
// An object is known by its address. The runtime reads its bytes only for what a static initialiser
// says. An object that is used against its rules gives Verdict::assertion.
#pragma once

#include <pthread.h>

#include <cerrno>
#include <ctime>

#include "entry/entry.h"
#include "model/heap_check.h"
#include "model/spin.h"

namespace weave {

inline uint16_t self(Execution& execution) { return execution.current().id; }

/// Lets other threads run first, one of which may free the object; then checks that it is not
/// freed.
inline void arrive_at(Execution& execution, OperationKind kind, const SyncObject& object,
                      uint32_t pc) {
    execution.choice_point(kind, object.number);
    sync_access(execution, object.address, pc);
}

inline void trace_object(Execution& execution, Event::Kind kind, const SyncObject& object,
                         uint32_t pc) {
    if (execution.timeline.is_traced()) {
        Event event{};
        event.kind = kind;
        event.object = object.number;
        event.pc = pc;
        execution.trace(event);
    }
}

/// How long a thread waits: not at all, until a time on the execution's clock, or without a limit.
struct Patience {
    enum class Kind { none, limited, endless };
    Kind kind;
    uint64_t until_ns = 0;

    bool is_none() const { return kind == Kind::none; }
};

inline constexpr Patience no_patience{Patience::Kind::none};
inline constexpr Patience endless_patience{Patience::Kind::endless};

inline Patience patience_until(const timespec* time) {
    return {Patience::Kind::limited, nanoseconds_of(*time)};
}

/// Waits until the object may be free. Returns false if the time is up.
inline bool wait_again(Execution& execution, SyncObject& object, Waiting waiting, Patience patience,
                       uint32_t pc) {
    Thread& thread = execution.current();
    WEAVE_CHECK((object.waiters & thread_bit(thread.id)) == 0, object.number, thread.id);
    object.waiters |= thread_bit(thread.id);
    thread.may_time_out = patience.kind == Patience::Kind::limited;
    thread.times_out_ns = patience.until_ns;
    execution.wait(waiting, &object, pc);
    object.waiters &= ~thread_bit(thread.id);
    WEAVE_CHECK(!thread.has_timed_out || patience.kind == Patience::Kind::limited, thread.id);
    return !thread.has_timed_out;
}

// A loop that takes a lock, tests something and unlocks has no effect until a holder of the lock
// changes something. A loop that tries to take a lock has none until it is unlocked. The runtime
// recognises both like a loop of loads: see model/spin.h.

/// How a thread asks for a lock.
struct Request {
    Patience patience;
    uint32_t pc;
    const void* frame;  ///< frame address of the entry point, which has saved all registers below
                        ///< it; null if the thread may not be treated as polling

    void look_before(Execution& execution, const Watch& watch) const {
        if (frame != nullptr) {
            poll_before(execution, watch, pc, frame);
        }
    }
    void look_after(Execution& execution, Watch& watch) const {
        if (frame != nullptr) {
            poll_after(execution.current(), watch, pc);
        }
    }
};

/// Waits until `is_free()`, as long as the request allows. Returns 0, EBUSY or ETIMEDOUT.
template <class IsFree>
int wait_until_free(Execution& execution, SyncObject& object, Waiting waiting,
                    const Request& request, IsFree is_free) {
    while (!is_free()) {
        if (!request.patience.is_none()) {
            if (!wait_again(execution, object, waiting, request.patience, request.pc)) {
                return ETIMEDOUT;
            }
            continue;
        }
        // Other threads may run now, and unlock it.
        request.look_before(execution, object.availability);
        if (!is_free()) {
            request.look_after(execution, object.availability);
            return EBUSY;
        }
    }
    return 0;
}

/// Remembers the holder's number of changes when it took the lock.
inline void note_taken(Execution& execution, SyncObject& object, const Request& request) {
    if (object.changes_at_lock == nullptr) {
        object.changes_at_lock = execution.arena.array<uint64_t>(size_t{64} * thread_words);
    }
    const Thread& thread = execution.current();
    object.changes_at_lock[thread.id] = thread.changes;
    request.look_after(execution, object.content);
}

/// Wakes the threads that wait for the object, and those that poll what it protects if the holder
/// has changed something.
inline void note_given_back(Execution& execution, SyncObject& object) {
    const Thread& thread = execution.current();
    WEAVE_CHECK(object.changes_at_lock != nullptr, object.number);
    if (object.changes_at_lock[thread.id] != thread.changes) {
        execution.side_effect();
        change(execution, object.content);
    }
    change(execution, object.availability);
    execution.wake_all(object.waiters);
}

/// Ends an object's life. `what` is its name in a finding, such as "a mutex".
inline void destroy_object(Execution& execution, const void* address, const char* what,
                           uint32_t pc) {
    const SyncObject* const object = execution.object_if_used(address);
    if (object == nullptr) {
        return;
    }
    if (object->owner != SyncObject::no_owner || object->readers != 0) {
        execution.fail(Verdict::assertion, pc, "%s is destroyed while it is held", what);
    }
    if (object->queue_length != 0) {
        execution.fail(Verdict::assertion, pc, "%s is destroyed while a thread waits on it", what);
    }
    execution.forget_object(address);
}

}  // namespace weave

/// Asks for a lock: calls `FUNCTION` with the object and a Request with that `PATIENCE`.
#define WEAVE_ASK(FUNCTION, OBJECT, PATIENCE)                                          \
    const int result =                                                                 \
        weave::FUNCTION(execution, OBJECT, weave::Request{PATIENCE, pc, WEAVE_FRAME}); \
    weave::clean_stack(execution.current());                                           \
    return result;
