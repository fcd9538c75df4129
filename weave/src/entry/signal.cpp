// Signals: defines sigaction(), signal(), sigprocmask(), pthread_sigmask(), sigpending(), kill(),
// pthread_kill(), raise(), sigqueue(), pause(), sigsuspend(), sigwait() and its kin of the C
// library.
//
// Inside an execution signals are its own: a program's signal reaches a thread at its next choice
// point, or ends its wait, and the handler runs on that thread. What the process gets from outside,
// and a handler that was installed outside of an execution, such as a fuzzer's for its time limit,
// is not part of it: that handler runs as outside, with the real clock, allocator and exit().
//
// A handler of the program for SIGSEGV and the like is not called: such a signal is a finding.
#include "entry/signal.h"

#include <unistd.h>

#include <bit>
#include <cerrno>

#include "entry/cancel.h"
#include "entry/library.h"
#include "entry/lock.h"
#include "run/check.h"

namespace weave {

namespace {

constexpr int signals_max = 64;
constexpr uint64_t bit_of(int signal) { return uint64_t{1} << (signal - 1); }

/// The signals of one thread.
struct ThreadSignals {
    uint64_t blocked;
    uint64_t pending;
    uint64_t awaited;  ///< those that it waits for in sigwait()
    uint64_t handled;  ///< the number of handlers that have run
};

/// Everything about the signals of an execution but for threads. In a whole program it begins with
/// what the program has done before its main().
struct Signals {
    uint32_t execution;
    bool is_changed;
    struct sigaction actions[signals_max + 1];
    bool is_set[signals_max + 1];  ///< by sigaction(), so that the action is the program's
    sigval values[signals_max + 1];
    uint64_t pending;  ///< of the process
    const Snapshot* released[signals_max + 1];
};
WEAVE_KEPT Signals state = {};
WEAVE_KEPT Signals state_at_start = {};  ///< of a whole program
// A thread's begins with inherit_mask(), that of the first thread with the execution.
WEAVE_KEPT ThreadSignals threads[threads_max] = {};

Signals& signals_of(Execution& execution) {
    if (state.execution != execution.number()) {
        const bool is_program = execution.settings().is_program;
        if (is_program && state.execution == 0) {
            state_at_start = state;
        } else if (state.is_changed) {
            state = is_program ? state_at_start : Signals{};
        }
        state.is_changed = false;
        state.execution = execution.number();
        threads[0] = {};
    }
    return state;
}

ThreadSignals& own(Execution& execution) {
    signals_of(execution);
    return threads[execution.current().id];
}

uint64_t to_bits(const sigset_t& set) {
    uint64_t bits;
    std::memcpy(&bits, &set, sizeof bits);
    return bits;
}

void from_bits(uint64_t bits, sigset_t& set) {
    sigemptyset(&set);
    std::memcpy(&set, &bits, sizeof bits);
}

bool is_function(const struct sigaction& action) {
    return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

bool is_ignored(const struct sigaction& action, int signal) {
    return action.sa_handler == SIG_IGN ||
           (action.sa_handler == SIG_DFL &&
            (signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT));
}

/// The thread that gets a signal of the process: one that waits for it, the current one, or any
/// other that does not block it; -1 if there is none.
int receiver_of(Execution& execution, int signal) {
    int found = -1;
    for (unsigned i = 0; i < execution.threads.count(); ++i) {
        if (execution.threads[i].is_finished) {
            continue;
        }
        if ((threads[i].awaited & bit_of(signal)) != 0) {
            return static_cast<int>(i);
        }
        const bool is_free = (threads[i].blocked & bit_of(signal)) == 0;
        if (is_free && (found < 0 || execution.current().id == i)) {
            found = static_cast<int>(i);
        }
    }
    return found;
}

void trace_signal(Execution& execution, Event::Kind kind, int signal, uint32_t thread,
                  uint32_t pc) {
    Event event{};
    event.kind = kind;
    event.object = thread;
    event.value = static_cast<uint64_t>(signal);
    event.pc = pc;
    execution.trace(event);
}

/// Runs a handler on the current thread.
void run_handler(Execution& execution, int signal) {
    Signals& signals = signals_of(execution);
    ThreadSignals& thread = own(execution);
    struct sigaction& action = signals.actions[signal];
    execution.acquire(signals.released[signal]);
    if (!is_function(action)) {
        if (!is_ignored(action, signal)) {
            execution.exit_at_once(128 + signal);
        }
        return;
    }
    const struct sigaction now = action;
    if ((static_cast<unsigned>(now.sa_flags) & SA_RESETHAND) != 0) {
        action.sa_handler = SIG_DFL;
    }
    const uint64_t blocked = thread.blocked;
    thread.blocked |=
        to_bits(now.sa_mask) | ((now.sa_flags & SA_NODEFER) != 0 ? 0 : bit_of(signal));
    ++thread.handled;
    trace_signal(execution, Event::Kind::run_handler, signal, Event::no_thread, 0);
    const int error = errno;
    if ((now.sa_flags & SA_SIGINFO) != 0) {
        siginfo_t info{};
        info.si_signo = signal;
        info.si_code = SI_QUEUE;
        info.si_pid = getpid();
        info.si_value = signals.values[signal];
        now.sa_sigaction(signal, &info, nullptr);
    } else {
        now.sa_handler(signal);
    }
    errno = error;
    thread.blocked = blocked;
    // The next round of a loop is not the same as this one.
    execution.current().note_private_change();
}

/// The lowest signal of a set that is pending for the current thread, or 0; it is then no longer.
int take_pending(Execution& execution, uint64_t set) {
    Signals& signals = signals_of(execution);
    ThreadSignals& thread = own(execution);
    const uint64_t found = (thread.pending | signals.pending) & set;
    if (found == 0) {
        return 0;
    }
    const int signal = std::countr_zero(found) + 1;
    if ((thread.pending & bit_of(signal)) != 0) {
        thread.pending &= ~bit_of(signal);
    } else {
        signals.pending &= ~bit_of(signal);
    }
    return signal;
}

void set_mask(Execution& execution, int how, const sigset_t* set, sigset_t* before) {
    ThreadSignals& thread = own(execution);
    if (before != nullptr) {
        from_bits(thread.blocked, *before);
    }
    if (set != nullptr) {
        const uint64_t bits = to_bits(*set) & ~(bit_of(SIGKILL) | bit_of(SIGSTOP));
        thread.blocked = how == SIG_BLOCK     ? thread.blocked | bits
                         : how == SIG_UNBLOCK ? thread.blocked & ~bits
                                              : bits;
        handle_signals(execution);
    }
}

/// Waits until a handler has run on the current thread: another one than the first `handled`.
int wait_for_handler(Execution& execution, uint64_t handled, uint32_t pc) {
    while (own(execution).handled == handled) {
        test_cancel(execution);
        execution.wait(Waiting::signal, nullptr, pc);
        handle_signals(execution);
    }
    errno = EINTR;
    return -1;
}

/// pause(): a handler that has run just before does not end it.
int pause_thread(Execution& execution, uint32_t pc) {
    execution.choice_point(OperationKind::wait, 0);
    return wait_for_handler(execution, own(execution).handled, pc);
}

int suspend_thread(Execution& execution, const sigset_t& mask, uint32_t pc) {
    const uint64_t blocked = own(execution).blocked;
    const uint64_t handled = own(execution).handled;
    own(execution).blocked = to_bits(mask);
    execution.current().has_signal = true;
    execution.choice_point(OperationKind::wait, 0);
    const int result = wait_for_handler(execution, handled, pc);
    own(execution).blocked = blocked;
    return result;
}

int wait_for_signal(Execution& execution, const sigset_t& set, siginfo_t* info,
                    const timespec* timeout, uint32_t pc) {
    const uint64_t bits = to_bits(set);
    Thread& thread = execution.current();
    execution.choice_point(OperationKind::wait, 0);
    const uint64_t until =
        timeout == nullptr ? 0 : execution.time.now_ns() + nanoseconds_of(*timeout);
    for (;;) {
        test_cancel(execution);
        sigval value;
        if (const int signal = take_signal(execution, bits, value); signal != 0) {
            if (info != nullptr) {
                *info = {};
                info->si_signo = signal;
                info->si_value = value;
            }
            return signal;
        }
        if (timeout != nullptr && execution.time.now_ns() >= until) {
            errno = EAGAIN;
            return -1;
        }
        own(execution).awaited = bits;
        thread.may_time_out = timeout != nullptr;
        thread.times_out_ns = until;
        execution.wait(Waiting::signal, nullptr, pc);
        own(execution).awaited = 0;
        handle_signals(execution);
    }
}

// ----- signals from outside ----------------------------------------------------------------------

WEAVE_KEPT struct sigaction outside[NSIG] = {};

/// Returns true for signals that an instruction may cause. Inside an execution they are findings.
bool is_synchronous(int signal) {
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL ||
           signal == SIGTRAP || signal == SIGABRT || signal == SIGSYS;
}

void run_outside(int signal, siginfo_t* info, void* context) {
    WEAVE_CHECK(signal >= 1 && signal < NSIG, signal);
    Execution* const interrupted = active;
    active = nullptr;
    const struct sigaction& action = outside[signal];
    if ((action.sa_flags & SA_SIGINFO) != 0) {
        action.sa_sigaction(signal, info, context);
    } else {
        action.sa_handler(signal);
    }
    active = interrupted;
}

int set_outside(int signal, const struct sigaction* action, struct sigaction* before) {
    auto* const real = WEAVE_REAL(sigaction);
    if (is_synchronous(signal)) {
        return real(signal, action, before);
    }
    const struct sigaction kept = outside[signal];
    struct sigaction wrapped{};
    if (action != nullptr) {
        wrapped = outside[signal] = *action;
        if (is_function(*action)) {
            wrapped.sa_sigaction = run_outside;
            wrapped.sa_flags |= SA_SIGINFO;
        }
    }
    const int result = real(signal, action == nullptr ? nullptr : &wrapped, before);
    if (result == 0 && before != nullptr && before->sa_sigaction == run_outside) {
        *before = kept;
    }
    return result;
}

/// Sets the action of the execution, or of the program before its main().
void set_own(Signals& signals, int signal, const struct sigaction* action,
             struct sigaction* before) {
    if (before != nullptr) {
        *before = signals.actions[signal];
    }
    if (action != nullptr) {
        signals.actions[signal] = *action;
        signals.is_set[signal] = true;
        signals.is_changed = true;
    }
}

}  // namespace

void inherit_mask(Execution& execution, unsigned thread) {
    const uint64_t blocked = own(execution).blocked;
    threads[thread] = {};
    threads[thread].blocked = blocked;
}

void block_all_signals(unsigned thread) { threads[thread].blocked = ~uint64_t{0}; }

void handle_signals(Execution& execution) {
    Thread& thread = execution.current();
    thread.has_signal = false;
    while (const int signal = take_pending(execution, ~own(execution).blocked)) {
        run_handler(execution, signal);
    }
}

uint64_t pending_signals(Execution& execution) {
    return own(execution).pending | signals_of(execution).pending;
}

int take_signal(Execution& execution, uint64_t set, sigval& value) {
    const int signal = take_pending(execution, set);
    if (signal != 0) {
        execution.acquire(signals_of(execution).released[signal]);
        value = signals_of(execution).values[signal];
    }
    return signal;
}

void send_signal(Execution& execution, int thread, int signal, sigval value, uint32_t pc) {
    Signals& signals = signals_of(execution);
    execution.side_effect();
    signals.released[signal] =
        merge(execution.arena, signals.released[signal], execution.release());
    signals.values[signal] = value;
    signals.is_changed = true;
    const int receiver = thread >= 0 ? thread : receiver_of(execution, signal);
    trace_signal(execution, Event::Kind::send_signal, signal,
                 receiver < 0 ? Event::no_thread : static_cast<uint32_t>(receiver), pc);
    if (receiver < 0) {
        signals.pending |= bit_of(signal);
        note_pending_signal(execution, pc);
        return;
    }
    const auto id = static_cast<unsigned>(receiver);
    ThreadSignals& target = threads[id];
    const bool is_awaited = (target.awaited & bit_of(signal)) != 0;
    if (is_ignored(signals.actions[signal], signal) && !is_awaited &&
        (target.blocked & bit_of(signal)) == 0) {
        return;
    }
    target.pending |= bit_of(signal);
    note_pending_signal(execution, pc);
    if (!is_awaited && (target.blocked & bit_of(signal)) != 0) {
        return;
    }
    execution.threads[id].has_signal = true;
    execution.threads.stop_spinning(thread_bit(id));
    execution.threads.interrupt(id);
}

namespace {

/// A signal that the current thread sends: to itself it comes at once.
int send(Execution& execution, int thread, int signal, sigval value, uint32_t pc) {
    if (signal < 0 || signal > signals_max) {
        return EINVAL;
    }
    if (signal == 0) {
        return 0;
    }
    execution.choice_point(OperationKind::wake, 0);
    send_signal(execution, thread, signal, value, pc);
    handle_signals(execution);
    return 0;
}

/// True if a signal that the body of explore() raises is for a handler of the process.
bool is_for_outside(Execution& execution, int signal) {
    return !execution.settings().is_program && 0 < signal && signal <= signals_max &&
           !signals_of(execution).is_set[signal];
}

[[noreturn]] void fail_raise(Execution& execution, int signal, uint32_t pc) {
    execution.fail(signal == SIGABRT ? Verdict::assertion : Verdict::crash, pc,
                   "raise(%d) was called", signal);
}

int report(int error) {
    if (error != 0) {
        errno = error;
        return -1;
    }
    return 0;
}

}  // namespace

void raise_broken_pipe(Execution& execution, uint32_t pc) {
    if (is_for_outside(execution, SIGPIPE)) {
        WEAVE_REAL(raise)(SIGPIPE);
        return;
    }
    send_signal(execution, execution.current().id, SIGPIPE, {}, pc);
    handle_signals(execution);
}

}  // namespace weave

extern "C" {

using weave::active;

int sigaction(int signal, const struct sigaction* action, struct sigaction* before) noexcept {
    if (signal < 1 || signal > weave::signals_max) {
        return WEAVE_REAL(sigaction)(signal, action, before);
    }
    if (active != nullptr) {
        weave::set_own(weave::signals_of(*active), signal, action, before);
        return 0;
    }
    if (weave::starting != nullptr) {
        weave::set_own(weave::state, signal, action, nullptr);
        if (weave::is_synchronous(signal)) {
            return 0;
        }
        return WEAVE_REAL(sigaction)(signal, action, before);
    }
    return weave::set_outside(signal, action, before);
}

sighandler_t signal(int number, sighandler_t handler) noexcept {
    struct sigaction action{};
    struct sigaction before{};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    return sigaction(number, &action, &before) == 0 ? before.sa_handler : SIG_ERR;
}

int pthread_sigmask(int how, const sigset_t* set, sigset_t* before) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(pthread_sigmask)(how, set, before);
    }
    weave::set_mask(*active, how, set, before);
    return 0;
}

int sigprocmask(int how, const sigset_t* set, sigset_t* before) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(sigprocmask)(how, set, before);
    }
    weave::set_mask(*active, how, set, before);
    return 0;
}

int sigpending(sigset_t* set) noexcept {
    if (active == nullptr) {
        return WEAVE_REAL(sigpending)(set);
    }
    const weave::Signals& signals = weave::signals_of(*active);
    weave::from_bits(signals.pending | weave::own(*active).pending, *set);
    return 0;
}

int raise(int number) noexcept {
    if (active == nullptr || weave::is_for_outside(*active, number)) {
        if (active != nullptr && weave::is_synchronous(number)) {
            weave::fail_raise(*active, number, WEAVE_PC);
        }
        return WEAVE_REAL(raise)(number);
    }
    if (weave::is_synchronous(number)) {
        weave::fail_raise(*active, number, WEAVE_PC);
    }
    return weave::report(weave::send(*active, active->current().id, number, sigval{}, WEAVE_PC));
}

int kill(pid_t process, int number) noexcept {
    if (active == nullptr || process != getpid() || weave::is_for_outside(*active, number)) {
        return WEAVE_REAL(kill)(process, number);
    }
    return weave::report(weave::send(*active, -1, number, sigval{}, WEAVE_PC));
}

int sigqueue(pid_t process, int number, const sigval value) noexcept {
    if (active == nullptr || process != getpid() || weave::is_for_outside(*active, number)) {
        return WEAVE_REAL(sigqueue)(process, number, value);
    }
    return weave::report(weave::send(*active, -1, number, value, WEAVE_PC));
}

int pause() {
    return active == nullptr ? WEAVE_REAL(pause)() : weave::pause_thread(*active, WEAVE_PC);
}

int sigsuspend(const sigset_t* mask) {
    return active == nullptr ? WEAVE_REAL(sigsuspend)(mask)
                             : weave::suspend_thread(*active, *mask, WEAVE_PC);
}

int sigtimedwait(const sigset_t* set, siginfo_t* info, const timespec* timeout) {
    return active == nullptr ? WEAVE_REAL(sigtimedwait)(set, info, timeout)
                             : weave::wait_for_signal(*active, *set, info, timeout, WEAVE_PC);
}

int sigwaitinfo(const sigset_t* set, siginfo_t* info) {
    return active == nullptr ? WEAVE_REAL(sigwaitinfo)(set, info)
                             : weave::wait_for_signal(*active, *set, info, nullptr, WEAVE_PC);
}

int sigwait(const sigset_t* set, int* number) {
    if (active == nullptr) {
        return WEAVE_REAL(sigwait)(set, number);
    }
    *number = weave::wait_for_signal(*active, *set, nullptr, nullptr, WEAVE_PC);
    return 0;
}
}
