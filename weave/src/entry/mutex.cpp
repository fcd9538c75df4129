// Mutexes and spin locks: defines pthread_mutex_* and pthread_spin_* of the C library, so that
// std::mutex, std::recursive_mutex and std::timed_mutex are modelled too.
#include "entry/mutex.h"

#include <pthread.h>

#include <cerrno>

namespace weave {

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
        WEAVE_CHECK(object.depth != 0, object.number);
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
                                      [&] { return object.owner == SyncObject::no_owner; });
    if (error != 0) {
        if (error == EBUSY) {
            trace_object(execution, Event::Kind::try_lock_failed, object, request.pc);
        }
        return error;
    }
    WEAVE_CHECK(object.owner == SyncObject::no_owner && object.depth == 0, object.owner,
                object.depth);
    object.owner = self(execution);
    object.depth = 1;
    object.taken_pc = request.pc;
    execution.acquire(object.released);
    note_taken(execution, object, request);
    trace_object(execution, Event::Kind::lock, object, request.pc);
    return 0;
}

void give_back(Execution& execution, SyncObject& object, uint32_t pc) {
    WEAVE_CHECK(object.owner == self(execution), object.owner, self(execution));
    object.depth = 0;
    object.owner = SyncObject::no_owner;
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
            object.owner == SyncObject::no_owner ? "no thread holds" : "another thread holds");
    }
    WEAVE_CHECK(object.depth != 0, object.number);
    if (--object.depth == 0) {
        give_back(execution, object, pc);
    }
    return 0;
}

}  // namespace weave

/// Defines a function that locks `mutex`.
#define WEAVE_MUTEX(NAME, PARAMETERS, ARGUMENTS, PATIENCE) \
    WEAVE_ENTRY(NAME, PARAMETERS, ARGUMENTS,               \
                WEAVE_ASK(lock_mutex, weave::mutex_object(execution, mutex, pc), PATIENCE))

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

// A spin lock is modelled as a mutex that waits: how it waits makes no difference to the outcomes.

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
