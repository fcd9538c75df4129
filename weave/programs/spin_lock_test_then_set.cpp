// A spin lock that tests and takes in two steps instead of one exchange: two threads may both find
// it free, and both enter.
// verdict: assertion
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<bool> taken = false;
    std::atomic<int> inside = 0;

    void enter() {
        while (taken.load()) {
        }
        taken.store(true);
    }

    void leave() { taken.store(false); }
};

static void work(Lock& lock) {
    lock.enter();
    const int others = lock.inside.fetch_add(1);
    assert(others == 0);
    lock.inside.fetch_sub(1);
    lock.leave();
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { work(*lock); });
    std::thread second([&lock] { work(*lock); });
    first.join();
    second.join();
}
