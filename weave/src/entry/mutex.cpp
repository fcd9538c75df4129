// Mutexes and spin locks: defines pthread_mutex_* and pthread_spin_* of the C library, so that
// std::mutex, std::recursive_mutex and std::timed_mutex are modelled too.
#include "entry/mutex.h"

#include <pthread.h>

#include <cerrno>

#include "entry/cxx.h"

namespace weave {

namespace {

// As glibc has it in pthread_mutex_t.
constexpr int kind_mask = 3;
constexpr int robust_bit = 16;

/// The robust mutexes of an execution.
struct RobustMutexes {
    uint32_t execution;
    SyncObject* first;
};
RobustMutexes robust_mutexes{};

void add_robust(Execution& execution, SyncObject& object) {
    if (robust_mutexes.execution != execution.number()) {
        robust_mutexes = {execution.number(), nullptr};
    }
    object.next_robust = robust_mutexes.first;
    robust_mutexes.first = &object;
}

/// Takes over what the program has done with a mutex before its main(): the main thread may hold
/// it.
void begin_mutex(Execution& execution, SyncObject& object, const pthread_mutex_t& mutex) {
    object.is_robust = (mutex.__data.__kind & robust_bit) != 0;
    if (object.is_robust) {
        add_robust(execution, object);
    }
    if (mutex.__data.__lock != 0) {
        object.owner = 0;
        object.depth = mutex.__data.__count == 0 ? 1 : mutex.__data.__count;
        note_changes(execution, object, execution.threads[0]);
    }
}

}  // namespace

SyncObject& mutex_object(Execution& execution, pthread_mutex_t* mutex, uint32_t pc) {
    SyncObject& object =
        live_object(execution, mutex, SyncKind::mutex, &mutex->__data.__kind, "a mutex", pc,
                    // NOLINTNEXTLINE(misc-non-copyable-objects): a reference.
                    [&](SyncObject& made) { begin_mutex(execution, made, *mutex); });
    const int kind = mutex->__data.__kind & kind_mask;
    object.is_recursive = kind == PTHREAD_MUTEX_RECURSIVE;
    object.is_error_checking = kind == PTHREAD_MUTEX_ERRORCHECK;
    return object;
}

void leave_robust_mutexes(Execution& execution) {
    if (robust_mutexes.execution != execution.number()) {
        return;
    }
    for (SyncObject* object = robust_mutexes.first; object != nullptr;
         object = object->next_robust) {
        if (object->owner == self(execution)) {
            execution.choice_point_of(OperationKind::unlock, *object, Wants::nothing);
            object->is_inconsistent = true;
            execution.side_effect();
            give_back(execution, *object, 0);
        }
    }
}

int lock_mutex(Execution& execution, SyncObject& object, const Request& request) {
    // [thread.mutex.recursive] lets the owner's try_lock() fail too; no library does that.
    const bool is_taken_again = object.is_recursive && object.owner == self(execution);
    if (!is_taken_again && fails_before_lock(execution, request)) {
        trace_object(execution, Event::Kind::try_lock_failed, object, request.pc, 1);
        return EBUSY;
    }
    request.come(execution, object, Wants::exclusive);
    request.look_before(execution, object.content);
    if (object.is_lost) {
        return ENOTRECOVERABLE;
    }
    if (!is_taken_again && fails_at_lock(execution, request)) {
        trace_object(execution, Event::Kind::try_lock_failed, object, request.pc, 1);
        return EBUSY;
    }
    if (object.owner == self(execution)) {
        WEAVE_CHECK(object.depth != 0, object.number);
        if (object.is_recursive) {
            ++object.depth;
            trace_object(execution, Event::Kind::lock, object, request.pc);
            return 0;
        }
        if (object.is_error_checking) {
            return request.waits() ? EDEADLK : EBUSY;
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
    if (object.is_lost) {
        return ENOTRECOVERABLE;
    }
    WEAVE_CHECK(object.owner == SyncObject::no_owner && object.depth == 0, object.owner,
                object.depth);
    object.owner = self(execution);
    object.depth = 1;
    object.taken_pc = request.pc;
    execution.acquire(object.released);
    note_taken(execution, object, request);
    trace_object(execution, Event::Kind::lock, object, request.pc);
    return object.is_inconsistent ? EOWNERDEAD : 0;
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
        if (object.is_inconsistent) {
            object.is_lost = true;
            execution.side_effect();
        }
        give_back(execution, object, pc);
    }
    return 0;
}

namespace {

/// The object of a spin lock.
SyncObject& spin_object(Execution& execution, pthread_spinlock_t* lock, uint32_t pc) {
    int* const word = const_cast<int*>(lock);
    return live_object(execution, word, SyncKind::mutex, word, "a spin lock", pc);
}

int make_consistent(Execution& execution, SyncObject& object) {
    if (!object.is_robust || !object.is_inconsistent || object.owner != self(execution)) {
        return EINVAL;
    }
    object.is_inconsistent = false;
    execution.side_effect();
    return 0;
}

}  // namespace

}  // namespace weave

/// Defines a function that locks `mutex`.
#define WEAVE_MUTEX(NAME, PARAMETERS, ARGUMENTS, PATIENCE) \
    WEAVE_ENTRY(NAME, PARAMETERS, ARGUMENTS,               \
                WEAVE_ASK(lock_mutex, weave::mutex_object(execution, mutex, pc), PATIENCE, false))

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
WEAVE_ENTRY(pthread_mutex_consistent, (pthread_mutex_t * mutex), (mutex),
            return weave::make_consistent(execution, weave::mutex_object(execution, mutex, pc));)
WEAVE_ENTRY(pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t* attributes),
            (mutex, attributes),
            weave::SyncObject& object = weave::initialise_object(execution, mutex, SyncKind::mutex,
                                                                 "a mutex", pc);
            const int error = WEAVE_REAL(pthread_mutex_init)(mutex, attributes);
            // NOLINTNEXTLINE(misc-non-copyable-objects): a reference.
            weave::begin_mutex(execution, object, *mutex); return error;)
WEAVE_ENTRY(pthread_mutex_destroy, (pthread_mutex_t * mutex), (mutex),
            weave::destroy_object(execution, mutex, &mutex->__data.__kind, "a mutex", pc);
            return 0;)

// std::mutex::try_lock(): see cxx.h.
__attribute__((noinline)) int __weave_cxx_mutex_trylock(pthread_mutex_t* mutex) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_mutex_trylock)(mutex);
    }
    Execution& execution = *active;
    const uint32_t pc = WEAVE_PC;
    weave::SyncObject& object = weave::mutex_object(execution, mutex, pc);
    WEAVE_ASK(lock_mutex, object, no_patience, !object.is_initialised)
}

__attribute__((noinline)) int __weave_c11_mutex_trylock(pthread_mutex_t* mutex) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_mutex_trylock)(mutex);
    }
    Execution& execution = *active;
    const uint32_t pc = WEAVE_PC;
    WEAVE_ASK(lock_mutex, weave::mutex_object(execution, mutex, pc), no_patience, true)
}

// A spin lock is modelled as a mutex that waits: how it waits makes no difference to the outcomes.

WEAVE_ENTRY(pthread_spin_init, (pthread_spinlock_t * lock, int shared), (lock, shared),
            weave::initialise_object(execution, const_cast<int*>(lock), SyncKind::mutex,
                                     "a spin lock", pc);
            return WEAVE_REAL(pthread_spin_init)(lock, shared);)
WEAVE_ENTRY(pthread_spin_destroy, (pthread_spinlock_t * lock), (lock),
            weave::destroy_object(execution, const_cast<int*>(lock), const_cast<int*>(lock),
                                  "a spin lock", pc);
            return 0;)
WEAVE_ENTRY(pthread_spin_lock, (pthread_spinlock_t * lock), (lock),
            WEAVE_ASK(lock_mutex, weave::spin_object(execution, lock, pc), endless_patience, false))
WEAVE_ENTRY(pthread_spin_trylock, (pthread_spinlock_t * lock), (lock),
            WEAVE_ASK(lock_mutex, weave::spin_object(execution, lock, pc), no_patience, false))
WEAVE_ENTRY(pthread_spin_unlock, (pthread_spinlock_t * lock), (lock),
            return weave::unlock_mutex(execution, weave::spin_object(execution, lock, pc), pc);)
}
