// A ticket lock: each thread draws a number and waits until it is served, which is released by the
// last owner and acquired by the next.
// verdict: ok
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
        while (serving.load(std::memory_order_acquire) != mine) {
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
    std::thread third([&lock] { work(*lock); });
    first.join();
    second.join();
    third.join();
    assert(lock->count == 3);
}
