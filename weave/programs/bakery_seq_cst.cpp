// Lamport's bakery lock for two threads, sequentially consistent: each draws a number above all
// that it has seen, and the lower one goes first.
// verdict: ok
// options: mode=random executions=20000
#include <algorithm>
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<bool> choosing[2] = {false, false};
    std::atomic<int> number[2] = {0, 0};
    int count = 0;

    void enter(int me) {
        const int other = 1 - me;
        choosing[me].store(true);
        const int mine = 1 + std::max(number[0].load(), number[1].load());
        number[me].store(mine);
        choosing[me].store(false);
        while (choosing[other].load()) {
        }
        for (;;) {
            const int theirs = number[other].load();
            if (theirs == 0 || theirs > mine || (theirs == mine && me < other)) {
                return;
            }
        }
    }

    void leave(int me) { number[me].store(0); }
};

static void work(Lock& lock, int me) {
    lock.enter(me);
    ++lock.count;
    lock.leave(me);
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { work(*lock, 0); });
    std::thread second([&lock] { work(*lock, 1); });
    first.join();
    second.join();
    assert(lock->count == 2);
}
