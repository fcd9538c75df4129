// Waiting for another thread to do something, asleep, without ordering anything between the two:
// std::atomic::wait() would, and so hide races from ThreadSanitizer.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdint>
#include <ctime>

namespace fuzz {

/// Something that happens again and again. Any thread may call everything.
class QuietEvent {
  public:
    /// What to pass to wait(); to be read before the waiter looks whether it has to wait.
    uint32_t seen() const { return times_.load(std::memory_order_relaxed); }

    /// Returns when the event has happened since `seen` was read, or a millisecond later: on some
    /// processors a relaxed count of sleepers is read too early, and the sleeper is not woken.
    void wait(uint32_t seen) {
        timespec limit{0, 1'000'000};
        sleepers_.fetch_add(1, std::memory_order_relaxed);
        syscall(SYS_futex, &times_, FUTEX_WAIT_PRIVATE, seen, &limit, nullptr, 0);
        sleepers_.fetch_sub(1, std::memory_order_relaxed);
    }

    void happen() {
        times_.fetch_add(1, std::memory_order_relaxed);
        if (sleepers_.load(std::memory_order_relaxed) != 0) {
            syscall(SYS_futex, &times_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
        }
    }

  private:
    static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

    std::atomic<uint32_t> times_{0};
    std::atomic<uint32_t> sleepers_{0};
};

}  // namespace fuzz
