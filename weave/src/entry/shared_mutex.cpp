// Reader-writer locks: defines pthread_rwlock_* of the C library, and with them std::shared_mutex.
//
// A reader that waits does not hold back a writer, nor the other way round: POSIX leaves it open
// who is served first, so every order is explored. Only if a program asks for a lock that prefers
// writers (pthread_rwlockattr_setkind_np()) a reader waits while a writer does, as in glibc.
#include "entry/cxx.h"
#include "entry/lock.h"

namespace weave {

namespace {

// As glibc has it in pthread_rwlock_t: what a reader adds to __readers.
constexpr unsigned reader = 8;

/// Begins an object. The main thread may hold it since before main().
void begin_shared(Execution& execution, SyncObject& object, const pthread_rwlock_t& lock) {
    object.shared_by = execution.arena.array<uint16_t>(threads_max);
    std::memset(object.shared_by, 0, threads_max * sizeof *object.shared_by);
    object.prefers_writers = lock.__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
    if (object.prefers_writers) {
        execution.is_beyond_graphs("a lock that prefers writers");
    }
    const unsigned readers = lock.__data.__readers / reader;
    if (lock.__data.__cur_writer != 0) {
        object.owner = 0;
        note_changes(execution, object, execution.threads[0]);
    } else if (readers != 0) {
        object.count = readers;
        object.shared_by[0] = static_cast<uint16_t>(readers);
        object.readers = thread_bit(0);
        note_changes(execution, object, execution.threads[0]);
    }
}

SyncObject& shared_object(Execution& execution, pthread_rwlock_t* lock, uint32_t pc) {
    return live_object(execution, lock, SyncKind::shared_mutex, lock, "a shared mutex", pc,
                       [&](SyncObject& object) { begin_shared(execution, object, *lock); });
}

int init_shared(Execution& execution, pthread_rwlock_t* lock,
                const pthread_rwlockattr_t* attributes, uint32_t pc) {
    SyncObject& object =
        initialise_object(execution, lock, SyncKind::shared_mutex, "a shared mutex", pc);
    const int error = WEAVE_REAL(pthread_rwlock_init)(lock, attributes);
    begin_shared(execution, object, *lock);
    return error;
}

int lock_shared(Execution& execution, SyncObject& object, const Request& request) {
    if (fails_before_lock(execution, request)) {
        return EBUSY;
    }
    request.come(execution, object, Wants::shared);
    request.look_before(execution, object.content);
    if (object.owner == self(execution)) {
        return request.waits() ? EDEADLK : EBUSY;
    }
    if (request.is_of_cxx && object.shared_by[self(execution)] != 0) {
        execution.fail(Verdict::assertion, request.pc,
                       "a shared mutex is locked by a thread that has a shared lock of it already");
    }
    if (fails_at_lock(execution, request)) {
        return EBUSY;
    }
    const int error = wait_until_free(execution, object, Waiting::shared_mutex, request, [&] {
        return object.owner == SyncObject::no_owner &&
               !(object.prefers_writers && object.writers_waiting != 0);
    });
    if (error != 0) {
        return error;
    }
    WEAVE_CHECK((object.count == 0) == (object.readers == 0), object.count);
    object.readers |= thread_bit(self(execution));
    ++object.shared_by[self(execution)];
    ++object.count;
    execution.acquire(object.released);
    note_taken(execution, object, request);
    trace_object(execution, Event::Kind::lock, object, request.pc);
    return 0;
}

int lock_unshared(Execution& execution, SyncObject& object, const Request& request) {
    if (fails_before_lock(execution, request)) {
        return EBUSY;
    }
    request.come(execution, object, Wants::exclusive);
    request.look_before(execution, object.content);
    if (object.owner == self(execution) && request.waits()) {
        return EDEADLK;
    }
    if (fails_at_lock(execution, request)) {
        return EBUSY;
    }
    const bool waits = !request.patience.is_none();
    object.writers_waiting += waits ? 1 : 0;
    const int error = wait_until_free(execution, object, Waiting::shared_mutex, request, [&] {
        return object.owner == SyncObject::no_owner && object.count == 0;
    });
    object.writers_waiting -= waits ? 1 : 0;
    if (error != 0) {
        if (object.prefers_writers) {
            execution.wake_all(object.waiters);
        }
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
    } else if (object.shared_by[self(execution)] != 0) {
        --object.count;
        if (--object.shared_by[self(execution)] == 0) {
            object.readers &= ~thread_bit(self(execution));
        }
        object.released_by_readers =
            merge(execution.arena, object.released_by_readers, execution.release());
    } else {
        execution.fail(Verdict::assertion, pc, "unlock of a shared mutex that %s",
                       object.owner == SyncObject::no_owner && object.count == 0
                           ? "no thread holds"
                           : "another thread holds");
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
                WEAVE_ASK(FUNCTION, weave::shared_object(execution, lock, pc), PATIENCE, false))

/// Defines the function of that name for C++: see cxx.h.
#define WEAVE_CXX_RWLOCK(NAME, FUNCTION, PATIENCE)                                      \
    __attribute__((noinline)) int __weave_cxx_##NAME(pthread_rwlock_t* lock) noexcept { \
        if (active == nullptr) {                                                        \
            return WEAVE_REAL(pthread_##NAME)(lock);                                    \
        }                                                                               \
        Execution& execution = *active;                                                 \
        const uint32_t pc = WEAVE_PC;                                                   \
        weave::SyncObject& object = weave::shared_object(execution, lock, pc);          \
        WEAVE_ASK(FUNCTION, object, PATIENCE, !object.is_initialised)                   \
    }

extern "C" {

using weave::active;
using weave::endless_patience;
using weave::Execution;
using weave::no_patience;
using weave::patience_until;

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
            return weave::unlock_shared_mutex(execution, weave::shared_object(execution, lock, pc),
                                              pc);)
WEAVE_ENTRY(pthread_rwlock_init, (pthread_rwlock_t * lock, const pthread_rwlockattr_t* attributes),
            (lock, attributes), return weave::init_shared(execution, lock, attributes, pc);)
WEAVE_ENTRY(pthread_rwlock_destroy, (pthread_rwlock_t * lock), (lock),
            weave::destroy_object(execution, lock, lock, "a shared mutex", pc);
            return 0;)
WEAVE_CXX_RWLOCK(rwlock_rdlock, lock_shared, endless_patience)
WEAVE_CXX_RWLOCK(rwlock_tryrdlock, lock_shared, no_patience)
WEAVE_CXX_RWLOCK(rwlock_trywrlock, lock_unshared, no_patience)
}
