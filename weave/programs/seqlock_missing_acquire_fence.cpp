// A sequence lock whose reader has no fence before its second load of the number: that load may be
// older than the data, and halves of two records pass for one.
// verdict: assertion
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Record {
    std::atomic<unsigned> sequence = 0;
    std::atomic<int> left = 0;
    std::atomic<int> right = 0;

    void write(int value) {
        const unsigned before = sequence.load(std::memory_order_relaxed);
        sequence.store(before + 1, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        left.store(value, std::memory_order_relaxed);
        right.store(value, std::memory_order_relaxed);
        sequence.store(before + 2, std::memory_order_release);
    }

    void read() {
        for (;;) {
            const unsigned before = sequence.load(std::memory_order_acquire);
            const int seen_left = left.load(std::memory_order_relaxed);
            const int seen_right = right.load(std::memory_order_relaxed);
            const unsigned after = sequence.load(std::memory_order_relaxed);
            if (before == after && before % 2 == 0) {
                assert(seen_left == seen_right);
                return;
            }
        }
    }
};

int main() {
    const auto record = std::make_unique<Record>();
    std::thread writer([&record] { record->write(1); });
    std::thread reader([&record] { record->read(); });
    writer.join();
    reader.join();
}
