// Semaphores: defines sem_* of the C library.
#include <semaphore.h>

#include "entry/lock.h"

namespace weave {

namespace {

/// The object of a semaphore. If the semaphore was initialised before the execution began, its
/// count is the first word of the sem_t, as glibc has it.
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
    WEAVE_CHECK(object.count != 0, object.number);
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

}  // namespace

}  // namespace weave

/// Defines a function that waits for `semaphore`.
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
}
