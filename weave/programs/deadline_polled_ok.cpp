// A thread that polls a flag that no thread sets, until a point in time: that point comes.
// verdict: ok
// options: mode=random executions=5000
#include <atomic>
#include <cassert>
#include <chrono>
#include <memory>
#include <thread>

using Clock = std::chrono::steady_clock;

int main() {
    const auto flag = std::make_unique<std::atomic<bool>>(false);
    std::thread waiter([&flag] {
        const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(100);
        while (!flag->load() && Clock::now() < deadline) {
        }
        assert(Clock::now() >= deadline);
    });
    waiter.join();
}
