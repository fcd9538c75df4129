// Ends what does not end by itself: a thread beside a run that watches the time and the counts.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "stress/support/run.h"

namespace stress {

/// Watches a run for as long as it lives. Says when the time is up; fails the run when no thread
/// has counted an operation for `standstill_max`, and when the run takes more than
/// `overtime_max` after its time. A run that must reach its states has time until then, or for
/// 1,000 rounds, so that a slow machine does not fail it.
class Watchdog {
  public:
    explicit Watchdog(Run& watched) : run_(watched) {}
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    ~Watchdog();

  private:
    void watch();
    void look(Clock::time_point now);
    bool deserves_more_time(Clock::time_point now) const;

    Run& run_;
    uint64_t operations_ = 0;
    Clock::time_point last_progress_ = Clock::now();
    uint64_t round_ = 0;
    Clock::time_point round_began_ = Clock::now();
    /// When the run last had time left.
    Clock::time_point had_time_ = Clock::now();
    std::mutex mutex_;
    std::condition_variable ended_changed_;
    bool has_ended_ = false;
    std::jthread thread_{[this] { watch(); }};
};

}  // namespace stress
