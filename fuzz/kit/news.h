// How threads of an explored scenario order their calls, besides what they call: one tells, another
// looks. Without it, happens-before is only what the code under test makes itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "fuzz/kit/pause.h"

namespace fuzz {

/// What has been told. Any thread may call pass() at any time; it never waits.
class News {
  public:
    /// The pause before a call: a brief one tells, a long one looks.
    void pass(Pause pause) {
        switch (pause) {
            case Pause::none:
                return;
            case Pause::yield:
                return std::this_thread::yield();
            case Pause::short_spin:
                // Release: pairs with the acquire load below.
                told_.fetch_add(1, std::memory_order_release);
                return;
            case Pause::long_spin:
                // Acquire: pairs with the release increment above.
                static_cast<void>(told_.load(std::memory_order_acquire));
                return;
        }
    }

  private:
    std::atomic<uint32_t> told_ = 0;
};

}  // namespace fuzz
