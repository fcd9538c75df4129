// Peterson's mutual exclusion for two threads where giving way is an acquire-release exchange: the
// second one to do so synchronises with the first, sees its flag and waits.
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
        wants[me].store(true, std::memory_order_relaxed);
        turn.exchange(other, std::memory_order_acq_rel);
        while (wants[other].load(std::memory_order_acquire) &&
               turn.load(std::memory_order_relaxed) == other) {
        }
    }

    void leave(int me) { wants[me].store(false, std::memory_order_release); }
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
