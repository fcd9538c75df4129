// How long a push that is refused is repeated.
#pragma once

#include <algorithm>
#include <chrono>

#include "fuzz/kit/backoff.h"

namespace fuzz {

/// Counts refusals in a row, and pauses after each.
class Patience {
  public:
    /// Whether the next refusal is one of the first in a row; a history holds no others.
    bool is_news() const { return backoff_.turns() < refusals_recorded_max; }

    void taken() {
        backoff_.restart();
        refused_since_ = never;
    }

    /// False when the push was refused for so long that it will never be taken.
    bool outlasts_refusal() {
        backoff_.pause();
        return is_soon_enough();
    }

    /// The same for a caller that sleeps by itself, for a millisecond at most.
    template <class Sleep>
    bool outlasts_refusal(Sleep&& until_news) {
        backoff_.pause(until_news);
        return is_soon_enough();
    }

  private:
    using Time = std::chrono::steady_clock::time_point;

    bool is_soon_enough() {
        if (backoff_.turns() % refusals_between_clock_reads != 0) {
            return true;
        }
        const auto now = std::chrono::steady_clock::now();
        refused_since_ = std::min(refused_since_, now);
        return now - refused_since_ <= stuck_after;
    }

    // A push that is refused for this long while consumers drain will never be taken.
    static constexpr std::chrono::seconds stuck_after{10};
    static constexpr int refusals_recorded_max = 4;
    static constexpr int refusals_between_clock_reads = 256;
    static constexpr Time never = Time::max();

    Backoff backoff_;
    Time refused_since_ = never;
};

}  // namespace fuzz
