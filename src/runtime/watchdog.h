// When to give up a run: no thread has made progress for the time of the limit.
#pragma once

#include <cstdint>

#include "pto_assert.h"

namespace pto {

/// One thread's watch over the progress of all threads. Used by that thread, in every turn in which
/// it found nothing to do.
class Watchdog {
  public:
    explicit Watchdog(uint64_t limit_ns) noexcept : limit_ns_(limit_ns) {}

    /// `progress` is a number that changes whenever a thread makes progress, `now_ns` the time of
    /// the call. Returns whether the number has been the same for the time of the limit.
    bool is_expired(uint64_t progress, uint64_t now_ns) noexcept {
        if (!is_watching_ || progress != progress_seen_) {
            is_watching_ = true;
            progress_seen_ = progress;
            since_ns_ = now_ns;
            return false;
        }
        PTO_ASSERT(now_ns >= since_ns_, now_ns, since_ns_);
        return now_ns - since_ns_ >= limit_ns_;
    }

    uint64_t limit_ns() const noexcept { return limit_ns_; }

    /// Forgets what was seen: there was no work to do.
    void pause() noexcept { is_watching_ = false; }

  private:
    uint64_t limit_ns_;
    uint64_t progress_seen_ = 0;
    uint64_t since_ns_ = 0;
    bool is_watching_ = false;
};

}  // namespace pto
