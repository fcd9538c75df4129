// A notification that comes before the wait: the limit of the wait hides that it is lost, and the
// result is not taken though it is there.
// verdict: assertion
// options: mode=exhaustive executions=0
#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

int main() {
    std::mutex mutex;
    std::condition_variable changed;
    std::atomic<bool> is_ready{false};
    std::thread worker([&] {
        is_ready.store(true);  // must hold the mutex
        changed.notify_one();
    });
    {
        std::unique_lock lock(mutex);
        while (!is_ready.load()) {
            const auto status = changed.wait_for(lock, std::chrono::seconds(1));
            assert(status == std::cv_status::no_timeout || !is_ready.load());
        }
    }
    worker.join();
}
