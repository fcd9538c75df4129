// A readers-writer lock of one number whose readers leave with a relaxed decrement: the next writer
// is not ordered after their reads, and writes meanwhile.
// verdict: data-race
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<int> state = 0;
    int value = 0;
    int seen = 0;

    void read() {
        for (;;) {
            int expected = 0;
            if (state.compare_exchange_weak(expected, 1, std::memory_order_acquire,
                                            std::memory_order_relaxed)) {
                break;
            }
        }
        seen = value;
        state.fetch_sub(1, std::memory_order_relaxed);
    }

    void write() {
        for (;;) {
            int expected = 0;
            if (state.compare_exchange_weak(expected, -1, std::memory_order_acquire,
                                            std::memory_order_relaxed)) {
                break;
            }
        }
        value = 1;
        state.store(0, std::memory_order_release);
    }
};

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread reader([&lock] { lock->read(); });
    std::thread writer([&lock] { lock->write(); });
    reader.join();
    writer.join();
}
