// What all threads of a run share about the run itself: the error that ends it, and whether all is
// submitted.
#pragma once

#include <atomic>
#include <cstdint>

#include "pto_assert.h"
#include "pto_constants.h"

namespace pto {

/// The state of one run. Every function may be called by any thread but reset(), which needs
/// quiescence.
class RunState {
  public:
    /// Ends the run with `code`, unless an earlier error has ended it already. `code` is not 0.
    void latch_error(int32_t code) noexcept {
        PTO_ASSERT(code != PTO2_ERROR_NONE);
        int32_t expected = PTO2_ERROR_NONE;
        // Relaxed: the stop flag publishes it.
        sched_error_code_.compare_exchange_strong(expected, code, std::memory_order_relaxed,
                                                  std::memory_order_relaxed);
        // Release: pairs with the acquire load in is_stopped(); a thread that stops sees the error.
        stop_.store(true, std::memory_order_release);
    }

    /// Has an error ended the run?
    bool is_stopped() const noexcept {
        // Acquire: pairs with the release store in latch_error().
        return stop_.load(std::memory_order_acquire);
    }

    /// The first error, or PTO2_ERROR_NONE.
    int32_t sched_error_code() const noexcept {
        // Relaxed: is_stopped() orders it for those who need it to be final.
        return sched_error_code_.load(std::memory_order_relaxed);
    }

    /// 0, or minus the first error; a negative code, which a kernel left in its slab, stays.
    int32_t status() const noexcept {
        const int32_t code = sched_error_code();
        return code > 0 ? -code : code;
    }

    /// Counts a task in. For the submitting thread, before the task can complete.
    void task_submitted() noexcept {
        // Relaxed: the submitting thread's own store.
        PTO_ASSERT(!submission_finished_.load(std::memory_order_relaxed), submitted());
        // Relaxed: one thread stores it, and finish_submission() publishes the last value.
        submitted_.store(submitted() + 1, std::memory_order_relaxed);
    }
    uint64_t submitted() const noexcept { return submitted_.load(std::memory_order_relaxed); }

    /// Says that no task will follow. For the submitting thread.
    void finish_submission() noexcept {
        // Release: pairs with the acquire load in is_submission_finished(), which makes the count
        // of submitted tasks final.
        submission_finished_.store(true, std::memory_order_release);
    }
    bool is_submission_finished() const noexcept {
        // Acquire: pairs with the release store in finish_submission().
        return submission_finished_.load(std::memory_order_acquire);
    }

    /// Says that a task waits for room in a ring whose tasks from `first_held` on are held by open
    /// scopes. For the submitting thread, as is the next.
    void note_full_ring(uint32_t ring, uint64_t first_held) noexcept {
        first_held_.store(first_held, std::memory_order_relaxed);
        // Release: pairs with the acquire load in full_ring().
        full_ring_.store(ring, std::memory_order_release);
    }
    void note_room() noexcept {
        // Relaxed, both: this thread's own store, and a hint.
        if (full_ring_.load(std::memory_order_relaxed) != no_ring) {
            full_ring_.store(no_ring, std::memory_order_relaxed);
        }
    }

    static constexpr uint32_t no_ring = ~uint32_t{0};
    /// The ring that the submission waits for, or no_ring; and its first task held by a scope.
    uint32_t full_ring() const noexcept {
        // Acquire: pairs with the release store in note_full_ring().
        return full_ring_.load(std::memory_order_acquire);
    }
    uint64_t first_held() const noexcept { return first_held_.load(std::memory_order_relaxed); }

    /// Makes it the state of a run that has not begun.
    void reset() noexcept {
        // All relaxed: quiescence orders these stores before every later call.
        sched_error_code_.store(PTO2_ERROR_NONE, std::memory_order_relaxed);
        stop_.store(false, std::memory_order_relaxed);
        submission_finished_.store(false, std::memory_order_relaxed);
        submitted_.store(0, std::memory_order_relaxed);
        full_ring_.store(no_ring, std::memory_order_relaxed);
    }

  private:
    alignas(PTO2_ALIGN_SIZE) std::atomic<int32_t> sched_error_code_ = PTO2_ERROR_NONE;
    std::atomic<bool> stop_ = false;
    std::atomic<bool> submission_finished_ = false;
    std::atomic<uint32_t> full_ring_ = no_ring;
    std::atomic<uint64_t> first_held_ = 0;
    // On its own line: it is stored for every task, the others once in a run.
    alignas(PTO2_ALIGN_SIZE) std::atomic<uint64_t> submitted_ = 0;
};

}  // namespace pto
