// Timers: defines alarm(), ualarm(), setitimer(), timer_create() and timerfd_create() with their
// kin of the C library.
//
// A timer that runs is a thread of the execution, which waits for its time and then sends the
// signal, calls the function or adds to what is read from the descriptor. That one is an eventfd,
// which counts like a timerfd but knows nothing of the system's time.
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>

#include "entry/descriptor.h"
#include "entry/entry.h"
#include "entry/library.h"
#include "entry/signal.h"

namespace weave {

namespace {

struct Timer {
    uint64_t due_ns;       ///< 0: it does not run
    uint64_t interval_ns;  ///< 0: once
    uint32_t round;        ///< counts the times that it was set
    bool is_deleted;
    sigevent event;
    OpenFile* file;  ///< of timerfd_create(), or null
};

/// What the thread of a timer knows.
struct Running {
    Timer* timer;
    uint32_t round;
    uint32_t pc;
};

void count_on_descriptor(Execution& execution, int descriptor, uint32_t pc) {
    constexpr eventfd_t one = 1;
    WEAVE_REAL(write)(descriptor, &one, sizeof one);
    release_descriptor(execution, descriptor, pc);
    release_to_epolls(execution, pc);
    wake_waiters(execution, pc);
}

void fire(Execution& execution, const Timer& timer, uint32_t pc) {
    if (timer.file != nullptr) {
        count_on_descriptor(execution, descriptor_of(*timer.file), pc);
    } else if (timer.event.sigev_notify == SIGEV_SIGNAL) {
        send_signal(execution, -1, timer.event.sigev_signo, timer.event.sigev_value, pc);
    } else if (timer.event.sigev_notify == SIGEV_THREAD) {
        timer.event.sigev_notify_function(timer.event.sigev_value);
    }
}

void* run(void* argument) {
    Execution& execution = *active;
    const Running running = *static_cast<Running*>(argument);
    Timer& timer = *running.timer;
    Thread& thread = execution.current();
    while (timer.round == running.round && timer.due_ns != 0) {
        thread.may_time_out = true;
        thread.times_out_ns = timer.due_ns;
        execution.wait(Waiting::signal, nullptr, running.pc);
        if (timer.round != running.round) {
            break;
        }
        timer.due_ns = timer.interval_ns == 0 ? 0 : timer.due_ns + timer.interval_ns;
        execution.side_effect();
        fire(execution, timer, running.pc);
    }
    return nullptr;
}

/// Sets a timer anew. `due_ns` is a time on the execution's clock; 0: it does not run.
void set(Execution& execution, Timer& timer, uint64_t due_ns, uint64_t interval_ns, uint32_t pc) {
    ++timer.round;
    timer.due_ns = due_ns;
    timer.interval_ns = interval_ns;
    if (due_ns == 0) {
        return;
    }
    auto* const running = execution.arena.make<Running>();
    *running = {&timer, timer.round, pc};
    const unsigned id = execution.create_thread(run, running, pc);
    execution.threads.find(id)->is_detached = true;
    inherit_mask(execution, id);
    block_all_signals(id);
}

uint64_t left_ns(const Execution& execution, const Timer& timer) {
    const uint64_t now = execution.time.now_ns();
    return timer.due_ns <= now ? 0 : timer.due_ns - now;
}

/// The timer of alarm() and setitimer(), of which a process has one.
struct Alarm {
    uint32_t execution;
    Timer* timer;
};
Alarm the_alarm{};

Timer& alarm_of(Execution& execution) {
    if (the_alarm.execution != execution.number()) {
        the_alarm = {execution.number(), execution.arena.make<Timer>()};
        the_alarm.timer->event.sigev_notify = SIGEV_SIGNAL;
        the_alarm.timer->event.sigev_signo = SIGALRM;
    }
    return *the_alarm.timer;
}

uint64_t ns_of(const timeval& time) {
    return static_cast<uint64_t>(time.tv_sec) * ns_per_second +
           static_cast<uint64_t>(time.tv_usec) * 1000;
}

timespec to_timespec(uint64_t ns) {
    return {static_cast<time_t>(ns / ns_per_second), static_cast<long>(ns % ns_per_second)};
}

timeval to_timeval(uint64_t ns) {
    return {static_cast<time_t>(ns / ns_per_second),
            static_cast<suseconds_t>(ns % ns_per_second / 1000)};
}

/// Sets the alarm to go off after `ns`. Returns the time that was left.
uint64_t set_alarm(Execution& execution, uint64_t ns, uint64_t interval_ns, uint32_t pc) {
    Timer& timer = alarm_of(execution);
    const uint64_t left = left_ns(execution, timer);
    set(execution, timer, ns == 0 ? 0 : execution.time.now_ns() + ns, interval_ns, pc);
    return left;
}

Timer& timer_of(timer_t handle) { return *static_cast<Timer*>(handle); }

/// The timer behind a descriptor.
struct TimerFile : OpenFile {
    Timer timer;
};

TimerFile* timer_file(int descriptor) {
    OpenFile* const file = open_file(descriptor);
    return file != nullptr && file->kind == OpenFile::Kind::timer ? static_cast<TimerFile*>(file)
                                                                  : nullptr;
}

void add_timer_file(Execution& execution, int descriptor) {
    auto* const file = execution.arena.make<TimerFile>();
    file->kind = OpenFile::Kind::timer;
    file->timer.file = file;
    file->end = [](Execution& closing, OpenFile& ended, uint32_t pc) {
        set(closing, static_cast<TimerFile&>(ended).timer, 0, 0, pc);
    };
    attach_file(note_new(descriptor), *file);
}

/// Forgets what a timer has counted before it was set anew.
void clear_count(int descriptor) {
    pollfd asked{descriptor, POLLIN, 0};
    if (WEAVE_REAL(poll)(&asked, 1, 0) == 1) {
        eventfd_t count;
        WEAVE_REAL(read)(descriptor, &count, sizeof count);
    }
}

/// Sets a timer as timer_settime() and timerfd_settime() do.
void set_as_asked(Execution& execution, Timer& timer, bool is_absolute, const itimerspec& setting,
                  uint32_t pc) {
    const uint64_t value = nanoseconds_of(setting.it_value);
    set(execution, timer, value == 0 || is_absolute ? value : execution.time.now_ns() + value,
        nanoseconds_of(setting.it_interval), pc);
}

itimerspec setting_of(const Execution& execution, const Timer& timer) {
    return {to_timespec(timer.interval_ns), to_timespec(left_ns(execution, timer))};
}

}  // namespace

}  // namespace weave

extern "C" {

using weave::active;

unsigned alarm(unsigned seconds) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(alarm)(seconds);
    }
    const uint64_t left = weave::set_alarm(*active, seconds * weave::ns_per_second, 0, WEAVE_PC);
    return static_cast<unsigned>((left + weave::ns_per_second - 1) / weave::ns_per_second);
}

useconds_t ualarm(useconds_t value, useconds_t interval) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(ualarm)(value, interval);
    }
    return static_cast<useconds_t>(
        weave::set_alarm(*active, uint64_t{value} * 1000, uint64_t{interval} * 1000, WEAVE_PC) /
        1000);
}

int setitimer(__itimer_which_t which, const itimerval* setting, itimerval* before) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(setitimer)(which, setting, before);
    }
    if (which != ITIMER_REAL) {
        active->fail(weave::Verdict::unsupported, WEAVE_PC,
                     "a timer of processor time, which weave does not model");
    }
    const weave::Timer& timer = weave::alarm_of(*active);
    if (before != nullptr) {
        *before = {weave::to_timeval(timer.interval_ns),
                   weave::to_timeval(weave::left_ns(*active, timer))};
    }
    weave::set_alarm(*active, weave::ns_of(setting->it_value), weave::ns_of(setting->it_interval),
                     WEAVE_PC);
    return 0;
}

int timer_create(clockid_t clock, sigevent* event, timer_t* handle) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(timer_create)(clock, event, handle);
    }
    auto* const timer = active->arena.make<weave::Timer>();
    if (event != nullptr) {
        timer->event = *event;
    } else {
        timer->event.sigev_notify = SIGEV_SIGNAL;
        timer->event.sigev_signo = SIGALRM;
    }
    *handle = timer;
    return 0;
}

int timer_settime(timer_t handle, int flags, const itimerspec* setting,
                  itimerspec* before) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(timer_settime)(handle, flags, setting, before);
    }
    weave::Timer& timer = weave::timer_of(handle);
    if (timer.is_deleted) {
        active->fail(weave::Verdict::assertion, WEAVE_PC, "a timer is used after its deletion");
    }
    if (before != nullptr) {
        *before = weave::setting_of(*active, timer);
    }
    weave::set_as_asked(*active, timer, (flags & TIMER_ABSTIME) != 0, *setting, WEAVE_PC);
    return 0;
}

int timer_gettime(timer_t handle, itimerspec* setting) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(timer_gettime)(handle, setting);
    }
    *setting = weave::setting_of(*active, weave::timer_of(handle));
    return 0;
}

int timer_delete(timer_t handle) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(timer_delete)(handle);
    }
    weave::Timer& timer = weave::timer_of(handle);
    if (timer.is_deleted) {
        active->fail(weave::Verdict::assertion, WEAVE_PC, "a timer is deleted twice");
    }
    timer.is_deleted = true;
    weave::set(*active, timer, 0, 0, WEAVE_PC);
    return 0;
}

int timerfd_create(clockid_t clock, int flags) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(timerfd_create)(clock, flags);
    }
    static_assert(int{TFD_NONBLOCK} == EFD_NONBLOCK && int{TFD_CLOEXEC} == EFD_CLOEXEC);
    const int descriptor = WEAVE_REAL(eventfd)(0, flags);
    if (descriptor >= 0) {
        weave::add_timer_file(*active, descriptor);
    }
    return descriptor;
}

int timerfd_settime(int descriptor, int flags, const itimerspec* setting,
                    itimerspec* before) noexcept {
    weave::TimerFile* const file = active == nullptr ? nullptr : weave::timer_file(descriptor);
    if (file == nullptr) {
        return WEAVE_REAL(timerfd_settime)(descriptor, flags, setting, before);
    }
    const weave::LibraryCall call(__builtin_return_address(0));
    call.reads(setting, sizeof *setting);
    if (before != nullptr) {
        *before = weave::setting_of(*active, file->timer);
        call.writes(before, sizeof *before);
    }
    weave::clear_count(descriptor);
    weave::set_as_asked(*active, file->timer, (flags & TFD_TIMER_ABSTIME) != 0, *setting, WEAVE_PC);
    return 0;
}

int timerfd_gettime(int descriptor, itimerspec* setting) noexcept {
    const weave::TimerFile* const file =
        active == nullptr ? nullptr : weave::timer_file(descriptor);
    if (file == nullptr) {
        return WEAVE_REAL(timerfd_gettime)(descriptor, setting);
    }
    *setting = weave::setting_of(*active, file->timer);
    weave::LibraryCall(__builtin_return_address(0)).writes(setting, sizeof *setting);
    return 0;
}
}
