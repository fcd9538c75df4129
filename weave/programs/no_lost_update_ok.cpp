// Two threads that each increment a number atomically, relaxed: both are in the sum when they have
// been joined.
// verdict: ok
// options: mode=exhaustive executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

int main() {
    const auto count = std::make_unique<std::atomic<int>>(0);
    std::thread first([&count] { count->fetch_add(1, std::memory_order_relaxed); });
    std::thread second([&count] { count->fetch_add(1, std::memory_order_relaxed); });
    first.join();
    second.join();
    assert(count->load(std::memory_order_relaxed) == 2);
}
