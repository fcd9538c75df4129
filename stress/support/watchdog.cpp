// The watchdog's thread; see the header.
#include "stress/support/watchdog.h"

namespace stress {
namespace {

// The delay with which the end of the time is noticed, at most.
constexpr std::chrono::milliseconds look_interval{5};
// A state that this many rounds do not reach is one that the job does not bring about.
constexpr uint64_t rounds_enough = 1000;

}  // namespace

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        has_ended_ = true;
    }
    ended_changed_.notify_one();
}

void Watchdog::watch() {
    std::unique_lock lock(mutex_);
    while (!ended_changed_.wait_for(lock, look_interval, [this] { return has_ended_; })) {
        look(Clock::now());
    }
}

/// On a busy machine a short run has few rounds. One that must reach its states gets more, as long
/// as its rounds end.
bool Watchdog::deserves_more_time(Clock::time_point now) const {
    return run_.request().requires_states && run_.unreached_state() != nullptr &&
           round_ < rounds_enough && now - round_began_ < run_.request().overtime_max;
}

void Watchdog::look(Clock::time_point now) {
    if (run_.round() != round_) {
        round_ = run_.round();
        round_began_ = now;
    }
    if (now < run_.deadline() || deserves_more_time(now)) {
        had_time_ = now;
    } else {
        run_.end_time();
    }
    if (now - had_time_ >= run_.request().overtime_max) {
        run_.fail(Verdict::hang, "the run has not ended %lld s after its time",
                  static_cast<long long>(run_.request().overtime_max.count()));
    }
    const uint64_t operations = run_.operations();
    if (operations != operations_) {
        operations_ = operations;
        last_progress_ = now;
    } else if (now - last_progress_ >= run_.request().standstill_max) {
        run_.fail(Verdict::hang, "no thread has finished an operation for %lld s",
                  static_cast<long long>(run_.request().standstill_max.count()));
    }
}

}  // namespace stress
