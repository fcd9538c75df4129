// A thread that polls under a lock whether another one is done: that one gets its turn, even with
// the lower priority.
// verdict: ok
// options: mode=pct executions=10000
#include <memory>
#include <mutex>
#include <thread>

struct Shared {
    std::mutex mutex;
    bool is_done = false;

    bool look() {
        const std::lock_guard guard(mutex);
        return is_done;
    }
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread worker([&shared] {
        const std::lock_guard guard(shared->mutex);
        shared->is_done = true;
    });
    while (!shared->look()) {
    }
    worker.join();
}
