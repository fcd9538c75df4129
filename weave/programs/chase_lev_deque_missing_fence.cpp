// The work-stealing deque of Chase and Lev whose owner has no fence between lowering the bottom and
// reading the top: it may miss that thieves have reached its item, which is taken twice.
// verdict: assertion
// options: mode=random executions=40000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Deque {
    std::atomic<int> top = 0;
    std::atomic<int> bottom = 0;
    std::atomic<int> items[4] = {};
    std::atomic<int> taken[3] = {};

    void put(int item) {
        const int end = bottom.load(std::memory_order_relaxed);
        items[end].store(item, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        bottom.store(end + 1, std::memory_order_relaxed);
    }

    int take() {
        const int end = bottom.load(std::memory_order_relaxed) - 1;
        bottom.store(end, std::memory_order_relaxed);
        int begin = top.load(std::memory_order_relaxed);
        int item = 0;
        if (begin <= end) {
            item = items[end].load(std::memory_order_relaxed);
            if (begin < end) {
                return item;
            }
            if (!top.compare_exchange_strong(begin, begin + 1, std::memory_order_seq_cst,
                                             std::memory_order_relaxed)) {
                item = 0;
            }
        }
        bottom.store(end + 1, std::memory_order_relaxed);
        return item;
    }

    int steal() {
        int begin = top.load(std::memory_order_acquire);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        const int end = bottom.load(std::memory_order_acquire);
        if (begin >= end) {
            return 0;
        }
        const int item = items[begin].load(std::memory_order_relaxed);
        if (!top.compare_exchange_strong(begin, begin + 1, std::memory_order_seq_cst,
                                         std::memory_order_relaxed)) {
            return 0;
        }
        return item;
    }

    void use(int item) {
        const int before = taken[item].fetch_add(1, std::memory_order_relaxed);
        assert(item == 0 || before == 0);
    }
};

int main() {
    const auto deque = std::make_unique<Deque>();
    std::thread owner([&deque] {
        deque->put(1);
        deque->put(2);
        deque->use(deque->take());
    });
    std::thread thief([&deque] {
        deque->use(deque->steal());
        deque->use(deque->steal());
    });
    owner.join();
    thief.join();
}
