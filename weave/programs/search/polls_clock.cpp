// Looks at the time, which only depth-first search models.
#include <atomic>
#include <chrono>
#include <thread>

int main() {
    std::atomic<int> steps{0};
    const auto step = [&] {
        for (int i = 0; i < 3; ++i) {
            const int seen = steps.load(std::memory_order_relaxed);
            steps.store(seen + 1, std::memory_order_relaxed);
        }
        (void)std::chrono::steady_clock::now();
    };
    std::thread other(step);
    step();
    other.join();
}
