// A ticket lock where drawing a number is a load and a store: two threads may draw the same one,
// and both enter.
// verdict: assertion
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<int> next = 0;
    std::atomic<int> serving = 0;
    std::atomic<int> inside = 0;

    void enter() {
        const int mine = next.load();
        next.store(mine + 1);
        while (serving.load() < mine) {
        }
    }

    void leave() { serving.fetch_add(1); }
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
