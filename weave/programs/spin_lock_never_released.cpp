// A spin lock that a thread does not unlock on one of its return paths, which it takes when it
// comes second: the next thread spins forever.
// verdict: livelock
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<bool> taken = false;
    int count = 0;

    void enter() {
        while (taken.exchange(true, std::memory_order_acquire)) {
        }
    }

    void leave() { taken.store(false, std::memory_order_release); }
};

static void work(Lock& lock) {
    lock.enter();
    if (lock.count == 1) {
        return;
    }
    ++lock.count;
    lock.leave();
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { work(*lock); });
    std::thread second([&lock] { work(*lock); });
    std::thread third([&lock] { work(*lock); });
    first.join();
    second.join();
    third.join();
}
