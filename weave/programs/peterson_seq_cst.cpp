// Peterson's mutual exclusion for two threads, sequentially consistent: each raises its flag, lets
// the other one go first, and waits while the other wants to.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<bool> wants[2] = {false, false};
    std::atomic<int> turn = 0;
    int count = 0;

    void enter(int me) {
        const int other = 1 - me;
        wants[me].store(true);
        turn.store(other);
        while (wants[other].load() && turn.load() == other) {
        }
    }

    void leave(int me) { wants[me].store(false); }
};

static void work(Lock& lock, int me) {
    for (int round = 0; round < 2; ++round) {
        lock.enter(me);
        ++lock.count;
        lock.leave(me);
    }
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { work(*lock, 0); });
    std::thread second([&lock] { work(*lock, 1); });
    first.join();
    second.join();
    assert(lock->count == 4);
}
