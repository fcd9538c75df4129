// Waiting for another thread in a loop, without ordering anything between the two.
#pragma once

#include <chrono>
#include <thread>

namespace fuzz {

/// Keeps the processor busy for a few nanoseconds per turn.
inline void spin(int turns) {
    for (int i = 0; i < turns; ++i) {
        asm volatile("" ::: "memory");  // keeps the loop
    }
}

/// Spins first, then yields, then sleeps. On a busy machine a yield can cost a whole time slice of
/// another thread's work, while a sleeper is woken early; so the first slow yield is the last.
class Backoff {
  public:
    void pause() {
        if (turn_ < spins) {
            spin(spin_length);
        } else if (turn_ < spins + yields && !is_crowded_) {
            const auto start = std::chrono::steady_clock::now();
            std::this_thread::yield();
            is_crowded_ = std::chrono::steady_clock::now() - start > slow_yield;
        } else {
            std::this_thread::sleep_for(sleep);
        }
        ++turn_;
    }

    /// The same with another way to sleep, one that ends when there is something to do, so that it
    /// need not be put off.
    template <class Sleep>
    void pause(Sleep&& until_news) {
        if (turn_ < spins) {
            spin(spin_length);
        } else {
            until_news();
        }
        ++turn_;
    }

    void restart() { turn_ = 0; }

    /// How often pause() has been called since restart().
    int turns() const { return turn_; }

  private:
    static constexpr int spins = 4;
    static constexpr int spin_length = 300;
    static constexpr int yields = 256;
    static constexpr std::chrono::microseconds slow_yield{500};
    static constexpr std::chrono::microseconds sleep{20};

    int turn_ = 0;
    bool is_crowded_ = false;
};

}  // namespace fuzz
