// How far a ring's tasks are consumed without a gap. The threads that consume tasks keep it.
//
// Tasks are consumed in any order; the watermark may only pass a prefix. A try-lock whose loser
// leaves is not enough: the holder may just have looked at the loser's task, and with store buffers
// both can miss each other. So every thread leaves a request, and the thread that raised the count
// from 0 scans until it can exchange the count that it saw for 0: a request that came during the
// scan makes that exchange fail, and the scan is repeated.
#pragma once

#include <atomic>
#include <cstdint>

#include "pto_assert.h"
#include "pto_constants.h"

namespace pto {

/// The first task of a ring that is not consumed, as a count of tasks since the ring began.
///
/// One thread at a time scans, the others return at once: no caller waits. All zero bytes are a
/// ring that has not begun.
class RingWatermark {
  public:
    /// Every task before this one is consumed, and what its slot held may be overwritten.
    uint64_t value() const noexcept {
        // Acquire: pairs with the release store in task_consumed(); no thread uses the slots now.
        return value_.load(std::memory_order_acquire);
    }

    /// To be called once for each task, after it was marked as consumed. `is_consumed(uint64_t
    /// task)
    /// -> bool` says whether a task, at or after value(), is marked; it is false for one that was
    /// not submitted yet. It is called by the scanning thread only, and may reset a slot that it
    /// says yes for.
    template <class IsConsumed>
    void task_consumed(IsConsumed&& is_consumed) noexcept {
        // Acq_rel: as a release it pairs with the failing exchange below, so that the scan that
        // follows sees the caller's mark; as an acquire, by the next scanner, with the exchange by
        // which the last one left.
        if (requests_.fetch_add(1, std::memory_order_acq_rel) != 0) {
            return;
        }
        uint32_t seen = 1;
        for (;;) {
            // Relaxed: only scanners store it, and each is ordered after the last by `requests_`.
            const uint64_t begin = value_.load(std::memory_order_relaxed);
            uint64_t end = begin;
            while (is_consumed(end)) {
                ++end;
            }
            // Relaxed: one thread at a time scans, so no other thread has moved it.
            PTO_ASSERT(value_.load(std::memory_order_relaxed) == begin, begin, end);
            // Release: pairs with the acquire load in value(), before a slot is filled again.
            value_.store(end, std::memory_order_release);
            // Release on success: pairs with the addition of the next scanner. Acquire on failure:
            // pairs with the additions of those whose marks the next scan has to see.
            if (requests_.compare_exchange_strong(seen, 0, std::memory_order_release,
                                                  std::memory_order_acquire)) {
                return;
            }
        }
    }

    /// Puts the mark at task `first`: those before it count as consumed. Quiescent only.
    void reset(uint64_t first) noexcept {
        // Relaxed: quiescence orders it after the last scan.
        PTO_ASSERT(requests_.load(std::memory_order_relaxed) == 0, first);
        // Relaxed: quiescence orders it before every later call.
        value_.store(first, std::memory_order_relaxed);
    }

  private:
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint32_t> requests_ = 0;
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint64_t> value_ = 0;
};

}  // namespace pto
