// Stamps: numbers that say when each call began and ended, in one order for all threads.
#pragma once

#include <atomic>
#include <cstdint>

namespace fuzz {

/// A counter that all threads of a run draw from. Gives 0 in a run that is not stamped.
class Stamps {
  public:
    explicit Stamps(bool is_stamped) : is_stamped_(is_stamped) {}

    uint64_t draw() {
        if (!is_stamped_) {
            return 0;
        }
        // Orders the calls in time, and nothing else: relaxed, so that ThreadSanitizer takes no
        // synchronisation from it. The hardware barrier, which it does not see, keeps the processor
        // from moving the call across the stamp; on x86 the increment is one.
        hardware_barrier();
        const uint64_t value = next_.fetch_add(1, std::memory_order_relaxed);
        hardware_barrier();
        return value;
    }

  private:
    static void hardware_barrier() {
#if defined(__aarch64__)
        asm volatile("dmb ish" ::: "memory");
#else
        asm volatile("" ::: "memory");
#endif
    }

    const bool is_stamped_;
    std::atomic<uint64_t> next_{1};
};

}  // namespace fuzz
