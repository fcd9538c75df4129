// Dekker's mutual exclusion for two threads with release stores and acquire loads: each may miss
// the other's flag, since a store may come after a later load, and both enter.
// verdict: assertion
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<bool> wants[2] = {false, false};
    std::atomic<int> turn = 0;
    std::atomic<int> inside = 0;

    void enter(int me) {
        const int other = 1 - me;
        wants[me].store(true, std::memory_order_release);
        while (wants[other].load(std::memory_order_acquire)) {
            if (turn.load(std::memory_order_acquire) == other) {
                wants[me].store(false, std::memory_order_release);
                while (turn.load(std::memory_order_acquire) == other) {
                }
                wants[me].store(true, std::memory_order_release);
            }
        }
    }

    void leave(int me) {
        turn.store(1 - me, std::memory_order_release);
        wants[me].store(false, std::memory_order_release);
    }
};

static void work(Lock& lock, int me) {
    lock.enter(me);
    const int others = lock.inside.fetch_add(1, std::memory_order_relaxed);
    assert(others == 0);
    lock.inside.fetch_sub(1, std::memory_order_relaxed);
    lock.leave(me);
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { work(*lock, 0); });
    std::thread second([&lock] { work(*lock, 1); });
    first.join();
    second.join();
}
