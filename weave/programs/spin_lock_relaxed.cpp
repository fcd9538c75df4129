// A spin lock that is released by a relaxed store: it keeps the threads apart, but the next owner
// is not ordered after the last one, and their plain counts race.
// verdict: data-race
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
        }
    }

    void leave() { taken.store(false, std::memory_order_relaxed); }
};

static void work(Lock& lock) {
    lock.enter();
    ++lock.count;
    lock.leave();
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { work(*lock); });
    std::thread second([&lock] { work(*lock); });
    first.join();
    second.join();
    assert(lock->count == 2);
}
