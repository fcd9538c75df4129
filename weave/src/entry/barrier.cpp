// Barriers: defines pthread_barrier_* of the C library. std::barrier is built from atomic
// operations.
#include "entry/lock.h"

namespace weave {

namespace {

int wait_at_barrier(Execution& execution, SyncObject& object, uint32_t pc) {
    arrive_at(execution, OperationKind::wait, object, pc);
    // The limit is 0 if the barrier was initialised before the execution began.
    WEAVE_CHECK(object.limit == 0 || object.count < object.limit, object.count, object.limit);
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

extern "C" {

using weave::active;
using weave::Execution;
using weave::SyncKind;

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
}
