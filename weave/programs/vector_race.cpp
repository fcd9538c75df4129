// Two threads that each append to a vector without a lock, if it is their turn by a relaxed flag:
// the turns come one after the other, but are not ordered.
// verdict: data-race
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

struct Shared {
    std::vector<int> values;
    std::atomic<bool> second_may = false;
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] {
        shared->values.push_back(1);
        shared->second_may.store(true, std::memory_order_relaxed);
    });
    std::thread second([&shared] {
        if (shared->second_may.load(std::memory_order_relaxed)) {
            shared->values.push_back(2);
        }
    });
    first.join();
    second.join();
}
