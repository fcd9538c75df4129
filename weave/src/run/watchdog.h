// Ends an execution that does nothing that others could see, and does not end.
#pragma once

namespace weave {

/// While there is one, an execution without a choice point for `seconds` of processor time ends
/// with `limit`. Of whole programs: a fuzzer has its own.
class Watchdog {
  public:
    static constexpr int seconds = 1;

    Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    ~Watchdog();

    /// Has it ended an execution? Another one would take as long.
    static bool has_fired();
};

}  // namespace weave
