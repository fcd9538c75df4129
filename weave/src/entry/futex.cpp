// Futexes: defines syscall() of the C library, of which it models SYS_futex, SYS_membarrier and
// SYS_gettid, and gettid(). std::atomic's wait() and notify are futexes in libstdc++; for libc++
// this replaces the functions that they call.
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

#include "entry/lock.h"
#include "graph/graph_search.h"
#include "model/atomic.h"

namespace weave {

namespace {

/// The word that a futex holds, and the store that it is from if that is known.
struct Word {
    uint32_t value;
    const Store* store;
};

void trace_wait(Execution& execution, const SyncObject& object, WaitBegin begin, const Store* store,
                uint32_t pc) {
    if (!execution.timeline.is_traced()) {
        return;
    }
    Event event{};
    event.kind = Event::Kind::wait;
    event.object = object.number;
    event.address = object.address;
    event.value = static_cast<uint64_t>(begin);
    event.pc = pc;
    if (store != nullptr) {
        event.writer = store->writer;
        event.read_step = store->step;
    }
    execution.trace(event);
}

/// The kernel reads the newest value, without ordering anything.
Word read_word(Execution& execution, const uint32_t* word) {
    const auto address = reinterpret_cast<uintptr_t>(word);
    const Location* location = execution.cells.at(address).location;
    while (location != nullptr && location->address != address) {
        location = location->next;
    }
    return {*word, location == nullptr ? nullptr : location->newest};
}

/// The same for a search through execution graphs, where this is an event.
Word read_word_in_graph(Execution& execution, const uint32_t* word, uint32_t expected, Needs needs,
                        bool is_last) {
    GraphSearch* const graph = execution.graph();
    if (graph == nullptr) {
        return read_word(execution, word);
    }
    const auto address = reinterpret_cast<uintptr_t>(word);
    const Location& location =
        find_location(execution, execution.cells.at(address), address, sizeof *word);
    if (read_bytes(address, sizeof *word) != location.newest->value) {
        graph->meets("a futex that is not an atomic object");
    }
    const Store* const store = graph->look_at_newest(location, Value{expected, 0}, needs, is_last);
    return {*word, store};
}

/// How a wait begins. `needs` is what has to be so in a search through execution graphs.
struct Plan {
    bool sleeps;  ///< if the word is as expected
    bool ends_by_limit;
    Needs needs;
};

/// A search through execution graphs decides before a wait looks at the word whether it sleeps: see
/// SEARCH.md.
Plan plan_wait(Execution& execution, Patience patience, uint32_t pc, const void* frame) {
    const Thread& thread = execution.current();
    execution.choice_point(OperationKind::yield, 0);
    if (execution.choose(Alternative::sleep, 2) == 0) {
        const bool may_end = execution.settings().spurious_wakeups && !thread.was_woken_spuriously;
        return {false, false, may_end ? Needs::nothing : Needs::another};
    }
    const bool ends_by_limit =
        choose_end(execution, patience, /*may_be_spurious=*/false, pc, frame) == WaitEnd::by_time;
    return {!ends_by_limit, ends_by_limit, Needs::expected};
}

/// Waits in a queue. Returns 0, or -1 with errno EINTR or ETIMEDOUT.
long sleep_on_futex(Execution& execution, SyncObject& object, Patience patience, uint32_t pc,
                    const void* frame) {
    Thread& thread = execution.current();
    join_queue(execution, object);
    set_limit(execution, patience, pc, frame);
    thread.may_wake_spuriously = !execution.settings().as_in_graphs;
    execution.wait(Waiting::futex, &object, pc);
    leave_queue(object, thread.id);
    trace_object(execution, Event::Kind::woken, object, pc, thread.has_timed_out ? 1 : 0);
    if (thread.was_interrupted) {
        handle_signals(execution);
        errno = EINTR;
        return -1;
    }
    if (thread.has_timed_out) {
        // A change, so that the caller's loop is not taken for one that only repeats itself; but no
        // side effect, because no other thread can see it.
        thread.note_private_change();
        errno = ETIMEDOUT;
        return -1;
    }
    thread.spin_count = 0;
    return 0;
}

/// wait_for_futex() in a search through execution graphs.
long wait_in_graph(Execution& execution, const uint32_t* word, uint32_t expected, Patience patience,
                   uint32_t pc, const void* frame) {
    const Plan plan = plan_wait(execution, patience, pc, frame);
    const auto address = reinterpret_cast<uintptr_t>(word);
    execution.choice_point_of_futex(OperationKind::wait, address, plan.sleeps);
    SyncObject& object = execution.object(word, SyncKind::futex, pc);
    Thread& thread = execution.current();
    const bool is_last = plan.needs == Needs::nothing && *word == expected;
    const Word held = read_word_in_graph(execution, word, expected, plan.needs, is_last);
    const bool is_expected = held.value == expected;
    if ((plan.needs == Needs::expected && !is_expected) ||
        (plan.needs == Needs::another && is_expected)) {
        give_up_in_graph(execution);
    }
    if (!is_expected) {
        trace_wait(execution, object, WaitBegin::has_changed, held.store, pc);
        errno = EAGAIN;
        return -1;
    }
    if (plan.ends_by_limit) {
        trace_wait(execution, object, WaitBegin::ends_by_limit, held.store, pc);
        execution.reach_limit(patience.until_ns);
        thread.note_private_change();
        errno = ETIMEDOUT;
        return -1;
    }
    if (!plan.sleeps) {
        trace_wait(execution, object, WaitBegin::ends_for_no_reason, held.store, pc);
        thread.was_woken_spuriously = true;
        thread.spin_count = 0;
        return 0;
    }
    trace_wait(execution, object, WaitBegin::sleeps, held.store, pc);
    return sleep_on_futex(execution, object, endless_patience, pc, frame);
}

/// Waits like FUTEX_WAIT. Returns 0, or -1 with errno EAGAIN, EINTR or ETIMEDOUT.
long wait_for_futex(Execution& execution, const uint32_t* word, uint32_t expected,
                    Patience patience, uint32_t pc, const void* frame) {
    if (execution.settings().as_in_graphs) {
        return wait_in_graph(execution, word, expected, patience, pc, frame);
    }
    SyncObject& object = execution.object(word, SyncKind::futex, pc);
    execution.choice_point(OperationKind::wait, object.address);
    sync_access(execution, object.address, pc);
    const Word held = read_word(execution, word);
    if (held.value != expected) {
        trace_wait(execution, object, WaitBegin::has_changed, held.store, pc);
        errno = EAGAIN;
        return -1;
    }
    trace_wait(execution, object, WaitBegin::sleeps, held.store, pc);
    return sleep_on_futex(execution, object, patience, pc, frame);
}

/// `woken` is the thread's number plus 1, or 0 if there is none.
void trace_wake(Execution& execution, const void* word, uint64_t woken, uint32_t pc) {
    if (execution.timeline.is_traced()) {
        const SyncObject* const object = execution.object_if_used(word);
        Event event{};
        event.kind = Event::Kind::notify;
        event.object = object == nullptr ? 0 : object->number;
        event.address = reinterpret_cast<uintptr_t>(word);
        event.value = woken;
        event.pc = pc;
        execution.trace(event);
    }
}

/// Wakes up to `count` of the threads that sleep.
long wake_sleepers(Execution& execution, SyncObject& object, uint32_t count, uint32_t pc) {
    execution.side_effect();
    const auto* const word = reinterpret_cast<const void*>(object.address);
    if (object.queue_length == 0 || count == 0) {
        trace_wake(execution, word, 0, pc);
    }
    uint32_t woken = 0;
    for (; object.queue_length != 0 && woken < count; ++woken) {
        const unsigned waiting = object.queue_length;
        const unsigned chosen =
            waiting <= count - woken ? 0 : execution.choose(Alternative::waiter, waiting);
        WEAVE_CHECK(chosen < waiting, chosen, waiting);
        const uint16_t thread = object.queue[chosen];
        trace_wake(execution, word, uint64_t{1} + thread, pc);
        leave_queue(object, thread);
        execution.wake(thread);
    }
    return static_cast<long>(woken);
}

/// Wakes up to `count` waiters and returns their number. The word may be freed by now, which
/// notify_one() allows: the kernel does not read it, and neither does this function.
long wake_futex(Execution& execution, const uint32_t* word, uint32_t count, uint32_t pc) {
    // Also if no thread has waited yet: one may do so first.
    execution.choice_point_of_futex(OperationKind::wake, reinterpret_cast<uintptr_t>(word),
                                    /*is_turn=*/true);
    SyncObject* const used = execution.object_if_used(word);
    if (used == nullptr || used->kind != SyncKind::futex) {
        trace_wake(execution, word, 0, pc);
        return 0;
    }
    return wake_sleepers(execution, *used, count, pc);
}

long futex(Execution& execution, const uint32_t* word, long operation, uint32_t value,
           const timespec* timeout, uint32_t pc, const void* frame) {
    switch (operation & FUTEX_CMD_MASK) {
        case FUTEX_WAIT:
            return wait_for_futex(
                execution, word, value,
                timeout == nullptr ? endless_patience
                                   : Patience{Patience::Kind::limited,
                                              execution.now_for_limit() + nanoseconds_of(*timeout)},
                pc, frame);
        case FUTEX_WAIT_BITSET:
            return wait_for_futex(execution, word, value,
                                  timeout == nullptr ? endless_patience : patience_until(timeout),
                                  pc, frame);
        case FUTEX_WAKE:
        case FUTEX_WAKE_BITSET:
            return wake_futex(execution, word, value, pc);
        default:
            execution.fail(Verdict::unsupported, pc,
                           "futex operation %ld; weave models FUTEX_WAIT, FUTEX_WAIT_BITSET, "
                           "FUTEX_WAKE and FUTEX_WAKE_BITSET",
                           operation);
    }
}

/// membarrier(): a full fence of every thread of the process.
long membarrier(Execution& execution, const long* arguments) {
    execution.choice_point(OperationKind::fence, 0);
    const long result =
        WEAVE_REAL(syscall)(SYS_membarrier, arguments[0], arguments[1], arguments[2]);
    if (result == 0) {
        fence_all_threads(execution);
    }
    return result;
}

#ifdef _LIBCPP_VERSION
/// The number of notifications so far for an object that is not a futex word itself. The caller
/// synchronises with all of them.
uint32_t notifications_of(Execution& execution, const void* object, uint32_t pc) {
    if (execution.settings().as_in_graphs) {
        execution.choice_point_of_futex(OperationKind::wait, reinterpret_cast<uintptr_t>(object),
                                        /*is_turn=*/true);
    }
    const SyncObject& futex = execution.object(object, SyncKind::futex, pc);
    execution.acquire(futex.released);
    return futex.count;
}

/// The current thread looks at the object of its wait again. In a search through execution graphs
/// it runs no further: its round has only read, and another graph does not have it.
void repeat_wait(Execution& execution) {
    if (execution.settings().as_in_graphs) {
        give_up_in_graph(execution);
    }
}

void wait_for_notification(Execution& execution, const void* object, uint32_t seen, uint32_t pc) {
    const auto address = reinterpret_cast<uintptr_t>(object);
    execution.choice_point_of_futex(OperationKind::wait, address, /*is_turn=*/true);
    SyncObject& futex = execution.object(object, SyncKind::futex, pc);
    if (futex.count != seen) {
        repeat_wait(execution);
        trace_wait(execution, futex, WaitBegin::has_changed, nullptr, pc);
        return;
    }
    trace_wait(execution, futex, WaitBegin::sleeps, nullptr, pc);
    join_queue(execution, futex);
    execution.wait(Waiting::futex, &futex, pc);
    leave_queue(futex, execution.current().id);
    trace_object(execution, Event::Kind::woken, futex, pc);
    execution.current().spin_count = 0;
}

/// Notifies up to `count` waiters.
void notify(Execution& execution, const void* object, uint32_t count, uint32_t pc) {
    if (execution.settings().as_in_graphs) {
        execution.choice_point_of_futex(OperationKind::wake, reinterpret_cast<uintptr_t>(object),
                                        /*is_turn=*/true);
    }
    SyncObject& futex = execution.object(object, SyncKind::futex, pc);
    ++futex.count;
    futex.released = merge(execution.arena, execution.release(), futex.released);
    if (!execution.settings().as_in_graphs) {
        execution.choice_point(OperationKind::wake, futex.address);
    }
    wake_sleepers(execution, futex, count, pc);
}
#endif

}  // namespace

}  // namespace weave

extern "C" {

void __weave_notifies(const void* object);

using weave::active;

pid_t gettid() noexcept {
    // The number of the first thread is that of the process.
    if (active == nullptr) {
        return WEAVE_REAL(gettid)();
    }
    active->tells_twins_apart("a thread that asks who it is");
    return getpid() + active->current().id;
}

long syscall(long number, ...) noexcept {
    va_list list;
    va_start(list, number);
    long arguments[6];
    for (long& argument : arguments) {
        argument = va_arg(list, long);
    }
    va_end(list);
    if (active != nullptr && number == SYS_futex) {
        const long result =
            weave::futex(*active, reinterpret_cast<const uint32_t*>(arguments[0]), arguments[1],
                         static_cast<uint32_t>(arguments[2]),
                         reinterpret_cast<const timespec*>(arguments[3]), WEAVE_PC, WEAVE_FRAME);
        weave::clean_stack(active->current());
        return result;
    }
    if (active != nullptr && number == SYS_membarrier && arguments[0] != MEMBARRIER_CMD_QUERY) {
        return weave::membarrier(*active, arguments);
    }
    if (active != nullptr && number == SYS_gettid) {
        return gettid();
    }
    return WEAVE_REAL(syscall)(number, arguments[0], arguments[1], arguments[2], arguments[3],
                               arguments[4], arguments[5]);
}

/// Called by libstdc++'s notify functions of std::atomic: see include/weave/libstdcxx. The object
/// must be alive ([basic.life]).
void __weave_notifies(const void* object) {
    if (active != nullptr) {
        // A search through execution graphs has no event here.
        active->choice_point(active->settings().as_in_graphs ? weave::OperationKind::yield
                                                             : weave::OperationKind::wake,
                             0);
        weave::sync_access(*active, reinterpret_cast<uintptr_t>(object), WEAVE_PC);
    }
}

#ifdef _LIBCPP_VERSION
// What std::atomic's wait() and notify functions call in libc++; linked with --wrap. libc++'s own
// versions wait for at most two seconds at a time and count waiters in the library, which is not
// instrumented. The first function of each pair is for objects that are a futex word themselves.

#define WEAVE_WAIT(PREFIX) \
    PREFIX##_ZNSt3__120__libcpp_atomic_waitEPVKNS_17__cxx_atomic_implIiNS_22__cxx_atomic_base_implIiEEEEi
#define WEAVE_NOTIFY(PREFIX, WHOM) \
    PREFIX##_ZNSt3__123__cxx_atomic_notify_##WHOM##EPVKNS_17__cxx_atomic_implIiNS_22__cxx_atomic_base_implIiEEEE

void WEAVE_WAIT(__real_)(const uint32_t* word, uint32_t seen);
void WEAVE_WAIT(__wrap_)(const uint32_t* word, uint32_t seen);
void __real__ZNSt3__120__libcpp_atomic_waitEPVKvi(const void* object, uint32_t seen);
void __wrap__ZNSt3__120__libcpp_atomic_waitEPVKvi(const void* object, uint32_t seen);
uint32_t __real__ZNSt3__123__libcpp_atomic_monitorEPVKv(const void* object);
uint32_t __wrap__ZNSt3__123__libcpp_atomic_monitorEPVKv(const void* object);
void WEAVE_NOTIFY(__real_, one)(const uint32_t* word);
void WEAVE_NOTIFY(__wrap_, one)(const uint32_t* word);
void WEAVE_NOTIFY(__real_, all)(const uint32_t* word);
void WEAVE_NOTIFY(__wrap_, all)(const uint32_t* word);
void __real__ZNSt3__123__cxx_atomic_notify_oneEPVKv(const void* object);
void __wrap__ZNSt3__123__cxx_atomic_notify_oneEPVKv(const void* object);
void __real__ZNSt3__123__cxx_atomic_notify_allEPVKv(const void* object);
void __wrap__ZNSt3__123__cxx_atomic_notify_allEPVKv(const void* object);
void __weave_latch_opens(const void* count) noexcept;
void __weave_repeats_wait() noexcept;

void WEAVE_WAIT(__wrap_)(const uint32_t* word, uint32_t seen) {
    if (active == nullptr) {
        WEAVE_WAIT(__real_)(word, seen);
        return;
    }
    weave::wait_for_futex(*active, word, seen, weave::endless_patience, WEAVE_PC, nullptr);
    weave::clean_stack(active->current());
}

void __wrap__ZNSt3__120__libcpp_atomic_waitEPVKvi(const void* object, uint32_t seen) {
    if (active == nullptr) {
        __real__ZNSt3__120__libcpp_atomic_waitEPVKvi(object, seen);
        return;
    }
    weave::wait_for_notification(*active, object, seen, WEAVE_PC);
    weave::clean_stack(active->current());
}

uint32_t __wrap__ZNSt3__123__libcpp_atomic_monitorEPVKv(const void* object) {
    return active == nullptr ? __real__ZNSt3__123__libcpp_atomic_monitorEPVKv(object)
                             : weave::notifications_of(*active, object, WEAVE_PC);
}

void WEAVE_NOTIFY(__wrap_, one)(const uint32_t* object) {
    if (active == nullptr) {
        WEAVE_NOTIFY(__real_, one)(object);
        return;
    }
    __weave_notifies(object);
    weave::wake_futex(*active, object, 1, WEAVE_PC);
}

void __wrap__ZNSt3__123__cxx_atomic_notify_oneEPVKv(const void* object) {
    if (active == nullptr) {
        __real__ZNSt3__123__cxx_atomic_notify_oneEPVKv(object);
        return;
    }
    __weave_notifies(object);
    weave::notify(*active, object, 1, WEAVE_PC);
}

void WEAVE_NOTIFY(__wrap_, all)(const uint32_t* object) {
    if (active == nullptr) {
        WEAVE_NOTIFY(__real_, all)(object);
        return;
    }
    __weave_notifies(object);
    weave::wake_futex(*active, object, UINT32_MAX, WEAVE_PC);
}

void __wrap__ZNSt3__123__cxx_atomic_notify_allEPVKv(const void* object) {
    if (active == nullptr) {
        __real__ZNSt3__123__cxx_atomic_notify_allEPVKv(object);
        return;
    }
    __weave_notifies(object);
    weave::notify(*active, object, UINT32_MAX, WEAVE_PC);
}

/// Called by std::latch: see include/weave/libcxx/latch. The latch may be gone.
void __weave_latch_opens(const void* count) noexcept {
    if (active == nullptr) {
        __real__ZNSt3__123__cxx_atomic_notify_allEPVKv(count);
        return;
    }
    weave::notify(*active, count, UINT32_MAX, WEAVE_PC);
}

/// Called by a wait that has read another value in its second look: see
/// include/weave/libcxx/__atomic/atomic_sync.h.
void __weave_repeats_wait() noexcept {
    if (active != nullptr) {
        weave::repeat_wait(*active);
    }
}
#endif
}
