// For programs that are drawn from a seed.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

/// A small generator of numbers (xorshift), so that a seed always draws the same program.
class Draw {
  public:
    explicit Draw(uint32_t seed) : state_(seed * 2654435761u + 1) {}
    unsigned below(unsigned limit) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return (state_ >> 8) % limit;
    }

  private:
    uint32_t state_;
};

/// What the threads of such a program share.
struct Objects {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    std::mutex mutex;
};
