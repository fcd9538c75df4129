// A ticket lock whose waiters spin with relaxed loads: they wait for their turn, but do not acquire
// what the last owner released, and the plain counts race.
// verdict: data-race
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<int> next = 0;
    std::atomic<int> serving = 0;
    int count = 0;

    void enter() {
        const int mine = next.fetch_add(1, std::memory_order_relaxed);
        while (serving.load(std::memory_order_relaxed) != mine) {
        }
    }

    void leave() {
        const int mine = serving.load(std::memory_order_relaxed);
        serving.store(mine + 1, std::memory_order_release);
    }
};

static void work(Lock& lock) {
    lock.enter();
    ++lock.count;
    lock.leave();
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { work(*lock); });
    std::thread second([&lock] { work(*lock); });
    first.join();
    second.join();
    assert(lock->count == 2);
}
