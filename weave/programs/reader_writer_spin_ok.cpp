// A readers-writer lock of one number: readers count up and down, a writer takes it from zero to
// minus one. Leaving releases, entering acquires.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Lock {
    std::atomic<int> state = 0;
    int left = 0;
    int right = 0;

    void enter_reading() {
        int seen = state.load(std::memory_order_relaxed);
        for (;;) {
            if (seen < 0) {
                seen = state.load(std::memory_order_relaxed);
            } else if (state.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire,
                                                   std::memory_order_relaxed)) {
                return;
            }
        }
    }

    void leave_reading() { state.fetch_sub(1, std::memory_order_release); }

    void enter_writing() {
        for (;;) {
            int expected = 0;
            if (state.compare_exchange_weak(expected, -1, std::memory_order_acquire,
                                            std::memory_order_relaxed)) {
                return;
            }
        }
    }

    void leave_writing() { state.store(0, std::memory_order_release); }
};

static void read(Lock& lock) {
    lock.enter_reading();
    assert(lock.left == lock.right);
    lock.leave_reading();
}

static void write(Lock& lock) {
    lock.enter_writing();
    ++lock.left;
    ++lock.right;
    lock.leave_writing();
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { read(*lock); });
    std::thread second([&lock] { read(*lock); });
    std::thread third([&lock] { write(*lock); });
    first.join();
    second.join();
    third.join();
    assert(lock->left == 1);
}
