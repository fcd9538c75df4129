// The watchdog's thread; see the header.
#include "stress/support/watchdog.h"

namespace stress {
namespace {

// How late the end of the time may be noticed.
constexpr std::chrono::milliseconds look_interval{5};

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

void Watchdog::look(Clock::time_point now) {
    if (now >= run_.deadline()) {
        run_.end_time();
    }
    if (now >= run_.deadline() + run_.request().overtime_max) {
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
