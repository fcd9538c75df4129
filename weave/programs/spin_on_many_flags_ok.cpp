// A thread that waits for any of twelve flags by testing one after the other: the thread that sets
// one gets its turn, even with the lower priority.
// verdict: ok
// options: mode=pct executions=10000
#include <array>
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Shared {
    std::array<std::atomic<bool>, 12> flags = {};
    int message = 0;

    bool is_any_set() const {
        for (const std::atomic<bool>& flag : flags) {
            if (flag.load(std::memory_order_acquire)) {
                return true;
            }
        }
        return false;
    }
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread setter([&shared] {
        shared->message = 42;
        shared->flags[7].store(true, std::memory_order_release);
    });
    while (!shared->is_any_set()) {
    }
    assert(shared->message == 42);
    setter.join();
}
