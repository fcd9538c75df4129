// A work queue under a lock with a condition variable: workers wait until there is an item or the
// end is announced to all, and the items are all done.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>

struct Work {
    std::mutex mutex;
    std::condition_variable changed;
    std::queue<int> items;
    bool ended = false;
    int sum = 0;

    void put(int item) {
        {
            const std::lock_guard guard(mutex);
            items.push(item);
        }
        changed.notify_one();
    }

    void end() {
        {
            const std::lock_guard guard(mutex);
            ended = true;
        }
        changed.notify_all();
    }

    void run() {
        std::unique_lock guard(mutex);
        for (;;) {
            changed.wait(guard, [this] { return ended || !items.empty(); });
            if (items.empty()) {
                return;
            }
            sum += items.front();
            items.pop();
        }
    }
};

int main() {
    const auto work = std::make_unique<Work>();
    std::thread first([&work] { work->run(); });
    std::thread second([&work] { work->run(); });
    work->put(1);
    work->put(2);
    work->end();
    first.join();
    second.join();
    assert(work->sum == 3);
}
