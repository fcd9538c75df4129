// The execution's clock, which all clocks of the program show.
//
// Time passes when a wait times out, when a thread sleeps, and when a thread looks at the clock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace weave {

inline constexpr uint64_t ns_per_second = 1'000'000'000;
/// The time when an execution begins: no program should see a time of 0.
inline constexpr uint64_t first_ns = ns_per_second * 1'000'000'000;

/// Nanoseconds of a time or duration, at least 0. Times that no clock here will ever show become
/// ten billion seconds.
inline uint64_t nanoseconds_of(const timespec& time) {
    constexpr int64_t seconds_max = 10'000'000'000;
    const int64_t seconds = std::clamp<int64_t>(time.tv_sec, 0, seconds_max);
    return static_cast<uint64_t>(seconds) * ns_per_second + static_cast<uint64_t>(time.tv_nsec);
}

/// How much time a look at the clock takes: the more looks there are while nothing else happens,
/// the faster time passes, from a microsecond to an hour each, so that a loop which waits for some
/// time to come ends.
class Pace {
  public:
    /// Nanoseconds that the next look takes. `is_idle`: nothing has happened since the last one.
    uint64_t next(bool is_idle) {
        constexpr uint64_t ns_min = 1'000;
        constexpr uint64_t ns_max = 3600 * ns_per_second;
        ns_ = is_idle ? std::clamp(2 * ns_, ns_min, ns_max) : ns_min;
        return ns_;
    }

  private:
    uint64_t ns_ = 0;
};

class Time {
  public:
    /// Stands for the clock where objects are known by their addresses; none is there.
    static constexpr uintptr_t address = 2;

    void begin_execution() { now_ns_ = first_ns; }
    uint64_t now_ns() const { return now_ns_; }
    /// Time does not run backwards: nothing happens if `ns` has passed.
    void sleep_until(uint64_t ns) { now_ns_ = std::max(now_ns_, ns); }
    void advance(uint64_t ns) { now_ns_ += ns; }

  private:
    uint64_t now_ns_ = 0;
};

}  // namespace weave
