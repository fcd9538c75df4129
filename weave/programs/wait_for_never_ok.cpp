// Waiting ten seconds for a condition that never comes true: however often the waiter wakes up
// spuriously, it gives up after that time, and not before.
// verdict: ok
// options: mode=random executions=5000
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

using Clock = std::chrono::steady_clock;

struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
};

static void wait(Shared& shared) {
    constexpr std::chrono::seconds limit(10);
    const Clock::time_point begin = Clock::now();
    std::unique_lock guard(shared.mutex);
    const bool came = shared.changed.wait_for(guard, limit, [] { return false; });
    const Clock::duration elapsed = Clock::now() - begin;
    assert(!came && elapsed >= limit);
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread other([&shared] { wait(*shared); });
    wait(*shared);
    other.join();
}
