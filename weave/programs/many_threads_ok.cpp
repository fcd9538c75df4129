// Thirty-two threads that each count once atomically and once under a lock.
// verdict: ok
// options: mode=random executions=1000
#include <atomic>
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

struct Counters {
    std::atomic<int> atomic = 0;
    std::mutex mutex;
    int plain = 0;
};

int main() {
    const auto counters = std::make_unique<Counters>();
    std::vector<std::thread> threads;
    for (int number = 0; number < 32; ++number) {
        threads.emplace_back([&counters] {
            counters->atomic.fetch_add(1, std::memory_order_relaxed);
            const std::lock_guard guard(counters->mutex);
            ++counters->plain;
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    assert(counters->atomic.load() == 32);
    assert(counters->plain == 32);
}
