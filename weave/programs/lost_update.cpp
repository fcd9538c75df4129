// Two threads that each increment a number by a load and a store, sequentially consistent: one of
// the increments may be lost.
// verdict: assertion
// options: mode=exhaustive executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

int main() {
    const auto count = std::make_unique<std::atomic<int>>(0);
    std::thread first([&count] { count->store(count->load() + 1); });
    std::thread second([&count] { count->store(count->load() + 1); });
    first.join();
    second.join();
    assert(count->load() == 2);
}
