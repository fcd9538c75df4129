// A spin lock that is taken by an acquiring exchange and released by a releasing store; waiters
// test it before they try again.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<bool> taken = false;
    int count = 0;

    void enter() {
        while (taken.exchange(true, std::memory_order_acquire)) {
            while (taken.load(std::memory_order_relaxed)) {
            }
        }
    }

    void leave() { taken.store(false, std::memory_order_release); }
};

static void work(Lock& lock) {
    for (int round = 0; round < 2; ++round) {
        lock.enter();
        ++lock.count;
        lock.leave();
    }
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { work(*lock); });
    std::thread second([&lock] { work(*lock); });
    first.join();
    second.join();
    assert(lock->count == 4);
}
