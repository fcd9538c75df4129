// The parent waits for signals with a limit of time, so that it has no handlers of its own.
#include "run/supervisor.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "run/base.h"
#include "run/real.h"
#include "run/seconds.h"

// Defined by a file of the program that was compiled with optimisation: see weave_atomics.h.
extern "C" __attribute__((weak)) const char __weave_is_optimised;

namespace weave {

namespace {

WEAVE_KEPT volatile std::sig_atomic_t asked_to_stop = 0;
WEAVE_KEPT Progress* progress = nullptr;

// How long the child may take to end its execution and print the last line.
constexpr double patience_seconds_min = 0.5;
constexpr double patience_seconds_max = 5;

double seconds_now() { return seconds_of(CLOCK_MONOTONIC); }

void on_stop(int signal) { asked_to_stop = signal; }

/// The child ends between two executions when it is asked to.
void begin_child() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct sigaction action{};
    action.sa_handler = on_stop;
    action.sa_flags = SA_ONSTACK | SA_RESTART;
    WEAVE_REAL(sigaction)(SIGINT, &action, nullptr);
    WEAVE_REAL(sigaction)(SIGTERM, &action, nullptr);
    on_internal_error = [] { progress->has_failed = true; };
}

class Parent {
  public:
    Parent(pid_t child, double seconds)
        : child_(child), begin_(seconds_now()), deadline_(seconds > 0 ? begin_ + seconds : 0) {}

    [[noreturn]] void run() {
        for (;;) {
            int status = 0;
            if (waitpid(child_, &status, WNOHANG) == child_) {
                end_as(status);
            }
            const double now = seconds_now();
            if (kill_at_ != 0 && now >= kill_at_) {
                kill(child_, SIGKILL);
                waitpid(child_, &status, 0);
                end_hanging();
            }
            // The child looks at the clock itself, after each execution.
            if (kill_at_ == 0 && deadline_ != 0 && now >= deadline_) {
                kill_at_ = now + patience();
            }
            if (const int signal = next_signal(now); signal == SIGINT || signal == SIGTERM) {
                interrupted_by_ = signal;
                stop_child();
            }
        }
    }

  private:
    /// Waits for a signal until something is due. Returns 0 if there was none.
    int next_signal(double now) const {
        const double due = kill_at_ != 0 ? kill_at_ : deadline_;
        const double left = due == 0 ? 60 : due - now;
        timespec limit{};
        if (left > 0) {
            limit.tv_sec = static_cast<time_t>(left);
            limit.tv_nsec = static_cast<long>((left - static_cast<double>(limit.tv_sec)) * 1e9);
        }
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGCHLD);
        const int signal = sigtimedwait(&set, nullptr, &limit);
        return signal < 0 ? 0 : signal;
    }

    void stop_child() {
        kill(child_, SIGTERM);
        if (kill_at_ == 0) {
            kill_at_ = seconds_now() + patience();
        }
    }

    /// How long an execution that has begun may still take: those before it say what is usual.
    double patience() const {
        const uint64_t executions = progress->executions;
        const double usual =
            executions == 0 ? 0 : (seconds_now() - begin_) / static_cast<double>(executions);
        return std::clamp(10 * usual, patience_seconds_min, patience_seconds_max);
    }

    [[noreturn]] void end(const char* verdict, int status) const {
        print_last_line(verdict, progress->executions, false, seconds_now() - begin_);
        _exit(status);
    }

    [[noreturn]] void end_as(int status) const {
        if (progress->is_finished) {
            if (interrupted_by_ != 0 && WEXITSTATUS(status) == 0) {
                _exit(128 + interrupted_by_);
            }
            _exit(WEXITSTATUS(status));
        }
        const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        if (progress->has_failed || signal == SIGABRT || signal == SIGSEGV || signal == SIGBUS ||
            signal == SIGILL || signal == SIGFPE) {
            end("internal-error", exit_internal_error);
        }
        if (signal != 0) {
            std::fprintf(stderr, "weave: the process was ended by signal %d, %s\n", signal,
                         strsignal(signal));
        } else {
            std::fprintf(stderr,
                         "weave: the program ended the process with status %d, in a way that weave "
                         "does not see\n",
                         WEXITSTATUS(status));
        }
        end("process-ended", exit_process_ended);
    }

    /// The child was in an execution that did not end.
    [[noreturn]] void end_hanging() const {
        std::fprintf(stderr, "weave: execution %" PRIu64 " did not end\n",
                     progress->executions + 1);
        end("limit", interrupted_by_ == 0 ? exit_undecided : 128 + interrupted_by_);
    }

    const pid_t child_;
    const double begin_;
    const double deadline_;  ///< 0: none
    double kill_at_ = 0;     ///< 0: the child was not asked to stop
    int interrupted_by_ = 0;
};

}  // namespace

void finish() {
    if (progress != nullptr) {
        progress->is_finished = true;
    }
}

int stop_signal() { return asked_to_stop; }

Progress& supervise(double seconds) {
    progress =
        new (mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))
            Progress{};
    sigset_t waited_for;
    sigset_t before;
    sigemptyset(&waited_for);
    for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) {
        sigaddset(&waited_for, signal);
    }
    sigprocmask(SIG_BLOCK, &waited_for, &before);
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child < 0) {
        die("the process cannot be forked");
    }
    if (child != 0) {
        Parent(child, seconds).run();
    }
    begin_child();
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return *progress;
}

void print_last_line(const char* verdict, uint64_t executions, bool is_complete, double seconds,
                     const std::string& found) {
    const bool is_optimised = &__weave_is_optimised != nullptr;
    std::fprintf(stderr,
                 "weave: %s executions=%" PRIu64 " complete=%s seconds=%.2f optimised=%s%s\n",
                 verdict, executions, is_complete ? "yes" : "no", seconds,
                 is_optimised ? "yes" : "no", found.c_str());
    std::fflush(stderr);
}

}  // namespace weave
