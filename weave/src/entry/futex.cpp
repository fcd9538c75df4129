// Futexes: defines syscall() of the C library, of which it models SYS_futex, SYS_membarrier and
// SYS_gettid, and gettid(). std::atomic's wait() and notify are futexes in libstdc++; for libc++
// this replaces the functions that they call.
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

#include "entry/entry.h"
#include "model/atomic.h"
#include "model/heap_check.h"

namespace weave {

namespace {

/// Waits like FUTEX_WAIT. `times_out_ns` is a time on the execution's clock; 0: no limit. Returns
/// 0, or -1 with errno EAGAIN or ETIMEDOUT.
long wait_for_futex(Execution& execution, const uint32_t* word, uint32_t expected,
                    uint64_t times_out_ns, uint32_t pc) {
    SyncObject& object = execution.object(word, SyncKind::futex, pc);
    execution.choice_point(OperationKind::wait, object.address);
    sync_access(execution, object.address, pc);
    // The kernel reads the newest value, without ordering anything.
    if (*word != expected) {
        errno = EAGAIN;
        return -1;
    }
    Thread& thread = execution.current();
    object.waiters |= thread_bit(thread.id);
    thread.may_time_out = times_out_ns != 0;
    thread.times_out_ns = times_out_ns;
    thread.may_wake_spuriously = true;
    execution.wait(Waiting::futex, &object, pc);
    object.waiters &= ~thread_bit(thread.id);
    if (thread.was_interrupted) {
        handle_signals(execution);
        errno = EINTR;
        return -1;
    }
    if (thread.has_timed_out) {
        // A change, so that the caller's loop is not taken for one that only repeats itself; but no
        // side effect, because no other thread can see it.
        ++thread.changes;
        errno = ETIMEDOUT;
        return -1;
    }
    thread.spin_count = 0;
    return 0;
}

/// Wakes up to `count` waiters and returns their number. The word may be freed by now, which
/// notify_one() allows: the kernel does not read it, and neither does this function.
long wake_futex(Execution& execution, const uint32_t* word, uint32_t count) {
    SyncObject* const used = execution.object_if_used(word);
    if (used == nullptr || used->kind != SyncKind::futex) {
        return 0;
    }
    SyncObject& object = *used;
    execution.choice_point(OperationKind::wake, object.address);
    execution.side_effect();
    long woken = 0;
    while (object.waiters != 0 && static_cast<uint32_t>(woken) < count) {
        const unsigned waiting = object.waiters.count();
        unsigned chosen = waiting <= count ? 0 : execution.choose(Alternative::waiter, waiting);
        WEAVE_CHECK(chosen < waiting, chosen, waiting);
        unsigned thread = object.waiters.first();
        while (chosen-- != 0) {
            thread = object.waiters.next(thread + 1);
        }
        object.waiters &= ~thread_bit(thread);
        execution.wake(thread);
        ++woken;
    }
    return woken;
}

long futex(Execution& execution, const uint32_t* word, long operation, uint32_t value,
           const timespec* timeout, uint32_t pc) {
    switch (operation & FUTEX_CMD_MASK) {
        case FUTEX_WAIT:
            return wait_for_futex(
                execution, word, value,
                timeout == nullptr ? 0 : execution.time.now_ns() + nanoseconds_of(*timeout), pc);
        case FUTEX_WAIT_BITSET:
            return wait_for_futex(execution, word, value,
                                  timeout == nullptr ? 0 : nanoseconds_of(*timeout), pc);
        case FUTEX_WAKE:
        case FUTEX_WAKE_BITSET:
            return wake_futex(execution, word, value);
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
    const SyncObject& futex = execution.object(object, SyncKind::futex, pc);
    execution.acquire(futex.released);
    return futex.count;
}

void wait_for_notification(Execution& execution, const void* object, uint32_t seen, uint32_t pc) {
    SyncObject& futex = execution.object(object, SyncKind::futex, pc);
    execution.choice_point(OperationKind::wait, futex.address);
    if (futex.count == seen) {
        Thread& thread = execution.current();
        futex.waiters |= thread_bit(thread.id);
        execution.wait(Waiting::futex, &futex, pc);
        futex.waiters &= ~thread_bit(thread.id);
        thread.spin_count = 0;
    }
}

/// Notifies up to `count` waiters.
void notify(Execution& execution, const void* object, uint32_t count, uint32_t pc) {
    SyncObject& futex = execution.object(object, SyncKind::futex, pc);
    ++futex.count;
    futex.released = merge(execution.arena, execution.release(), futex.released);
    wake_futex(execution, static_cast<const uint32_t*>(object), count);
}
#endif

}  // namespace

}  // namespace weave

extern "C" {

void __weave_notifies(const void* object);

using weave::active;

pid_t gettid() noexcept {
    // The number of the first thread is that of the process.
    return active == nullptr ? WEAVE_REAL(gettid)() : getpid() + active->current().id;
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
        return weave::futex(*active, reinterpret_cast<const uint32_t*>(arguments[0]), arguments[1],
                            static_cast<uint32_t>(arguments[2]),
                            reinterpret_cast<const timespec*>(arguments[3]), WEAVE_PC);
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
        active->choice_point(weave::OperationKind::wake, 0);
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

void WEAVE_WAIT(__wrap_)(const uint32_t* word, uint32_t seen) {
    if (active == nullptr) {
        WEAVE_WAIT(__real_)(word, seen);
        return;
    }
    weave::wait_for_futex(*active, word, seen, 0, WEAVE_PC);
}

void __wrap__ZNSt3__120__libcpp_atomic_waitEPVKvi(const void* object, uint32_t seen) {
    if (active == nullptr) {
        __real__ZNSt3__120__libcpp_atomic_waitEPVKvi(object, seen);
        return;
    }
    weave::wait_for_notification(*active, object, seen, WEAVE_PC);
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
    weave::wake_futex(*active, object, 1);
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
    weave::wake_futex(*active, object, UINT32_MAX);
}

void __wrap__ZNSt3__123__cxx_atomic_notify_allEPVKv(const void* object) {
    if (active == nullptr) {
        __real__ZNSt3__123__cxx_atomic_notify_allEPVKv(object);
        return;
    }
    __weave_notifies(object);
    weave::notify(*active, object, UINT32_MAX, WEAVE_PC);
}
#endif
}
