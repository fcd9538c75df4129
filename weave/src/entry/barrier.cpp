// Barriers: defines pthread_barrier_* of the C library. std::barrier is built from atomic
// operations.
#include "entry/lock.h"

namespace weave {

namespace {

// As glibc has it in pthread_barrier_t: the third word is the number of threads. The last word is
// free for a mark.
constexpr unsigned count_word = 2;
constexpr unsigned mark_word = sizeof(pthread_barrier_t) / sizeof(uint32_t) - 1;
constexpr uint32_t initialised = 0x5eed'5678;

uint32_t* words_of(pthread_barrier_t* barrier) { return reinterpret_cast<uint32_t*>(barrier); }

/// The object of a barrier, which may have been initialised before main().
SyncObject& barrier_object(Execution& execution, pthread_barrier_t* barrier, uint32_t pc) {
    const uint32_t* const words = words_of(barrier);
    return live_object(execution, barrier, SyncKind::barrier, &words[mark_word], "a barrier", pc,
                       [&](SyncObject& object) {
                           if (words[mark_word] != initialised) {
                               execution.fail(Verdict::assertion, pc,
                                              "a barrier is used before its initialisation");
                           }
                           object.limit = words[count_word];
                       });
}

int wait_at_barrier(Execution& execution, SyncObject& object, uint32_t pc) {
    arrive_at(execution, OperationKind::wait, object, pc);
    WEAVE_CHECK(object.count < object.limit, object.count, object.limit);
    object.released = merge(execution.arena, object.released, execution.release());
    execution.side_effect();
    trace_object(execution, Event::Kind::arrive, object, pc, object.count + 1);
    if (++object.count == object.limit) {
        object.count = 0;
        ++object.depth;
        object.released_by_readers = object.released;
        execution.wake_all(object.waiters);
        execution.acquire(object.released);
        return PTHREAD_BARRIER_SERIAL_THREAD;
    }
    // The depth counts the rounds: a signal may interrupt the wait.
    for (const uint32_t round = object.depth; object.depth == round;) {
        wait_again(execution, object, Waiting::barrier, endless_patience, pc, nullptr);
    }
    execution.acquire(object.released_by_readers);
    return 0;
}

}  // namespace

}  // namespace weave

extern "C" {

using weave::active;
using weave::Execution;
using weave::SyncKind;

int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                         unsigned count) noexcept {
    const int error = WEAVE_REAL(pthread_barrier_init)(barrier, attributes, count);
    if (error != 0) {
        return error;
    }
    if (active != nullptr) {
        weave::initialise_object(*active, barrier, SyncKind::barrier, "a barrier", WEAVE_PC).limit =
            count;
    }
    weave::words_of(barrier)[weave::mark_word] = weave::initialised;
    return 0;
}

WEAVE_ENTRY(pthread_barrier_wait, (pthread_barrier_t * barrier), (barrier),
            return weave::wait_at_barrier(execution, weave::barrier_object(execution, barrier, pc),
                                          pc);)
WEAVE_ENTRY(pthread_barrier_destroy, (pthread_barrier_t * barrier), (barrier),
            weave::destroy_object(execution, barrier, &weave::words_of(barrier)[weave::mark_word],
                                  "a barrier", pc);
            return 0;)
}
