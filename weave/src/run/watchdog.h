// The watchdog ends an execution that never comes to a choice point again.
#pragma once

namespace weave {

/// During its lifetime an execution without a choice point for `seconds` of processor time ends
/// with Verdict::limit. Only for whole programs: a fuzzer has a watchdog of its own.
class Watchdog {
  public:
    static constexpr int seconds = 1;

    Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    ~Watchdog();

    /// How many executions a watchdog has ended: another one may take as long.
    static unsigned ended_executions();
};

}  // namespace weave
