// Clocks of explored threads, told by a test, which draws moments as the threads would.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "fuzz/kit/moments.h"

namespace fuzz::test {

/// One set of clocks is in use at a time: the one that drew last. Not thread-safe.
class ToldClocks {
  public:
    ToldClocks() { restart_moments(/*is_strict=*/false); }

    /// A moment of the thread.
    uint64_t draw(uint32_t thread) {
        ++clocks_[thread][thread];
        drawing() = {thread, clocks_[thread]};
        return draw_moment();
    }

    /// What `from` has done so far happens before what `thread` does next.
    void learn(uint32_t thread, uint32_t from) {
        for (uint32_t i = 0; i < moment_threads_max; ++i) {
            clocks_[thread][i] = std::max(clocks_[thread][i], clocks_[from][i]);
        }
    }

    using Clock = std::array<uint32_t, moment_threads_max>;
    struct Drawing {
        uint32_t thread;
        Clock clock;
    };
    /// The thread that draws now, and what it knows.
    static Drawing& drawing() {
        static Drawing drawing{};
        return drawing;
    }

  private:
    std::array<Clock, moment_threads_max> clocks_{};
};

}  // namespace fuzz::test
