// Waiting for a future with a time limit: when that has passed and nothing has come, the clock says
// so too.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <chrono>
#include <future>
#include <thread>

using Clock = std::chrono::steady_clock;

int main() {
    constexpr std::chrono::milliseconds limit(50);
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    std::thread setter([&promise] { promise.set_value(3); });
    const Clock::time_point begin = Clock::now();
    if (future.wait_for(limit) == std::future_status::timeout) {
        const Clock::duration elapsed = Clock::now() - begin;
        assert(elapsed >= limit);
    }
    const int value = future.get();
    assert(value == 3);
    setter.join();
}
