// Dekker's mutual exclusion for two threads with relaxed flags and a sequentially consistent fence
// between raising its own flag and testing the other's: one of the two sees the other.
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

    void raise(int me) {
        wants[me].store(true, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }

    void enter(int me) {
        const int other = 1 - me;
        raise(me);
        while (wants[other].load(std::memory_order_acquire)) {
            if (turn.load(std::memory_order_relaxed) == other) {
                wants[me].store(false, std::memory_order_relaxed);
                while (turn.load(std::memory_order_relaxed) == other) {
                }
                raise(me);
            }
        }
    }

    void leave(int me) {
        turn.store(1 - me, std::memory_order_relaxed);
        wants[me].store(false, std::memory_order_release);
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
