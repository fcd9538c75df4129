// A work queue whose worker does not test again when it wakes: another worker may have taken the
// item in between, and it takes one from an empty queue.
// verdict: assertion
// options: mode=random executions=20000
#include <cassert>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

struct Work {
    std::mutex mutex;
    std::condition_variable changed;
    int items = 0;

    void put() {
        const std::lock_guard guard(mutex);
        ++items;
        changed.notify_all();
    }

    void take() {
        std::unique_lock guard(mutex);
        if (items == 0) {
            changed.wait(guard);
        }
        assert(items > 0);
        --items;
    }
};

int main() {
    const auto work = std::make_unique<Work>();
    std::thread first([&work] { work->take(); });
    std::thread second([&work] { work->take(); });
    work->put();
    work->put();
    first.join();
    second.join();
}
