// What else a program asks of the system while an execution runs: time, sleep, futexes, its end.
//
// Time is the execution's own: it begins at 0 and passes only while somebody sleeps or looks.
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdlib>

#include "execution.h"
#include "real.h"
#include "spin.h"

namespace weave {

namespace {

constexpr uint64_t ns_per_second = 1'000'000'000;
// So that a loop until some time is reached ends.
constexpr uint64_t ns_per_look = 1'000;
// When an execution begins: no program should see a time of 0.
constexpr uint64_t first_second = 1'000'000'000;

/// A sleep promises nothing but that others may run.
void sleep_for(Execution& execution, uint64_t ns) {
    execution.choice_point(OperationKind::other, 0);
    execution.current().goes_on = true;
    execution.advance_time(ns);
    Event event{};
    event.kind = Event::Kind::yield;
    execution.trace(event);
    clean_stack(execution.current());
}

uint64_t ns_of(const timespec& time) {
    return static_cast<uint64_t>(time.tv_sec) * ns_per_second + static_cast<uint64_t>(time.tv_nsec);
}

void look_at_clock(Execution& execution, timespec& time) {
    execution.advance_time(ns_per_look);
    const uint64_t now = execution.now_ns();
    time.tv_sec = static_cast<time_t>(first_second + now / ns_per_second);
    time.tv_nsec = static_cast<long>(now % ns_per_second);
}

long wait_for_futex(Execution& execution, const uint32_t* word, uint32_t expected, bool is_timed,
                    uint32_t pc) {
    SyncObject& object = execution.object(word, SyncKind::futex);
    execution.choice_point(OperationKind::wait, object.number);
    // The kernel sees the newest value.
    if (*word != expected) {
        errno = EAGAIN;
        return -1;
    }
    Thread& thread = execution.current();
    object.waiters |= Execution::bit(thread.id);
    thread.may_time_out = is_timed;
    thread.spin_count = 0;
    execution.wait(Waiting::futex, pc);
    object.waiters &= ~Execution::bit(thread.id);
    if (thread.has_timed_out) {
        errno = ETIMEDOUT;
        return -1;
    }
    return 0;
}

long wake_futex(Execution& execution, const uint32_t* word, uint32_t count) {
    SyncObject& object = execution.object(word, SyncKind::futex);
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
        object.waiters &= ~Execution::bit(thread);
        execution.wake(thread);
        ++woken;
    }
    return woken;
}

long futex(Execution& execution, const uint32_t* word, long operation, uint32_t value,
           const void* timeout, uint32_t pc) {
    switch (operation & FUTEX_CMD_MASK) {
        case FUTEX_WAIT:
        case FUTEX_WAIT_BITSET:
            return wait_for_futex(execution, word, value, timeout != nullptr, pc);
        case FUTEX_WAKE:
        case FUTEX_WAKE_BITSET:
            return wake_futex(execution, word, value);
        default:
            execution.fail(Verdict::unsupported, pc, "futex operation %ld", operation);
    }
}

}  // namespace

}  // namespace weave

#define WEAVE_PC weave::pc_of(__builtin_return_address(0))

extern "C" {

using weave::active;
using weave::Verdict;

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
    weave::sleep_for(*active, weave::ns_of(*time));
    return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
    if (active == nullptr) {
        return WEAVE_REAL(clock_nanosleep)(clock, flags, time, left);
    }
    const uint64_t now = weave::first_second * weave::ns_per_second + active->now_ns();
    const uint64_t wanted = weave::ns_of(*time);
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
                            reinterpret_cast<const void*>(arguments[3]), WEAVE_PC);
    }
    return WEAVE_REAL(syscall)(number, arguments[0], arguments[1], arguments[2], arguments[3],
                               arguments[4], arguments[5]);
}

void __assert_fail(const char* expression, const char* file, unsigned line,
                   const char* function) noexcept {
    if (active == nullptr) {
        WEAVE_REAL(__assert_fail)(expression, file, line, function);
        __builtin_unreachable();
    }
    active->fail(Verdict::assertion, WEAVE_PC, "%s:%u: assertion '%s' failed in %s", file, line,
                 expression, function);
}

void abort() noexcept {
    if (active == nullptr) {
        WEAVE_REAL(abort)();
        __builtin_unreachable();
    }
    active->fail(Verdict::assertion, WEAVE_PC, "abort() was called");
}
}
