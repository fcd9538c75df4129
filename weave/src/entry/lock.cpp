// Locks and what is built like them: pthread mutexes, shared mutexes, condition variables,
// semaphores, barriers, spin locks.
//
// An object is known by its address; its own bytes are read only for what a static initialiser
// says. A lock that is taken or given back wrongly is an `assertion`.
#include <pthread.h>
#include <semaphore.h>

#include <cerrno>
#include <ctime>

#include "model/heap_check.h"
#include "model/spin.h"
#include "run/execution.h"
#include "run/real.h"

namespace weave {

namespace {

uint8_t self(Execution& execution) { return execution.current().id; }

/// Lets others go first, who may free what is about to be used.
void arrive_at(Execution& execution, OperationKind kind, const SyncObject& object, uint32_t pc) {
    execution.choice_point(kind, object.number);
    sync_access(execution, object.address, pc);
}

void trace_object(Execution& execution, Event::Kind kind, const SyncObject& object, uint32_t pc) {
    if (execution.timeline.is_traced()) {
        Event event{};
        event.kind = kind;
        event.object = object.number;
        event.pc = pc;
        execution.trace(event);
    }
}

/// How long a wait may take: not at all, until a time of the execution's clock, or for ever.
struct Patience {
    enum class Kind { none, limited, endless };
    Kind kind;
    uint64_t until_ns = 0;

    bool is_none() const { return kind == Kind::none; }
};

constexpr Patience no_patience{Patience::Kind::none};
constexpr Patience endless_patience{Patience::Kind::endless};

Patience patience_until(const timespec* time) {
    return {Patience::Kind::limited, nanoseconds_of(*time)};
}

/// Waits for the next chance to look again. False when the time is up.
bool wait_again(Execution& execution, SyncObject& object, Waiting waiting, Patience patience,
                uint32_t pc) {
    Thread& thread = execution.current();
    object.waiters |= thread_bit(thread.id);
    thread.may_time_out = patience.kind == Patience::Kind::limited;
    thread.times_out_ns = patience.until_ns;
    execution.wait(waiting, &object, pc);
    object.waiters &= ~thread_bit(thread.id);
    return !thread.has_timed_out;
}

// ----- polling -----------------------------------------------------------------------------------
//
// A loop that takes a lock, looks, and gives it back has no effect until a holder changes
// something; one that tries to take it has none until it is given back.

/// How a lock is asked for.
struct Request {
    Patience patience;
    uint32_t pc;
    const void* frame;  ///< the entry point's, below which it has saved all registers; or null

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

/// Waits until the lock is free, as long as the request allows. EBUSY or ETIMEDOUT if it is not.
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
        // Others may run meanwhile, and give it back.
        request.look_before(execution, object.availability);
        if (!is_free()) {
            request.look_after(execution, object.availability);
            return EBUSY;
        }
    }
    return 0;
}

void note_taken(Execution& execution, SyncObject& object, const Request& request) {
    if (object.changes_at_lock == nullptr) {
        object.changes_at_lock = execution.arena.array<uint64_t>(threads_max);
    }
    const Thread& thread = execution.current();
    object.changes_at_lock[thread.id] = thread.changes;
    request.look_after(execution, object.content);
}

void note_given_back(Execution& execution, SyncObject& object) {
    const Thread& thread = execution.current();
    if (object.changes_at_lock[thread.id] != thread.changes) {
        execution.side_effect();
        change(execution, object.content);
    }
    change(execution, object.availability);
    execution.wake_all(object.waiters);
}

// ----- mutexes -----------------------------------------------------------------------------------

SyncObject& mutex_object(Execution& execution, pthread_mutex_t* mutex, uint32_t pc) {
    SyncObject& object = execution.object(mutex, SyncKind::mutex, pc);
    const int kind = mutex->__data.__kind & 3;
    object.is_recursive = kind == PTHREAD_MUTEX_RECURSIVE;
    object.is_error_checking = kind == PTHREAD_MUTEX_ERRORCHECK;
    return object;
}

int lock_mutex(Execution& execution, SyncObject& object, const Request& request) {
    arrive_at(execution, OperationKind::lock, object, request.pc);
    request.look_before(execution, object.content);
    if (object.owner == self(execution)) {
        if (object.is_recursive) {
            ++object.depth;
            trace_object(execution, Event::Kind::lock, object, request.pc);
            return 0;
        }
        if (object.is_error_checking) {
            return request.patience.is_none() ? EBUSY : EDEADLK;
        }
    }
    const int error = wait_until_free(execution, object, Waiting::mutex, request,
                                      [&] { return object.owner == SyncObject::nobody; });
    if (error != 0) {
        if (error == EBUSY) {
            trace_object(execution, Event::Kind::try_lock_failed, object, request.pc);
        }
        return error;
    }
    object.owner = self(execution);
    object.depth = 1;
    object.taken_pc = request.pc;
    execution.acquire(object.released);
    note_taken(execution, object, request);
    trace_object(execution, Event::Kind::lock, object, request.pc);
    return 0;
}

void give_back(Execution& execution, SyncObject& object, uint32_t pc) {
    object.depth = 0;
    object.owner = SyncObject::nobody;
    object.released = execution.release();
    note_given_back(execution, object);
    trace_object(execution, Event::Kind::unlock, object, pc);
}

int unlock_mutex(Execution& execution, SyncObject& object, uint32_t pc) {
    arrive_at(execution, OperationKind::unlock, object, pc);
    if (object.owner != self(execution)) {
        if (object.is_error_checking) {
            return EPERM;
        }
        execution.fail(
            Verdict::assertion, pc, "unlock of a mutex that %s",
            object.owner == SyncObject::nobody ? "nobody holds" : "another thread holds");
    }
    if (--object.depth == 0) {
        give_back(execution, object, pc);
    }
    return 0;
}

void destroy_object(Execution& execution, const void* address, const char* what, uint32_t pc) {
    const SyncObject* const object = execution.object_if_used(address);
    if (object == nullptr) {
        return;
    }
    if (object->owner != SyncObject::nobody || object->readers != 0) {
        execution.fail(Verdict::assertion, pc, "%s is destroyed while it is held", what);
    }
    if (object->queue_length != 0) {
        execution.fail(Verdict::assertion, pc, "%s is destroyed while a thread waits on it", what);
    }
    execution.forget_object(address);
}

// ----- shared mutexes ----------------------------------------------------------------------------

int lock_shared(Execution& execution, SyncObject& object, const Request& request) {
    arrive_at(execution, OperationKind::lock, object, request.pc);
    request.look_before(execution, object.content);
    if (object.owner == self(execution)) {
        return request.patience.is_none() ? EBUSY : EDEADLK;
    }
    const int error = wait_until_free(execution, object, Waiting::shared_mutex, request,
                                      [&] { return object.owner == SyncObject::nobody; });
    if (error != 0) {
        return error;
    }
    object.readers |= thread_bit(self(execution));
    ++object.count;
    execution.acquire(object.released);
    note_taken(execution, object, request);
    trace_object(execution, Event::Kind::lock, object, request.pc);
    return 0;
}

int lock_unshared(Execution& execution, SyncObject& object, const Request& request) {
    arrive_at(execution, OperationKind::lock, object, request.pc);
    request.look_before(execution, object.content);
    if (object.owner == self(execution) && !request.patience.is_none()) {
        return EDEADLK;
    }
    const int error = wait_until_free(execution, object, Waiting::shared_mutex, request, [&] {
        return object.owner == SyncObject::nobody && object.count == 0;
    });
    if (error != 0) {
        return error;
    }
    object.owner = self(execution);
    object.taken_pc = request.pc;
    execution.acquire(object.released);
    execution.acquire(object.released_by_readers);
    note_taken(execution, object, request);
    trace_object(execution, Event::Kind::lock, object, request.pc);
    return 0;
}

int unlock_shared_mutex(Execution& execution, SyncObject& object, uint32_t pc) {
    arrive_at(execution, OperationKind::unlock, object, pc);
    if (object.owner == self(execution)) {
        object.owner = SyncObject::nobody;
        object.released = execution.release();
    } else if (object.count != 0) {
        // A reader may hold it more than once.
        --object.count;
        if (object.count == 0) {
            object.readers = 0;
        }
        object.released_by_readers =
            merge(execution.arena, object.released_by_readers, execution.release());
    } else {
        execution.fail(Verdict::assertion, pc, "unlock of a shared mutex that is not held");
    }
    note_given_back(execution, object);
    trace_object(execution, Event::Kind::unlock, object, pc);
    return 0;
}

// ----- condition variables -----------------------------------------------------------------------

void leave_queue(SyncObject& condition, uint8_t thread) {
    for (uint32_t i = 0; i < condition.queue_length; ++i) {
        if (condition.queue[i] == thread) {
            for (uint32_t next = i + 1; next < condition.queue_length; ++next) {
                condition.queue[next - 1] = condition.queue[next];
            }
            --condition.queue_length;
            return;
        }
    }
}

int wait_for_condition(Execution& execution, pthread_cond_t* condition, pthread_mutex_t* mutex,
                       Patience patience, uint32_t pc) {
    SyncObject& object = execution.object(condition, SyncKind::condition, pc);
    SyncObject& lock = mutex_object(execution, mutex, pc);
    Thread& thread = execution.current();
    arrive_at(execution, OperationKind::wait, object, pc);
    if (lock.owner != thread.id) {
        execution.fail(Verdict::assertion, pc,
                       "a wait on a condition variable without holding its mutex");
    }
    const uint32_t depth = lock.depth;
    trace_object(execution, Event::Kind::wait, object, pc);
    object.queue[object.queue_length++] = thread.id;
    give_back(execution, lock, pc);
    thread.may_time_out = patience.kind == Patience::Kind::limited;
    thread.times_out_ns = patience.until_ns;
    thread.may_wake_spuriously = !thread.may_time_out;
    execution.wait(Waiting::condition, &object, pc);
    const bool has_timed_out = thread.has_timed_out;
    leave_queue(object, thread.id);
    trace_object(execution, Event::Kind::woken, object, pc);
    lock_mutex(execution, lock, {endless_patience, pc, nullptr});
    lock.depth = depth;
    return has_timed_out ? ETIMEDOUT : 0;
}

void notify(Execution& execution, pthread_cond_t* condition, bool all, uint32_t pc) {
    SyncObject& object = execution.object(condition, SyncKind::condition, pc);
    arrive_at(execution, OperationKind::wake, object, pc);
    execution.side_effect();
    trace_object(execution, Event::Kind::notify, object, pc);
    if (object.queue_length == 0) {
        return;
    }
    if (all) {
        while (object.queue_length != 0) {
            execution.wake(object.queue[--object.queue_length]);
        }
        return;
    }
    const unsigned chosen =
        object.queue_length == 1 ? 0 : execution.choose(Alternative::waiter, object.queue_length);
    const uint8_t thread = object.queue[chosen];
    leave_queue(object, thread);
    execution.wake(thread);
}

// ----- semaphores and barriers -------------------------------------------------------------------

/// One that was initialised before the execution has its number in its first word.
SyncObject& semaphore_object(Execution& execution, sem_t* semaphore, uint32_t pc) {
    const bool is_new = execution.object_if_used(semaphore) == nullptr;
    SyncObject& object = execution.object(semaphore, SyncKind::semaphore, pc);
    if (is_new) {
        object.count = *reinterpret_cast<const uint32_t*>(semaphore);
    }
    return object;
}

int wait_for_semaphore(Execution& execution, SyncObject& object, const Request& request) {
    arrive_at(execution, OperationKind::lock, object, request.pc);
    const int error = wait_until_free(execution, object, Waiting::semaphore, request,
                                      [&] { return object.count != 0; });
    if (error != 0) {
        errno = error == EBUSY ? EAGAIN : error;
        return -1;
    }
    --object.count;
    execution.acquire(object.released);
    execution.side_effect();
    return 0;
}

int post_to_semaphore(Execution& execution, SyncObject& object, uint32_t pc) {
    arrive_at(execution, OperationKind::unlock, object, pc);
    ++object.count;
    object.released = merge(execution.arena, object.released, execution.release());
    execution.side_effect();
    change(execution, object.availability);
    execution.wake_all(object.waiters);
    return 0;
}

int wait_at_barrier(Execution& execution, SyncObject& object, uint32_t pc) {
    arrive_at(execution, OperationKind::wait, object, pc);
    object.released = merge(execution.arena, object.released, execution.release());
    execution.side_effect();
    if (++object.count == object.limit) {
        object.count = 0;
        object.released_by_readers = object.released;
        execution.wake_all(object.waiters);
        execution.acquire(object.released);
        return PTHREAD_BARRIER_SERIAL_THREAD;
    }
    wait_again(execution, object, Waiting::barrier, endless_patience, pc);
    execution.acquire(object.released_by_readers);
    return 0;
}

}  // namespace

}  // namespace weave

#define WEAVE_PC weave::pc_of(__builtin_return_address(0))

// Defines one of the functions below: outside of an execution it is the system's.
#define WEAVE_ENTRY_AS(SPECIFIER, NAME, PARAMETERS, ARGUMENTS, ...) \
    __attribute__((noinline)) int NAME PARAMETERS SPECIFIER {       \
        if (active == nullptr) {                                    \
            return WEAVE_REAL(NAME) ARGUMENTS;                      \
        }                                                           \
        Execution& execution = *active;                             \
        [[maybe_unused]] const uint32_t pc = WEAVE_PC;              \
        __VA_ARGS__                                                 \
    }
#define WEAVE_ENTRY(...) WEAVE_ENTRY_AS(noexcept, __VA_ARGS__)

// Asks for a lock: `FUNCTION` with the object, and a Request of `PATIENCE`.
#define WEAVE_ASK(FUNCTION, OBJECT, PATIENCE)                                          \
    const int result =                                                                 \
        weave::FUNCTION(execution, OBJECT, weave::Request{PATIENCE, pc, WEAVE_FRAME}); \
    weave::clean_stack(execution.current());                                           \
    return result;

#define WEAVE_MUTEX(NAME, PARAMETERS, ARGUMENTS, PATIENCE) \
    WEAVE_ENTRY(NAME, PARAMETERS, ARGUMENTS,               \
                WEAVE_ASK(lock_mutex, weave::mutex_object(execution, mutex, pc), PATIENCE))

#define WEAVE_RWLOCK(NAME, PARAMETERS, ARGUMENTS, FUNCTION, PATIENCE) \
    WEAVE_ENTRY(NAME, PARAMETERS, ARGUMENTS,                          \
                WEAVE_ASK(FUNCTION, execution.object(lock, SyncKind::shared_mutex, pc), PATIENCE))

#define WEAVE_SEMAPHORE(SPECIFIER, NAME, PARAMETERS, ARGUMENTS, PATIENCE) \
    WEAVE_ENTRY_AS(SPECIFIER, NAME, PARAMETERS, ARGUMENTS,                \
                   WEAVE_ASK(wait_for_semaphore,                          \
                             weave::semaphore_object(execution, semaphore, pc), PATIENCE))

extern "C" {

using weave::active;
using weave::endless_patience;
using weave::Execution;
using weave::no_patience;
using weave::patience_until;
using weave::SyncKind;

WEAVE_MUTEX(pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex), endless_patience)
WEAVE_MUTEX(pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex), no_patience)
WEAVE_MUTEX(pthread_mutex_timedlock, (pthread_mutex_t * mutex, const timespec* until),
            (mutex, until), patience_until(until))
WEAVE_MUTEX(pthread_mutex_clocklock,
            (pthread_mutex_t * mutex, clockid_t clock, const timespec* until),
            (mutex, clock, until), patience_until(until))
WEAVE_ENTRY(pthread_mutex_unlock, (pthread_mutex_t * mutex), (mutex),
            return weave::unlock_mutex(execution, weave::mutex_object(execution, mutex, pc), pc);)
WEAVE_ENTRY(pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t* attributes),
            (mutex, attributes),
            weave::sync_access(execution, reinterpret_cast<uintptr_t>(mutex), pc);
            execution.forget_object(mutex);
            return WEAVE_REAL(pthread_mutex_init)(mutex, attributes);)
WEAVE_ENTRY(pthread_mutex_destroy, (pthread_mutex_t * mutex), (mutex),
            weave::destroy_object(execution, mutex, "a mutex", pc);
            return 0;)

WEAVE_RWLOCK(pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock), lock_shared,
             endless_patience)
WEAVE_RWLOCK(pthread_rwlock_tryrdlock, (pthread_rwlock_t * lock), (lock), lock_shared, no_patience)
WEAVE_RWLOCK(pthread_rwlock_timedrdlock, (pthread_rwlock_t * lock, const timespec* until),
             (lock, until), lock_shared, patience_until(until))
WEAVE_RWLOCK(pthread_rwlock_clockrdlock,
             (pthread_rwlock_t * lock, clockid_t clock, const timespec* until),
             (lock, clock, until), lock_shared, patience_until(until))
WEAVE_RWLOCK(pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock), lock_unshared,
             endless_patience)
WEAVE_RWLOCK(pthread_rwlock_trywrlock, (pthread_rwlock_t * lock), (lock), lock_unshared,
             no_patience)
WEAVE_RWLOCK(pthread_rwlock_timedwrlock, (pthread_rwlock_t * lock, const timespec* until),
             (lock, until), lock_unshared, patience_until(until))
WEAVE_RWLOCK(pthread_rwlock_clockwrlock,
             (pthread_rwlock_t * lock, clockid_t clock, const timespec* until),
             (lock, clock, until), lock_unshared, patience_until(until))
WEAVE_ENTRY(pthread_rwlock_unlock, (pthread_rwlock_t * lock), (lock),
            return weave::unlock_shared_mutex(execution,
                                              execution.object(lock, SyncKind::shared_mutex, pc),
                                              pc);)
WEAVE_ENTRY(pthread_rwlock_destroy, (pthread_rwlock_t * lock), (lock),
            weave::destroy_object(execution, lock, "a shared mutex", pc);
            return 0;)

WEAVE_ENTRY(pthread_cond_signal, (pthread_cond_t * condition), (condition),
            weave::notify(execution, condition, false, pc);
            return 0;)
WEAVE_ENTRY(pthread_cond_broadcast, (pthread_cond_t * condition), (condition),
            weave::notify(execution, condition, true, pc);
            return 0;)
WEAVE_ENTRY(pthread_cond_destroy, (pthread_cond_t * condition), (condition),
            weave::destroy_object(execution, condition, "a condition variable", pc);
            return 0;)

// The waits may be left by an exception: pthread_exit() unwinds.
int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    return active == nullptr
               ? WEAVE_REAL(pthread_cond_wait)(condition, mutex)
               : weave::wait_for_condition(*active, condition, mutex, endless_patience, WEAVE_PC);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
    return active == nullptr ? WEAVE_REAL(pthread_cond_timedwait)(condition, mutex, until)
                             : weave::wait_for_condition(*active, condition, mutex,
                                                         patience_until(until), WEAVE_PC);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
    return active == nullptr ? WEAVE_REAL(pthread_cond_clockwait)(condition, mutex, clock, until)
                             : weave::wait_for_condition(*active, condition, mutex,
                                                         patience_until(until), WEAVE_PC);
}

WEAVE_ENTRY(sem_init, (sem_t * semaphore, int shared, unsigned value), (semaphore, shared, value),
            execution.forget_object(semaphore);
            execution.object(semaphore, SyncKind::semaphore, pc).count = value; return 0;)
WEAVE_ENTRY(sem_destroy, (sem_t * semaphore), (semaphore), execution.forget_object(semaphore);
            return 0;)
WEAVE_ENTRY(sem_getvalue, (sem_t * semaphore, int* value), (semaphore, value),
            *value = static_cast<int>(weave::semaphore_object(execution, semaphore, pc).count);
            return 0;)
WEAVE_ENTRY(sem_post, (sem_t * semaphore), (semaphore),
            return weave::post_to_semaphore(execution,
                                            weave::semaphore_object(execution, semaphore, pc), pc);)
WEAVE_SEMAPHORE(, sem_wait, (sem_t * semaphore), (semaphore), endless_patience)
WEAVE_SEMAPHORE(noexcept, sem_trywait, (sem_t * semaphore), (semaphore), no_patience)
WEAVE_SEMAPHORE(, sem_timedwait, (sem_t * semaphore, const timespec* until), (semaphore, until),
                patience_until(until))
WEAVE_SEMAPHORE(, sem_clockwait, (sem_t * semaphore, clockid_t clock, const timespec* until),
                (semaphore, clock, until), patience_until(until))

WEAVE_ENTRY(pthread_barrier_init,
            (pthread_barrier_t * barrier, const pthread_barrierattr_t* attributes, unsigned count),
            (barrier, attributes, count), execution.forget_object(barrier);
            execution.object(barrier, SyncKind::barrier, pc).limit = count;
            return count == 0 ? EINVAL : 0;)
WEAVE_ENTRY(pthread_barrier_wait, (pthread_barrier_t * barrier), (barrier),
            return weave::wait_at_barrier(execution,
                                          execution.object(barrier, SyncKind::barrier, pc), pc);)
WEAVE_ENTRY(pthread_barrier_destroy, (pthread_barrier_t * barrier), (barrier),
            execution.forget_object(barrier);
            return 0;)

WEAVE_ENTRY(pthread_spin_init, (pthread_spinlock_t * lock, int shared), (lock, shared),
            execution.forget_object(const_cast<int*>(lock));
            return 0;)
WEAVE_ENTRY(pthread_spin_destroy, (pthread_spinlock_t * lock), (lock),
            weave::destroy_object(execution, const_cast<int*>(lock), "a spin lock", pc);
            return 0;)
WEAVE_ENTRY(pthread_spin_lock, (pthread_spinlock_t * lock), (lock),
            WEAVE_ASK(lock_mutex, execution.object(const_cast<int*>(lock), SyncKind::mutex, pc),
                      endless_patience))
WEAVE_ENTRY(pthread_spin_trylock, (pthread_spinlock_t * lock), (lock),
            WEAVE_ASK(lock_mutex, execution.object(const_cast<int*>(lock), SyncKind::mutex, pc),
                      no_patience))
WEAVE_ENTRY(pthread_spin_unlock, (pthread_spinlock_t * lock), (lock),
            return weave::unlock_mutex(
                execution, execution.object(const_cast<int*>(lock), SyncKind::mutex, pc), pc);)
}
