// The work-stealing deque of Chase and Lev whose owner puts items without a fence before raising
// the bottom: a thief may see the place but not yet the item in it.
// verdict: assertion
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Deque {
    std::atomic<int> top = 0;
    std::atomic<int> bottom = 0;
    std::atomic<int> items[4] = {};

    void put(int item) {
        const int end = bottom.load(std::memory_order_relaxed);
        items[end].store(item, std::memory_order_relaxed);
        bottom.store(end + 1, std::memory_order_relaxed);
    }

    void steal() {
        int begin = top.load(std::memory_order_acquire);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        const int end = bottom.load(std::memory_order_acquire);
        if (begin >= end) {
            return;
        }
        const int item = items[begin].load(std::memory_order_relaxed);
        if (top.compare_exchange_strong(begin, begin + 1)) {
            assert(item != 0);
        }
    }
};

int main() {
    const auto deque = std::make_unique<Deque>();
    std::thread owner([&deque] { deque->put(1); });
    std::thread thief([&deque] { deque->steal(); });
    owner.join();
    thief.join();
}
