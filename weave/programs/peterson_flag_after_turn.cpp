// Peterson's mutual exclusion, sequentially consistent, but each thread gives way before it raises
// its flag: the other one may enter between the two, and the thread follows it in.
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
        turn.store(other);
        wants[me].store(true);
        while (wants[other].load() && turn.load() == other) {
        }
    }

    void leave(int me) { wants[me].store(false); }
};

static void work(Lock& lock, int me) {
    lock.enter(me);
    const int others = lock.inside.fetch_add(1);
    assert(others == 0);
    lock.inside.fetch_sub(1);
    lock.leave(me);
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { work(*lock, 0); });
    std::thread second([&lock] { work(*lock, 1); });
    first.join();
    second.join();
}
