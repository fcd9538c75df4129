// A work queue whose worker tests for an item under the lock, but unlocks before it locks again to
// sleep: an item that comes in between wakes no thread.
// verdict: deadlock
// options: mode=random executions=20000
#include <condition_variable>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>

struct Work {
    std::mutex mutex;
    std::condition_variable changed;
    std::queue<int> items;

    void put(int item) {
        const std::lock_guard guard(mutex);
        items.push(item);
        changed.notify_one();
    }

    bool empty() {
        const std::lock_guard guard(mutex);
        return items.empty();
    }

    void run() {
        while (empty()) {
            std::unique_lock guard(mutex);
            changed.wait(guard);
        }
        const std::lock_guard guard(mutex);
        items.pop();
    }
};

int main() {
    const auto work = std::make_unique<Work>();
    std::thread worker([&work] { work->run(); });
    work->put(1);
    worker.join();
}
