// Locks and what is built like them: pthread mutexes, shared mutexes, condition variables,
// semaphores, barriers, spin locks.
//
// An object is known by its address; its own bytes are read only for what a static initialiser
// says. A lock that is taken or given back wrongly is an `assertion`.
#include <pthread.h>
#include <semaphore.h>

#include <cerrno>
#include <ctime>

#include "execution.h"
#include "real.h"

namespace weave {

namespace {

uint8_t self(Execution& execution) { return execution.current().id; }

void trace_object(Execution& execution, Event::Kind kind, const SyncObject& object, uint32_t pc) {
    if (execution.is_traced()) {
        Event event{};
        event.kind = kind;
        event.object = object.number;
        event.pc = pc;
        execution.trace(event);
    }
}

/// How long a wait may take.
enum class Patience { none, limited, endless };

/// Waits for the next chance to look again. False when the time is up.
bool wait_again(Execution& execution, SyncObject& object, Waiting waiting, Patience patience,
                uint32_t pc) {
    Thread& thread = execution.current();
    object.waiters |= Execution::bit(thread.id);
    thread.may_time_out = patience == Patience::limited;
    execution.wait(waiting, pc);
    object.waiters &= ~Execution::bit(thread.id);
    return !thread.has_timed_out;
}

// ----- mutexes -----------------------------------------------------------------------------------

SyncObject& mutex_object(Execution& execution, pthread_mutex_t* mutex) {
    SyncObject& object = execution.object(mutex, SyncKind::mutex);
    const int kind = mutex->__data.__kind & 3;
    object.is_recursive = kind == PTHREAD_MUTEX_RECURSIVE;
    object.is_error_checking = kind == PTHREAD_MUTEX_ERRORCHECK;
    return object;
}

int lock_mutex(Execution& execution, SyncObject& object, Patience patience, uint32_t pc) {
    execution.choice_point(OperationKind::lock, object.number);
    if (object.owner == self(execution)) {
        if (object.is_recursive) {
            ++object.depth;
            trace_object(execution, Event::Kind::lock, object, pc);
            return 0;
        }
        if (object.is_error_checking) {
            return patience == Patience::none ? EBUSY : EDEADLK;
        }
    }
    while (object.owner != SyncObject::nobody) {
        if (patience == Patience::none) {
            trace_object(execution, Event::Kind::try_lock_failed, object, pc);
            return EBUSY;
        }
        if (!wait_again(execution, object, Waiting::mutex, patience, pc)) {
            return ETIMEDOUT;
        }
    }
    object.owner = self(execution);
    object.depth = 1;
    object.taken_pc = pc;
    execution.acquire(object.released);
    execution.side_effect();
    trace_object(execution, Event::Kind::lock, object, pc);
    return 0;
}

void give_back(Execution& execution, SyncObject& object, uint32_t pc) {
    object.depth = 0;
    object.owner = SyncObject::nobody;
    object.released = execution.release();
    execution.wake_all(object.waiters);
    trace_object(execution, Event::Kind::unlock, object, pc);
}

int unlock_mutex(Execution& execution, SyncObject& object, uint32_t pc) {
    execution.choice_point(OperationKind::unlock, object.number);
    if (object.owner != self(execution)) {
        if (object.is_error_checking || object.is_recursive) {
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

void destroy_object(Execution& execution, const void* address, SyncKind kind, const char* what,
                    uint32_t pc) {
    Cell* const cell = execution.cell_if_touched(reinterpret_cast<uintptr_t>(address));
    if (cell == nullptr || cell->object == nullptr || cell->object->kind != kind) {
        return;
    }
    if (cell->object->owner != SyncObject::nobody || cell->object->readers != 0) {
        execution.fail(Verdict::assertion, pc, "%s is destroyed while it is held", what);
    }
    cell->object = nullptr;
}

// ----- shared mutexes ----------------------------------------------------------------------------

int lock_shared(Execution& execution, SyncObject& object, Patience patience, uint32_t pc) {
    execution.choice_point(OperationKind::lock, object.number);
    if (object.owner == self(execution)) {
        return patience == Patience::none ? EBUSY : EDEADLK;
    }
    while (object.owner != SyncObject::nobody) {
        if (patience == Patience::none) {
            return EBUSY;
        }
        if (!wait_again(execution, object, Waiting::shared_mutex, patience, pc)) {
            return ETIMEDOUT;
        }
    }
    object.readers |= Execution::bit(self(execution));
    ++object.count;
    execution.acquire(object.released);
    execution.side_effect();
    trace_object(execution, Event::Kind::lock, object, pc);
    return 0;
}

int lock_unshared(Execution& execution, SyncObject& object, Patience patience, uint32_t pc) {
    execution.choice_point(OperationKind::lock, object.number);
    if (object.owner == self(execution) && patience != Patience::none) {
        return EDEADLK;
    }
    while (object.owner != SyncObject::nobody || object.count != 0) {
        if (patience == Patience::none) {
            return EBUSY;
        }
        if (!wait_again(execution, object, Waiting::shared_mutex, patience, pc)) {
            return ETIMEDOUT;
        }
    }
    object.owner = self(execution);
    execution.acquire(object.released);
    execution.acquire(object.released_by_readers);
    execution.side_effect();
    trace_object(execution, Event::Kind::lock, object, pc);
    return 0;
}

int unlock_shared_mutex(Execution& execution, SyncObject& object, uint32_t pc) {
    execution.choice_point(OperationKind::unlock, object.number);
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
    execution.wake_all(object.waiters);
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
                       bool is_timed, uint32_t pc) {
    SyncObject& object = execution.object(condition, SyncKind::condition);
    SyncObject& lock = mutex_object(execution, mutex);
    Thread& thread = execution.current();
    execution.choice_point(OperationKind::wait, object.number);
    if (lock.owner != thread.id) {
        execution.fail(Verdict::assertion, pc,
                       "a wait on a condition variable without holding its mutex");
    }
    const uint32_t depth = lock.depth;
    trace_object(execution, Event::Kind::wait, object, pc);
    object.queue[object.queue_length++] = thread.id;
    give_back(execution, lock, pc);
    thread.may_time_out = is_timed;
    thread.may_wake_spuriously = !is_timed;
    execution.wait(Waiting::condition, pc);
    const bool has_timed_out = thread.has_timed_out;
    leave_queue(object, thread.id);
    trace_object(execution, Event::Kind::woken, object, pc);
    lock_mutex(execution, lock, Patience::endless, pc);
    lock.depth = depth;
    return has_timed_out ? ETIMEDOUT : 0;
}

void notify(Execution& execution, pthread_cond_t* condition, bool all, uint32_t pc) {
    SyncObject& object = execution.object(condition, SyncKind::condition);
    execution.choice_point(OperationKind::wake, object.number);
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

int wait_for_semaphore(Execution& execution, SyncObject& object, Patience patience, uint32_t pc) {
    execution.choice_point(OperationKind::lock, object.number);
    while (object.count == 0) {
        if (patience == Patience::none) {
            errno = EAGAIN;
            return -1;
        }
        if (!wait_again(execution, object, Waiting::semaphore, patience, pc)) {
            errno = ETIMEDOUT;
            return -1;
        }
    }
    --object.count;
    execution.acquire(object.released);
    execution.side_effect();
    return 0;
}

int wait_at_barrier(Execution& execution, SyncObject& object, uint32_t pc) {
    execution.choice_point(OperationKind::wait, object.number);
    object.released = merge(execution.arena, object.released, execution.release());
    if (++object.count == object.limit) {
        object.count = 0;
        object.released_by_readers = object.released;
        execution.wake_all(object.waiters);
        execution.acquire(object.released);
        return PTHREAD_BARRIER_SERIAL_THREAD;
    }
    wait_again(execution, object, Waiting::barrier, Patience::endless, pc);
    execution.acquire(object.released_by_readers);
    return 0;
}

}  // namespace

}  // namespace weave

#define WEAVE_PC weave::pc_of(__builtin_return_address(0))

extern "C" {

using weave::active;
using weave::Patience;
using weave::SyncKind;

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
    return active == nullptr ? WEAVE_REAL(pthread_mutex_lock)(mutex)
                             : weave::lock_mutex(*active, weave::mutex_object(*active, mutex),
                                                 Patience::endless, WEAVE_PC);
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
    return active == nullptr ? WEAVE_REAL(pthread_mutex_trylock)(mutex)
                             : weave::lock_mutex(*active, weave::mutex_object(*active, mutex),
                                                 Patience::none, WEAVE_PC);
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) noexcept {
    return active == nullptr ? WEAVE_REAL(pthread_mutex_timedlock)(mutex, until)
                             : weave::lock_mutex(*active, weave::mutex_object(*active, mutex),
                                                 Patience::limited, WEAVE_PC);
}

int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                            const timespec* until) noexcept {
    return active == nullptr ? WEAVE_REAL(pthread_mutex_clocklock)(mutex, clock, until)
                             : weave::lock_mutex(*active, weave::mutex_object(*active, mutex),
                                                 Patience::limited, WEAVE_PC);
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_mutex_unlock)(mutex)
               : weave::unlock_mutex(*active, weave::mutex_object(*active, mutex), WEAVE_PC);
}

int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_mutex_destroy)(mutex);
    }
    weave::destroy_object(*active, mutex, SyncKind::mutex, "a mutex", WEAVE_PC);
    return 0;
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_rwlock_rdlock)(lock)
               : weave::lock_shared(*active, active->object(lock, SyncKind::shared_mutex),
                                    Patience::endless, WEAVE_PC);
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_rwlock_tryrdlock)(lock)
               : weave::lock_shared(*active, active->object(lock, SyncKind::shared_mutex),
                                    Patience::none, WEAVE_PC);
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock, const timespec* until) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_rwlock_timedrdlock)(lock, until)
               : weave::lock_shared(*active, active->object(lock, SyncKind::shared_mutex),
                                    Patience::limited, WEAVE_PC);
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock,
                               const timespec* until) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_rwlock_clockrdlock)(lock, clock, until)
               : weave::lock_shared(*active, active->object(lock, SyncKind::shared_mutex),
                                    Patience::limited, WEAVE_PC);
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_rwlock_wrlock)(lock)
               : weave::lock_unshared(*active, active->object(lock, SyncKind::shared_mutex),
                                      Patience::endless, WEAVE_PC);
}

int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_rwlock_trywrlock)(lock)
               : weave::lock_unshared(*active, active->object(lock, SyncKind::shared_mutex),
                                      Patience::none, WEAVE_PC);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock, const timespec* until) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_rwlock_timedwrlock)(lock, until)
               : weave::lock_unshared(*active, active->object(lock, SyncKind::shared_mutex),
                                      Patience::limited, WEAVE_PC);
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock,
                               const timespec* until) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_rwlock_clockwrlock)(lock, clock, until)
               : weave::lock_unshared(*active, active->object(lock, SyncKind::shared_mutex),
                                      Patience::limited, WEAVE_PC);
}

int pthread_rwlock_unlock(pthread_rwlock_t* lock) noexcept {
    return active == nullptr ? WEAVE_REAL(pthread_rwlock_unlock)(lock)
                             : weave::unlock_shared_mutex(
                                   *active, active->object(lock, SyncKind::shared_mutex), WEAVE_PC);
}

int pthread_rwlock_destroy(pthread_rwlock_t* lock) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_rwlock_destroy)(lock);
    }
    weave::destroy_object(*active, lock, SyncKind::shared_mutex, "a shared mutex", WEAVE_PC);
    return 0;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    return active == nullptr
               ? WEAVE_REAL(pthread_cond_wait)(condition, mutex)
               : weave::wait_for_condition(*active, condition, mutex, false, WEAVE_PC);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
    return active == nullptr ? WEAVE_REAL(pthread_cond_timedwait)(condition, mutex, until)
                             : weave::wait_for_condition(*active, condition, mutex, true, WEAVE_PC);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
    return active == nullptr ? WEAVE_REAL(pthread_cond_clockwait)(condition, mutex, clock, until)
                             : weave::wait_for_condition(*active, condition, mutex, true, WEAVE_PC);
}

int pthread_cond_signal(pthread_cond_t* condition) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_cond_signal)(condition);
    }
    weave::notify(*active, condition, false, WEAVE_PC);
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_cond_broadcast)(condition);
    }
    weave::notify(*active, condition, true, WEAVE_PC);
    return 0;
}

int pthread_cond_destroy(pthread_cond_t* condition) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_cond_destroy)(condition);
    }
    weave::Cell* const cell = active->cell_if_touched(reinterpret_cast<uintptr_t>(condition));
    if (cell != nullptr && cell->object != nullptr && cell->object->queue_length != 0) {
        active->fail(weave::Verdict::assertion, WEAVE_PC,
                     "a condition variable is destroyed while a thread waits on it");
    }
    return 0;
}

int sem_init(sem_t* semaphore, int shared, unsigned value) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(sem_init)(semaphore, shared, value);
    }
    active->object(semaphore, SyncKind::semaphore).count = value;
    return 0;
}

int sem_post(sem_t* semaphore) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(sem_post)(semaphore);
    }
    weave::SyncObject& object = active->object(semaphore, SyncKind::semaphore);
    active->choice_point(weave::OperationKind::unlock, object.number);
    ++object.count;
    object.released = weave::merge(active->arena, object.released, active->release());
    active->wake_all(object.waiters);
    return 0;
}

int sem_wait(sem_t* semaphore) {
    return active == nullptr
               ? WEAVE_REAL(sem_wait)(semaphore)
               : weave::wait_for_semaphore(*active, active->object(semaphore, SyncKind::semaphore),
                                           Patience::endless, WEAVE_PC);
}

int sem_trywait(sem_t* semaphore) noexcept {
    return active == nullptr
               ? WEAVE_REAL(sem_trywait)(semaphore)
               : weave::wait_for_semaphore(*active, active->object(semaphore, SyncKind::semaphore),
                                           Patience::none, WEAVE_PC);
}

int sem_timedwait(sem_t* semaphore, const timespec* until) {
    return active == nullptr
               ? WEAVE_REAL(sem_timedwait)(semaphore, until)
               : weave::wait_for_semaphore(*active, active->object(semaphore, SyncKind::semaphore),
                                           Patience::limited, WEAVE_PC);
}

int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                         unsigned count) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_barrier_init)(barrier, attributes, count);
    }
    active->object(barrier, SyncKind::barrier).limit = count;
    return count == 0 ? EINVAL : 0;
}

int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
    return active == nullptr ? WEAVE_REAL(pthread_barrier_wait)(barrier)
                             : weave::wait_at_barrier(
                                   *active, active->object(barrier, SyncKind::barrier), WEAVE_PC);
}

int pthread_barrier_destroy(pthread_barrier_t* barrier) noexcept {
    return active == nullptr ? WEAVE_REAL(pthread_barrier_destroy)(barrier) : 0;
}

int pthread_spin_lock(pthread_spinlock_t* lock) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_spin_lock)(lock)
               : weave::lock_mutex(*active, active->object(const_cast<int*>(lock), SyncKind::mutex),
                                   Patience::endless, WEAVE_PC);
}

int pthread_spin_trylock(pthread_spinlock_t* lock) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_spin_trylock)(lock)
               : weave::lock_mutex(*active, active->object(const_cast<int*>(lock), SyncKind::mutex),
                                   Patience::none, WEAVE_PC);
}

int pthread_spin_unlock(pthread_spinlock_t* lock) noexcept {
    return active == nullptr
               ? WEAVE_REAL(pthread_spin_unlock)(lock)
               : weave::unlock_mutex(
                     *active, active->object(const_cast<int*>(lock), SyncKind::mutex), WEAVE_PC);
}
}
