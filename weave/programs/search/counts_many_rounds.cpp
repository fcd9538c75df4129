// A loop that counts more rounds than weave lets it run alone.
#include <atomic>
#include <thread>

int main() {
    std::atomic<bool> is_set{false};
    std::thread other([&] { is_set.store(true, std::memory_order_relaxed); });
    for (int i = 0; i < 1100 && !is_set.load(std::memory_order_relaxed); ++i) {
    }
    other.join();
}
