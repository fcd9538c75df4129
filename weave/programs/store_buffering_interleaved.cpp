// Two threads that each set a flag and test the other's: if loads always return the latest store,
// at least one of the two sees the other.
// verdict: ok
// options: mode=random executions=20000 memory=sc
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Flags {
    std::atomic<bool> first = false;
    std::atomic<bool> second = false;
};

int main() {
    const auto flags = std::make_unique<Flags>();
    bool first_missed = false;
    bool second_missed = false;
    std::thread first([&] {
        flags->first.store(true, std::memory_order_release);
        first_missed = !flags->second.load(std::memory_order_acquire);
    });
    std::thread second([&] {
        flags->second.store(true, std::memory_order_release);
        second_missed = !flags->first.load(std::memory_order_acquire);
    });
    first.join();
    second.join();
    assert(!(first_missed && second_missed));
}
