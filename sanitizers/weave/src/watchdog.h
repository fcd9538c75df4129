// Ends an execution that does nothing that others could see, and does not end.
#pragma once

namespace weave {

/// While there is one, an execution without a choice point for `seconds` of processor time ends
/// with `limit`. Of whole programs: a fuzzer has its own.
class Watchdog {
  public:
    static constexpr int seconds = 2;

    Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    ~Watchdog();
};

}  // namespace weave
