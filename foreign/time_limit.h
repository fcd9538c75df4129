// Names a call that never returns. A push that waits for room is one: on a single thread no other
// thread makes any.
#pragma once

#include <sys/time.h>

#include <csignal>
#include <functional>
#include <string>

#include "fuzz/kit/fuzz_target.h"
#include "fuzz/kit/report.h"

namespace foreign {

/// Limits the processor time of what runs while the object lives. When the time is up, the finding
/// "stuck" is reported, with the sentence of `describe`, which is called in the middle of the call
/// that is stuck. One at a time.
class TimeLimit {
  public:
    using Describe = std::function<std::string()>;

    explicit TimeLimit(Describe describe) {
        static const bool is_installed = [] {
            struct sigaction action{};
            action.sa_handler = &report_stuck;
            return sigaction(SIGVTALRM, &action, nullptr) == 0;
        }();
        static_cast<void>(is_installed);
        current() = std::move(describe);
        arm(seconds_max);
    }
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;
    ~TimeLimit() { arm(0); }

  private:
    // A schedule takes milliseconds, with any sanitizer.
    static constexpr int seconds_max = 1;

    static Describe& current() {
        static Describe describe;
        return describe;
    }

    static void arm(int seconds) {
        const itimerval timer{{0, 0}, {seconds, 0}};
        setitimer(ITIMER_VIRTUAL, &timer, nullptr);
    }

    static void report_stuck(int) {
        fuzz::report(fuzz::fuzz_target().name,
                     {"stuck", "a call did not return within 1 s of processor time", current()()});
    }
};

}  // namespace foreign
