// Time: defines sched_yield(), the sleeps and the clocks of the C library.
//
// Time is the execution's own: all clocks show the same, begin at 10^9 seconds, because no program
// expects 0, and advance when a thread sleeps, when a wait times out, and with each look at a
// clock.
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "entry/cancel.h"
#include "entry/entry.h"
#include "model/spin.h"

namespace weave {

namespace {

void look_at_clock(Execution& execution, timespec& time) {
    const uint64_t now = execution.look_at_clock();
    WEAVE_CHECK(now >= first_ns, now);
    time.tv_sec = static_cast<time_t>(now / ns_per_second);
    time.tv_nsec = static_cast<long>(now % ns_per_second);
}

}  // namespace

}  // namespace weave

extern "C" {

using weave::active;

int sched_yield() noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(sched_yield)();
    }
    active->sleep_for(0);
    weave::clean_stack(active->current());
    return 0;
}

static void sleep_for(uint64_t ns) {
    weave::test_cancel(*active);
    active->sleep_for(ns);
    weave::clean_stack(active->current());
    weave::test_cancel(*active);
}

static void sleep_until(uint64_t ns) {
    weave::test_cancel(*active);
    active->sleep_until(ns);
    weave::clean_stack(active->current());
    weave::test_cancel(*active);
}

int nanosleep(const timespec* time, timespec* left) {
    if (active == nullptr) {
        return WEAVE_REAL(nanosleep)(time, left);
    }
    sleep_for(weave::nanoseconds_of(*time));
    return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
    if (active == nullptr) {
        return WEAVE_REAL(clock_nanosleep)(clock, flags, time, left);
    }
    const uint64_t ns = weave::nanoseconds_of(*time);
    (flags & TIMER_ABSTIME) != 0 ? sleep_until(ns) : sleep_for(ns);
    return 0;
}

int usleep(useconds_t microseconds) {
    if (active == nullptr) {
        return WEAVE_REAL(usleep)(microseconds);
    }
    sleep_for(uint64_t{microseconds} * 1000);
    return 0;
}

unsigned sleep(unsigned seconds) {
    if (active == nullptr) {
        return WEAVE_REAL(sleep)(seconds);
    }
    sleep_for(seconds * weave::ns_per_second);
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
}
