// What locks, condition variables, semaphores and barriers share: how a thread asks for one, waits
// for it, and is recognised when it only polls.
//
// An object is known by its address. Its bytes say only what a static initialiser, an init function
// and the program before its main() have left there, and whether it was destroyed. An object that
// is used against its rules gives Verdict::assertion.
#pragma once

#include <pthread.h>

#include <cerrno>
#include <ctime>

#include "entry/entry.h"
#include "graph/graph_search.h"
#include "model/heap_check.h"
#include "model/spin.h"

namespace weave {

inline uint16_t self(Execution& execution) { return execution.current().id; }

/// A word of each object, which init functions set to something else. Only entry points write it.
inline constexpr uint32_t destroyed = 0xdead'0b1e;

/// Ends the execution if an object is used for the first time and its word `mark` says that it is
/// destroyed, or on the heap and not initialised. `what` is its name, such as "a mutex".
void check_alive(Execution& execution, const void* mark, const char* what, uint32_t pc);

/// An object about to be used. `begin` is called for a new one, to take over its state from its
/// bytes.
template <class Begin>
SyncObject& live_object(Execution& execution, const void* address, SyncKind kind, const void* mark,
                        const char* what, uint32_t pc, Begin begin) {
    const SyncObject* const used = execution.object_if_used(address);
    SyncObject& object = execution.object(address, kind, pc);
    if (used != &object) {
        check_alive(execution, mark, what, pc);
        begin(object);
    }
    return object;
}
inline SyncObject& live_object(Execution& execution, const void* address, SyncKind kind,
                               const void* mark, const char* what, uint32_t pc) {
    return live_object(execution, address, kind, mark, what, pc, [](SyncObject&) {});
}

/// Begins the life of an object by an init function.
SyncObject& initialise_object(Execution& execution, const void* address, SyncKind kind,
                              const char* what, uint32_t pc);

/// Ends an object's life.
void destroy_object(Execution& execution, const void* address, void* mark, const char* what,
                    uint32_t pc);

/// Returns true if a function fails or returns early though it need not: at most twice in a
/// thread's life.
bool fails_by_chance(Execution& execution);

/// Lets other threads run first, one of which may free the object; then checks that it is not
/// freed.
inline void arrive_at(Execution& execution, OperationKind kind, const SyncObject& object,
                      uint32_t pc, Wants wants = Wants::nothing) {
    execution.choice_point_of(kind, object, wants);
    sync_access(execution, object.address, pc);
}

inline void trace_object(Execution& execution, Event::Kind kind, const SyncObject& object,
                         uint32_t pc, uint64_t value = 0) {
    if (execution.timeline.is_traced()) {
        Event event{};
        event.kind = kind;
        event.object = object.number;
        event.value = value;
        event.address = object.address;
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

/// Stands for the state in which the current thread comes to a wait with a limit: it repeats itself
/// if it has changed and learnt nothing since it was in this state. 0 if that is not known. `pc`
/// and `frame` are those of the entry point.
uint64_t state_at_limit(Execution& execution, Patience patience, uint32_t pc, const void* frame);

/// Sets the limit of the next wait. In a search through execution graphs choose_end() has decided
/// on it.
inline void set_limit(Execution& execution, Patience patience, uint32_t pc, const void* frame) {
    Thread& thread = execution.current();
    thread.may_time_out =
        patience.kind == Patience::Kind::limited && !execution.settings().as_in_graphs;
    if (thread.may_time_out) {
        thread.times_out_ns = patience.until_ns;
        thread.limit_state = state_at_limit(execution, patience, pc, frame);
    }
}

/// What ends a wait.
enum class WaitEnd : uint8_t { by_another, by_time, for_no_reason };

/// In a search through execution graphs: does a wait end by itself? It does so at once then. The
/// caller says when it reaches its limit. In all other searches the turns decide. `pc` and `frame`
/// are those of the entry point.
WaitEnd choose_end(Execution& execution, Patience patience, bool may_be_spurious, uint32_t pc,
                   const void* frame);

/// Waits until the object may be free. Returns false if the time is up.
inline bool wait_again(Execution& execution, SyncObject& object, Waiting waiting, Patience patience,
                       uint32_t pc, const void* frame) {
    const Thread& thread = execution.current();
    WEAVE_CHECK(!object.waiters.contains(thread.id), object.number, thread.id);
    object.waiters |= thread_bit(thread.id);
    set_limit(execution, patience, pc, frame);
    execution.wait(waiting, &object, pc);
    object.waiters &= ~thread_bit(thread.id);
    WEAVE_CHECK(!thread.has_timed_out || patience.kind == Patience::Kind::limited, thread.id);
    if (thread.was_interrupted) {
        handle_signals(execution);
    }
    return !thread.has_timed_out;
}

// Waiters in the order in which they have come.

void join_queue(Execution& execution, SyncObject& object);
/// Does nothing if the thread is not in the queue.
void leave_queue(SyncObject& object, uint16_t thread);

// A loop that takes a lock, tests something and unlocks has no effect until a holder of the lock
// changes something. A loop that tries to take a lock has none until it is unlocked. The runtime
// recognises both like a loop of loads: see model/spin.h.

/// How a thread asks for a lock.
struct Request {
    Patience patience;
    uint32_t pc;
    const void* frame;  ///< frame address of the entry point, which has saved all registers below
                        ///< it; null if the thread may not be treated as polling
    bool is_of_cxx = false;      ///< C++'s rules hold, not those of POSIX: see cxx.h
    bool ends_by_limit = false;  ///< the time is up if the lock is not free: see planned()

    /// May it wait?
    bool waits() const { return !patience.is_none() || ends_by_limit; }
    /// What the request needs, if it is one for `wants`.
    Wants needs(Wants wants) const { return patience.is_none() ? Wants::nothing : wants; }

    /// The thread comes to the lock, where it needs `wanted` to have it.
    void come(Execution& execution, const SyncObject& object, Wants wanted) const {
        if (execution.graph() != nullptr && frame != nullptr) {
            execution.graph()->comes_to_lock(object, wanted, pc, frame);
        }
        execution.choice_point_of(OperationKind::lock, object, needs(wanted));
        sync_access(execution, object.address, pc);
    }
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

/// The request as it is made. A search through execution graphs decides here whether a request with
/// a limit ends by it. Such a request looks at the lock once, and the lock must not be free then.
Request planned(Execution& execution, Request request);

/// Stops the current thread in this execution graph, since it has not got what it needs. Only a
/// choice point in an execution without a graph.
void give_up_in_graph(Execution& execution);

/// Does a request that may fail for no reason do so before it comes to the lock? In a search
/// through execution graphs this is a turn of its own.
inline bool fails_before_lock(Execution& execution, const Request& request) {
    if (!execution.settings().as_in_graphs || !request.is_of_cxx || request.waits()) {
        return false;
    }
    execution.choice_point(OperationKind::yield, 0);
    return fails_by_chance(execution);
}

/// The same at the lock, in all other searches.
inline bool fails_at_lock(Execution& execution, const Request& request) {
    return !execution.settings().as_in_graphs && request.is_of_cxx && !request.waits() &&
           fails_by_chance(execution);
}

/// Waits until `is_free()`, as long as the request allows. Returns 0, EBUSY or ETIMEDOUT.
template <class IsFree>
int wait_until_free(Execution& execution, SyncObject& object, Waiting waiting,
                    const Request& request, IsFree is_free) {
    if (request.ends_by_limit) {
        if (!is_free()) {
            trace_object(execution, Event::Kind::try_lock_failed, object, request.pc, 2);
            return ETIMEDOUT;
        }
        give_up_in_graph(execution);
    }
    while (!is_free()) {
        if (!request.patience.is_none()) {
            if (!wait_again(execution, object, waiting, request.patience, request.pc,
                            request.frame)) {
                trace_object(execution, Event::Kind::try_lock_failed, object, request.pc, 2);
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

/// Remembers a holder's number of changes when it took the lock.
inline void note_changes(Execution& execution, SyncObject& object, const Thread& holder) {
    if (object.changes_at_lock == nullptr) {
        object.changes_at_lock = execution.arena.array<uint64_t>(size_t{64} * thread_words);
    }
    object.changes_at_lock[holder.id] = holder.public_changes();
}

inline void note_taken(Execution& execution, SyncObject& object, const Request& request) {
    note_changes(execution, object, execution.current());
    request.look_after(execution, object.content);
}

/// Wakes the threads that wait for the object, and those that poll what it protects if the holder
/// has changed something.
inline void note_given_back(Execution& execution, SyncObject& object) {
    Thread& thread = execution.current();
    ++thread.locks_given_back;
    WEAVE_CHECK(object.changes_at_lock != nullptr, object.number);
    if (object.changes_at_lock[thread.id] != thread.public_changes()) {
        execution.side_effect();
        change(execution, object.content);
    }
    change(execution, object.availability);
    execution.wake_all(object.waiters);
}

}  // namespace weave

/// Asks for a lock: calls `FUNCTION` with the object and a Request of these members.
#define WEAVE_ASK(FUNCTION, OBJECT, PATIENCE, IS_OF_CXX)                                 \
    const weave::Request request =                                                       \
        weave::planned(execution, weave::Request{PATIENCE, pc, WEAVE_FRAME, IS_OF_CXX}); \
    const int result = weave::FUNCTION(execution, OBJECT, request);                      \
    weave::clean_stack(execution.current());                                             \
    return result;
