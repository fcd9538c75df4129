// What else a program asks of the system while an execution runs: time, sleep, futexes.
//
// Time is the execution's own: it begins at 0 and passes only while somebody sleeps or looks.
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdarg>

#include "model/heap_check.h"
#include "model/spin.h"
#include "run/execution.h"
#include "run/real.h"

namespace weave {

namespace {

/// A sleep promises nothing but that others may run.
void sleep_for(Execution& execution, uint64_t ns) {
    execution.choice_point(OperationKind::yield, 0);
    execution.current().skips_choice_point = true;
    execution.time.advance(ns);
    Event event{};
    event.kind = Event::Kind::yield;
    execution.trace(event);
    clean_stack(execution.current());
}

void look_at_clock(Execution& execution, timespec& time) {
    const uint64_t now = execution.look_at_clock();
    time.tv_sec = static_cast<time_t>(now / ns_per_second);
    time.tv_nsec = static_cast<long>(now % ns_per_second);
}

/// `times_out_ns` is 0 for a wait without a limit.
long wait_for_futex(Execution& execution, const uint32_t* word, uint32_t expected,
                    uint64_t times_out_ns, uint32_t pc) {
    SyncObject& object = execution.object(word, SyncKind::futex, pc);
    execution.choice_point(OperationKind::wait, object.number);
    sync_access(execution, object.address, pc);
    // The kernel sees the newest value.
    if (*word != expected) {
        errno = EAGAIN;
        return -1;
    }
    Thread& thread = execution.current();
    object.waiters |= thread_bit(thread.id);
    thread.may_time_out = times_out_ns != 0;
    thread.times_out_ns = times_out_ns;
    execution.wait(Waiting::futex, &object, pc);
    object.waiters &= ~thread_bit(thread.id);
    if (thread.has_timed_out) {
        // Not the end of a loop's rounds: nobody has changed anything by it.
        ++thread.changes;
        errno = ETIMEDOUT;
        return -1;
    }
    thread.spin_count = 0;
    return 0;
}

/// The word may have gone meanwhile, as notify_one() allows: the kernel looks at nothing of it.
long wake_futex(Execution& execution, const uint32_t* word, uint32_t count) {
    SyncObject* const used = execution.object_if_used(word);
    if (used == nullptr || used->kind != SyncKind::futex) {
        return 0;
    }
    SyncObject& object = *used;
    execution.choice_point(OperationKind::wake, object.number);
    execution.side_effect();
    long woken = 0;
    while (object.waiters != 0 && static_cast<uint32_t>(woken) < count) {
        const unsigned waiting = static_cast<unsigned>(std::popcount(object.waiters));
        unsigned chosen = waiting <= count ? 0 : execution.choose(Alternative::waiter, waiting);
        uint64_t left = object.waiters;
        while (chosen-- != 0) {
            left &= left - 1;
        }
        const unsigned thread = static_cast<unsigned>(std::countr_zero(left));
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
            execution.fail(Verdict::unsupported, pc, "futex operation %ld", operation);
    }
}

#ifdef _LIBCPP_VERSION
/// How often somebody was notified of an object that has no word for a futex. Whoever counts one
/// more has read what those before had changed.
uint32_t notifications_of(Execution& execution, const void* object, uint32_t pc) {
    const SyncObject& futex = execution.object(object, SyncKind::futex, pc);
    execution.acquire(futex.released);
    return futex.count;
}

void wait_for_notification(Execution& execution, const void* object, uint32_t seen, uint32_t pc) {
    SyncObject& futex = execution.object(object, SyncKind::futex, pc);
    execution.choice_point(OperationKind::wait, futex.number);
    if (futex.count == seen) {
        Thread& thread = execution.current();
        futex.waiters |= thread_bit(thread.id);
        execution.wait(Waiting::futex, &futex, pc);
        futex.waiters &= ~thread_bit(thread.id);
        thread.spin_count = 0;
    }
}

/// The object may have gone meanwhile; then nobody waits.
void notify(Execution& execution, const void* object, uint32_t count, uint32_t pc) {
    if (!is_in_use(execution, reinterpret_cast<uintptr_t>(object))) {
        return;
    }
    SyncObject& futex = execution.object(object, SyncKind::futex, pc);
    ++futex.count;
    futex.released = merge(execution.arena, execution.release(), futex.released);
    wake_futex(execution, static_cast<const uint32_t*>(object), count);
}
#endif

}  // namespace

}  // namespace weave

#define WEAVE_PC weave::pc_of(__builtin_return_address(0))

extern "C" {

using weave::active;

int sched_yield() noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(sched_yield)();
    }
    weave::sleep_for(*active, 0);
    return 0;
}

int nanosleep(const timespec* time, timespec* left) {
    if (active == nullptr) {
        return WEAVE_REAL(nanosleep)(time, left);
    }
    weave::sleep_for(*active, weave::nanoseconds_of(*time));
    return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
    if (active == nullptr) {
        return WEAVE_REAL(clock_nanosleep)(clock, flags, time, left);
    }
    const uint64_t now = active->time.now_ns();
    const uint64_t wanted = weave::nanoseconds_of(*time);
    const bool is_absolute = (flags & TIMER_ABSTIME) != 0;
    weave::sleep_for(*active, !is_absolute ? wanted : wanted > now ? wanted - now : 0);
    return 0;
}

int usleep(useconds_t microseconds) {
    if (active == nullptr) {
        return WEAVE_REAL(usleep)(microseconds);
    }
    weave::sleep_for(*active, uint64_t{microseconds} * 1000);
    return 0;
}

unsigned sleep(unsigned seconds) {
    if (active == nullptr) {
        return WEAVE_REAL(sleep)(seconds);
    }
    weave::sleep_for(*active, seconds * weave::ns_per_second);
    return 0;
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(clock_gettime)(clock, time);
    }
    weave::look_at_clock(*active, *time);
    return 0;
}

int gettimeofday(timeval* time, void* zone) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(gettimeofday)(time, zone);
    }
    timespec now;
    weave::look_at_clock(*active, now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t* result) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(time)(result);
    }
    timespec now;
    weave::look_at_clock(*active, now);
    if (result != nullptr) {
        *result = now.tv_sec;
    }
    return now.tv_sec;
}

int timespec_get(timespec* time, int base) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(timespec_get)(time, base);
    }
    weave::look_at_clock(*active, *time);
    return base;
}

pid_t gettid() noexcept {
    // The first thread's number is the process's.
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
    if (active != nullptr && number == SYS_gettid) {
        return gettid();
    }
    return WEAVE_REAL(syscall)(number, arguments[0], arguments[1], arguments[2], arguments[3],
                               arguments[4], arguments[5]);
}

#ifdef _LIBCPP_VERSION
// What std::atomic's wait() and notify come down to: linked with --wrap, as libc++'s own functions
// wait for two seconds at a time, and keep their notes where they are not seen. The first of each
// pair is for an object that is the word of a futex itself.

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
    weave::wake_futex(*active, object, 1);
}

void __wrap__ZNSt3__123__cxx_atomic_notify_oneEPVKv(const void* object) {
    if (active == nullptr) {
        __real__ZNSt3__123__cxx_atomic_notify_oneEPVKv(object);
        return;
    }
    weave::notify(*active, object, 1, WEAVE_PC);
}

void WEAVE_NOTIFY(__wrap_, all)(const uint32_t* object) {
    if (active == nullptr) {
        WEAVE_NOTIFY(__real_, all)(object);
        return;
    }
    weave::wake_futex(*active, object, UINT32_MAX);
}

void __wrap__ZNSt3__123__cxx_atomic_notify_allEPVKv(const void* object) {
    if (active == nullptr) {
        __real__ZNSt3__123__cxx_atomic_notify_allEPVKv(object);
        return;
    }
    weave::notify(*active, object, UINT32_MAX, WEAVE_PC);
}
#endif
}
