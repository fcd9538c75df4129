// Lamport's bakery lock for two threads with release stores and acquire loads: each may miss that
// the other one is choosing and the number it has drawn, and both enter.
// verdict: assertion
// options: mode=random executions=20000
#include <algorithm>
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<bool> choosing[2] = {false, false};
    std::atomic<int> number[2] = {0, 0};
    std::atomic<int> inside = 0;

    void enter(int me) {
        const int other = 1 - me;
        choosing[me].store(true, std::memory_order_release);
        const int mine = 1 + std::max(number[0].load(std::memory_order_acquire),
                                      number[1].load(std::memory_order_acquire));
        number[me].store(mine, std::memory_order_release);
        choosing[me].store(false, std::memory_order_release);
        while (choosing[other].load(std::memory_order_acquire)) {
        }
        for (;;) {
            const int theirs = number[other].load(std::memory_order_acquire);
            if (theirs == 0 || theirs > mine || (theirs == mine && me < other)) {
                return;
            }
        }
    }

    void leave(int me) { number[me].store(0, std::memory_order_release); }
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
