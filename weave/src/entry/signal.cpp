// Signals: defines sigaction() of the C library. A handler that was installed outside of an
// execution, such as a fuzzer's for its time limit, may interrupt the program anywhere and is not
// part of it. It runs as outside of the execution: with the real clock, allocator and exit().
#include <csignal>

#include "run/check.h"
#include "run/execution.h"
#include "run/real.h"

namespace weave {

namespace {

WEAVE_KEPT struct sigaction outside[NSIG] = {};

/// Returns true for signals that an instruction may cause. Inside an execution they are findings.
bool is_synchronous(int signal) {
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL ||
           signal == SIGTRAP || signal == SIGABRT || signal == SIGSYS;
}

bool is_function(const struct sigaction& action) {
    return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
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

}  // namespace

}  // namespace weave

extern "C" {

int sigaction(int signal, const struct sigaction* action, struct sigaction* before) noexcept {
    auto* const real = WEAVE_REAL(sigaction);
    if (weave::active != nullptr || weave::starting != nullptr || signal < 1 || signal >= NSIG ||
        weave::is_synchronous(signal)) {
        return real(signal, action, before);
    }
    const struct sigaction kept = weave::outside[signal];
    struct sigaction wrapped{};
    if (action != nullptr) {
        wrapped = weave::outside[signal] = *action;
        if (weave::is_function(*action)) {
            wrapped.sa_sigaction = weave::run_outside;
            wrapped.sa_flags |= SA_SIGINFO;
        }
    }
    const int result = real(signal, action == nullptr ? nullptr : &wrapped, before);
    if (result == 0 && before != nullptr && before->sa_sigaction == weave::run_outside) {
        *before = kept;
    }
    return result;
}
}
