// A consumer that announces that it is about to sleep and then tests once more, and a producer that
// puts an item and then tests whether the consumer sleeps. Without fences both may miss, and the
// consumer sleeps forever.
// verdict: deadlock
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

struct Channel {
    std::atomic<int> item = 0;
    std::atomic<bool> sleeping = false;
    std::mutex mutex;
    std::condition_variable changed;
    bool woken = false;

    void put(int value) {
        item.store(value, std::memory_order_release);
        if (sleeping.load(std::memory_order_acquire)) {
            const std::lock_guard guard(mutex);
            woken = true;
            changed.notify_one();
        }
    }

    int get() {
        sleeping.store(true, std::memory_order_release);
        if (item.load(std::memory_order_acquire) == 0) {
            std::unique_lock guard(mutex);
            changed.wait(guard, [this] { return woken; });
        }
        return item.load(std::memory_order_acquire);
    }
};

int main() {
    const auto channel = std::make_unique<Channel>();
    std::thread producer([&channel] { channel->put(7); });
    std::thread consumer([&channel] {
        const int value = channel->get();
        assert(value == 7);
    });
    producer.join();
    consumer.join();
}
