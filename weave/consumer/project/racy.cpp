// Publishes a value with a relaxed flag: the read of `value` races with the write. weave's README
// shows this program with its report.
#include <atomic>
#include <thread>

int value = 0;
std::atomic<bool> is_ready{false};

int main() {
    std::thread writer([] {
        value = 42;
        is_ready.store(true, std::memory_order_relaxed);
    });
    while (!is_ready.load(std::memory_order_acquire)) {
    }
    const int seen = value;
    writer.join();
    return seen == 42 ? 0 : 1;
}
