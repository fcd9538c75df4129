// The result of a worker is read only if it is there in time; otherwise the worker is told to stop.
// verdict: ok
// options: mode=exhaustive executions=0
#include <atomic>
#include <cassert>
#include <chrono>
#include <future>
#include <thread>

static int result = 0;

int main() {
    std::promise<void> promise;
    const std::future<void> future = promise.get_future();
    std::atomic<bool> is_late{false};
    std::thread worker([&] {
        if (!is_late.load(std::memory_order_relaxed)) {
            result = 42;
        }
        promise.set_value();
    });
    if (future.wait_for(std::chrono::seconds(1)) == std::future_status::ready) {
        assert(result == 42);
    } else {
        is_late.store(true, std::memory_order_relaxed);
    }
    worker.join();
}
