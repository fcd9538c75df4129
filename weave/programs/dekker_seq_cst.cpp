// Dekker's mutual exclusion for two threads, sequentially consistent: each raises its flag before
// it tests the other's, so one of the two sees the other and gives way in turn.
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
        while (wants[other].load()) {
            if (turn.load() == other) {
                wants[me].store(false);
                while (turn.load() == other) {
                }
                wants[me].store(true);
            }
        }
    }

    void leave(int me) {
        turn.store(1 - me);
        wants[me].store(false);
    }
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
