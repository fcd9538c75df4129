// Condition variables: defines pthread_cond_* of the C library, and with them
// std::condition_variable.
//
// A waiter may wake spuriously ([thread.condition.condvar]) or when its time is up, and a
// notification may wake any waiter: the chooser decides.
#include <algorithm>

#include "entry/cancel.h"
#include "entry/mutex.h"

namespace weave {

namespace {

SyncObject& condition_object(Execution& execution, pthread_cond_t* condition, uint32_t pc) {
    return live_object(execution, condition, SyncKind::condition, condition, "a condition variable",
                       pc);
}

bool is_queued(const SyncObject& condition, uint16_t thread) {
    return std::find(condition.queue, condition.queue + condition.queue_length, thread) !=
           condition.queue + condition.queue_length;
}

int wait_for_condition(Execution& execution, pthread_cond_t* condition, pthread_mutex_t* mutex,
                       Patience patience, uint32_t pc, const void* frame) {
    SyncObject& object = condition_object(execution, condition, pc);
    SyncObject& lock = mutex_object(execution, mutex, pc);
    Thread& thread = execution.current();
    // A search through execution graphs decides first whether the wait ends by itself.
    const WaitEnd end = choose_end(execution, patience, /*may_be_spurious=*/true, pc, frame);
    if (end == WaitEnd::by_another) {
        arrive_at(execution, OperationKind::wait, object, pc);
    }
    if (lock.owner != thread.id) {
        execution.fail(Verdict::assertion, pc,
                       "a wait on a condition variable without holding its mutex");
    }
    if (object.queue_length != 0 && object.partner != &lock) {
        execution.fail(Verdict::assertion, pc,
                       "threads wait on one condition variable with two mutexes");
    }
    object.partner = &lock;
    test_cancel(execution);
    const uint32_t depth = lock.depth;
    trace_object(execution, Event::Kind::wait, object, pc);
    if (end == WaitEnd::by_another) {
        join_queue(execution, object);
    }
    if (execution.settings().as_in_graphs) {
        arrive_at(execution, OperationKind::unlock, lock, pc);
    }
    give_back(execution, lock, pc);
    if (end == WaitEnd::by_time) {
        execution.reach_limit(patience.until_ns);
    }
    set_limit(execution, patience, pc, frame);
    thread.has_timed_out = end == WaitEnd::by_time;
    thread.may_wake_spuriously = !execution.settings().as_in_graphs;
    // A notification may have come since.
    if (is_queued(object, thread.id)) {
        execution.wait(Waiting::condition, &object, pc);
    }
    const bool has_timed_out = thread.has_timed_out;
    leave_queue(object, thread.id);
    trace_object(execution, Event::Kind::woken, object, pc, has_timed_out ? 1 : 0);
    if (thread.was_interrupted) {
        handle_signals(execution);
    }
    const int error = lock_mutex(execution, lock, {endless_patience, pc, nullptr});
    if (error != ENOTRECOVERABLE) {
        WEAVE_CHECK(lock.owner == thread.id, lock.owner, thread.id);
        lock.depth = depth;
    }
    test_cancel(execution);
    clear_below();
    return error != 0 ? error : has_timed_out ? ETIMEDOUT : 0;
}

/// Events of notifications have the woken thread's number plus 1 as their value, or this.
constexpr uint64_t every_waiter = UINT64_MAX;

void wake_waiter(Execution& execution, uint16_t thread) {
    if (execution.threads[thread].waiting == Waiting::condition) {
        execution.wake(thread);
    } else {
        // It has not given back its mutex yet, and will not wait.
        execution.wakes_in_graph(thread);
    }
}

void notify(Execution& execution, pthread_cond_t* condition, bool all, uint32_t pc) {
    SyncObject& object = condition_object(execution, condition, pc);
    arrive_at(execution, OperationKind::wake, object, pc);
    execution.side_effect();
    if (object.queue_length == 0) {
        trace_object(execution, Event::Kind::notify, object, pc);
        return;
    }
    if (all) {
        trace_object(execution, Event::Kind::notify, object, pc, every_waiter);
        while (object.queue_length != 0) {
            wake_waiter(execution, object.queue[--object.queue_length]);
        }
        return;
    }
    const unsigned chosen =
        object.queue_length == 1 ? 0 : execution.choose(Alternative::waiter, object.queue_length);
    WEAVE_CHECK(chosen < object.queue_length, chosen, object.queue_length);
    const uint16_t thread = object.queue[chosen];
    trace_object(execution, Event::Kind::notify, object, pc, uint64_t{1} + thread);
    leave_queue(object, thread);
    wake_waiter(execution, thread);
}

}  // namespace

}  // namespace weave

extern "C" {

using weave::active;
using weave::endless_patience;
using weave::Execution;
using weave::patience_until;

WEAVE_ENTRY(pthread_cond_signal, (pthread_cond_t * condition), (condition),
            weave::notify(execution, condition, false, pc);
            return 0;)
WEAVE_ENTRY(pthread_cond_broadcast, (pthread_cond_t * condition), (condition),
            weave::notify(execution, condition, true, pc);
            return 0;)
WEAVE_ENTRY(pthread_cond_init, (pthread_cond_t * condition, const pthread_condattr_t* attributes),
            (condition, attributes),
            weave::initialise_object(execution, condition, weave::SyncKind::condition,
                                     "a condition variable", pc);
            return WEAVE_REAL(pthread_cond_init)(condition, attributes);)
WEAVE_ENTRY(pthread_cond_destroy, (pthread_cond_t * condition), (condition),
            weave::destroy_object(execution, condition, condition, "a condition variable", pc);
            return 0;)

// The waits are not noexcept: a pthread_exit() of the thread leaves them by unwinding.
int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    return active == nullptr ? WEAVE_REAL(pthread_cond_wait)(condition, mutex)
                             : weave::wait_for_condition(*active, condition, mutex,
                                                         endless_patience, WEAVE_PC, nullptr);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
    return active == nullptr
               ? WEAVE_REAL(pthread_cond_timedwait)(condition, mutex, until)
               : weave::wait_for_condition(*active, condition, mutex, patience_until(until),
                                           WEAVE_PC, WEAVE_FRAME);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
    return active == nullptr
               ? WEAVE_REAL(pthread_cond_clockwait)(condition, mutex, clock, until)
               : weave::wait_for_condition(*active, condition, mutex, patience_until(until),
                                           WEAVE_PC, WEAVE_FRAME);
}
}
