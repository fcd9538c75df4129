// How the threads of a measurement wait, start together, and stay where they are.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "src/runtime/spin_hint.h"

namespace bench {

using Clock = std::chrono::steady_clock;

inline double seconds_between(Clock::time_point start, Clock::time_point end) {
    return std::chrono::duration<double>(end - start).count();
}

/// Waits for another thread: a short spin, then the processor is given away. Every queue waits like
/// this, on full and on empty, so that they differ in the queue alone.
class Patience {
  public:
    void wait() {
        if (turns_ < spins) {
            ++turns_;
            pto::spin_hint();
        } else {
            std::this_thread::yield();
        }
    }

    void restart() { turns_ = 0; }

  private:
    static constexpr uint32_t spins = 64;

    uint32_t turns_ = 0;
};

/// Holds threads back until all of them are there.
class StartingGate {
  public:
    explicit StartingGate(uint32_t threads) : missing_(threads) {}

    void arrive_and_wait() {
        // Acq_rel: each arrival sees what was prepared before the earlier ones; pairs with itself
        // and with the acquire load below.
        missing_.fetch_sub(1, std::memory_order_acq_rel);
        while (missing_.load(std::memory_order_acquire) != 0) {
            std::this_thread::yield();
        }
    }

  private:
    std::atomic<uint32_t> missing_;
};

/// Keeps the calling thread on one of the processors that it may use, until the scope ends. With a
/// single processor it does nothing.
class PinnedTo {
  public:
    static constexpr int nowhere = -1;

    /// `number` counts the allowed processors from 0.
    explicit PinnedTo(int number) {
        sched_getaffinity(0, sizeof before_, &before_);
        if (number == nowhere || CPU_COUNT(&before_) < 2) {
            return;
        }
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(nth_of(before_, number % CPU_COUNT(&before_)), &one);
        sched_setaffinity(0, sizeof one, &one);
    }

    ~PinnedTo() { sched_setaffinity(0, sizeof before_, &before_); }

    PinnedTo(const PinnedTo&) = delete;
    PinnedTo& operator=(const PinnedTo&) = delete;

  private:
    static size_t nth_of(const cpu_set_t& set, int number) {
        size_t processor = 0;
        for (;; ++processor) {
            if (CPU_ISSET(processor, &set) && number-- == 0) {
                return processor;
            }
        }
    }

    cpu_set_t before_;
};

}  // namespace bench
