// A one-time event of a flag and a condition variable that is only used by threads that come too
// early, with a check of the flag under the lock before the sleep.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

struct Event {
    std::atomic<bool> set = false;
    std::mutex mutex;
    std::condition_variable changed;
    int value = 0;

    void signal() {
        value = 7;
        {
            const std::lock_guard guard(mutex);
            set.store(true, std::memory_order_release);
        }
        changed.notify_all();
    }

    int wait() {
        if (!set.load(std::memory_order_acquire)) {
            std::unique_lock guard(mutex);
            changed.wait(guard, [this] { return set.load(std::memory_order_relaxed); });
        }
        return value;
    }
};

static void work(Event& event) {
    const int value = event.wait();
    assert(value == 7);
}

int main() {
    const auto event = std::make_unique<Event>();
    std::thread first([&event] { work(*event); });
    std::thread second([&event] { work(*event); });
    event->signal();
    first.join();
    second.join();
}
