// Reader-writer locks: defines pthread_rwlock_* of the C library, and with them std::shared_mutex.
//
// A reader that waits does not hold back a writer, nor the other way round: POSIX leaves it open
// who is served first, so every order is explored.
#include "entry/lock.h"

namespace weave {

namespace {

int lock_shared(Execution& execution, SyncObject& object, const Request& request) {
    arrive_at(execution, OperationKind::lock, object, request.pc);
    request.look_before(execution, object.content);
    if (object.owner == self(execution)) {
        return request.patience.is_none() ? EBUSY : EDEADLK;
    }
    const int error = wait_until_free(execution, object, Waiting::shared_mutex, request,
                                      [&] { return object.owner == SyncObject::no_owner; });
    if (error != 0) {
        return error;
    }
    WEAVE_CHECK((object.count == 0) == (object.readers == 0), object.count);
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
        return object.owner == SyncObject::no_owner && object.count == 0;
    });
    if (error != 0) {
        return error;
    }
    WEAVE_CHECK(object.readers == 0, object.number);
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
        WEAVE_CHECK(object.count == 0, object.count);
        object.owner = SyncObject::no_owner;
        object.released = execution.release();
    } else if (object.count != 0) {
        // A thread may hold several shared locks; the readers are known as a set only, which is
        // empty after the last unlock.
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

}  // namespace

}  // namespace weave

/// Defines a function that locks `lock`, shared or exclusively.
#define WEAVE_RWLOCK(NAME, PARAMETERS, ARGUMENTS, FUNCTION, PATIENCE) \
    WEAVE_ENTRY(NAME, PARAMETERS, ARGUMENTS,                          \
                WEAVE_ASK(FUNCTION, execution.object(lock, SyncKind::shared_mutex, pc), PATIENCE))

extern "C" {

using weave::active;
using weave::endless_patience;
using weave::Execution;
using weave::no_patience;
using weave::patience_until;
using weave::SyncKind;

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
}
