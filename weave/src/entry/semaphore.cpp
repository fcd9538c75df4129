// Semaphores: defines sem_* of the C library.
#include <semaphore.h>

#include "entry/cancel.h"
#include "entry/lock.h"

namespace weave {

namespace {

constexpr uint32_t initialised = 0x5eed'1234;

/// The last word of a sem_t, which glibc does not use: it says whether the semaphore is initialised
/// or destroyed.
uint32_t* mark_of(sem_t* semaphore) {
    return reinterpret_cast<uint32_t*>(reinterpret_cast<char*>(semaphore) + sizeof *semaphore) - 1;
}

/// The object of a semaphore. If the semaphore was initialised before the execution began, its
/// count is the first word of the sem_t, as glibc has it.
SyncObject& semaphore_object(Execution& execution, sem_t* semaphore, uint32_t pc) {
    return live_object(execution, semaphore, SyncKind::semaphore, mark_of(semaphore), "a semaphore",
                       pc, [&](SyncObject& object) {
                           if (*mark_of(semaphore) != initialised) {
                               execution.fail(Verdict::assertion, pc,
                                              "a semaphore is used before its initialisation");
                           }
                           object.count = *reinterpret_cast<const uint32_t*>(semaphore);
                       });
}

/// A wait is a cancellation point; sem_trywait() is none.
void test_cancel_of(Execution& execution, const Request& request) {
    if (request.waits()) {
        test_cancel(execution);
    }
}

int wait_for_semaphore(Execution& execution, SyncObject& object, const Request& request) {
    arrive_at(execution, OperationKind::lock, object, request.pc, request.needs(Wants::exclusive));
    const int error = wait_until_free(execution, object, Waiting::semaphore, request, [&] {
        test_cancel_of(execution, request);
        return object.count != 0;
    });
    if (error != 0) {
        errno = error == EBUSY ? EAGAIN : error;
        return -1;
    }
    WEAVE_CHECK(object.count != 0, object.number);
    --object.count;
    trace_object(execution, Event::Kind::take, object, request.pc, object.count);
    execution.acquire(object.released);
    execution.side_effect();
    return 0;
}

int post_to_semaphore(Execution& execution, SyncObject& object, uint32_t pc) {
    arrive_at(execution, OperationKind::unlock, object, pc);
    ++object.count;
    trace_object(execution, Event::Kind::post, object, pc, object.count);
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
                             weave::semaphore_object(execution, semaphore, pc), PATIENCE, false))

extern "C" {

using weave::active;
using weave::endless_patience;
using weave::Execution;
using weave::no_patience;
using weave::patience_until;
using weave::SyncKind;

int sem_init(sem_t* semaphore, int shared, unsigned value) noexcept {
    if (active != nullptr) {
        weave::initialise_object(*active, semaphore, SyncKind::semaphore, "a semaphore", WEAVE_PC)
            .count = value;
    }
    *weave::mark_of(semaphore) = weave::initialised;
    return WEAVE_REAL(sem_init)(semaphore, shared, value);
}

WEAVE_ENTRY(sem_destroy, (sem_t * semaphore), (semaphore),
            weave::destroy_object(execution, semaphore, weave::mark_of(semaphore), "a semaphore",
                                  pc);
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
