// Mutual exclusion by two flags alone, sequentially consistent: when both threads raise their
// flags, each waits for the other one forever.
// verdict: livelock
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<bool> wants[2] = {false, false};
    int count = 0;

    void enter(int me) {
        wants[me].store(true);
        while (wants[1 - me].load()) {
        }
    }

    void leave(int me) { wants[me].store(false); }
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
}
