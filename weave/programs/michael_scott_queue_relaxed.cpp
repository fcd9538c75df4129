// The queue of Michael and Scott whose nodes are linked by a relaxed compare-exchange: a thread
// that comes by that link is not ordered after the write of the value, and reads it meanwhile.
// verdict: data-race
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Node {
    int value = 0;
    std::atomic<Node*> next = nullptr;
};

struct Queue {
    Node* const dummy = new Node;
    std::atomic<Node*> head = dummy;
    std::atomic<Node*> tail = dummy;

    ~Queue() {
        for (Node* node = dummy; node != nullptr;) {
            Node* const next = node->next.load(std::memory_order_relaxed);
            delete node;
            node = next;
        }
    }

    void put(int value) {
        Node* const node = new Node{value};
        for (;;) {
            Node* last = tail.load(std::memory_order_acquire);
            Node* next = nullptr;
            if (last->next.compare_exchange_strong(next, node, std::memory_order_relaxed)) {
                tail.compare_exchange_strong(last, node, std::memory_order_release,
                                             std::memory_order_relaxed);
                return;
            }
            tail.compare_exchange_strong(last, next, std::memory_order_release,
                                         std::memory_order_relaxed);
        }
    }

    int get() {
        for (;;) {
            Node* first = head.load(std::memory_order_acquire);
            Node* last = tail.load(std::memory_order_acquire);
            Node* const next = first->next.load(std::memory_order_acquire);
            if (next == nullptr) {
                return 0;
            }
            if (first == last) {
                tail.compare_exchange_strong(last, next, std::memory_order_release,
                                             std::memory_order_relaxed);
            } else if (head.compare_exchange_strong(first, next, std::memory_order_acq_rel,
                                                    std::memory_order_relaxed)) {
                return next->value;
            }
        }
    }
};

int main() {
    const auto queue = std::make_unique<Queue>();
    std::thread putter([&queue] { queue->put(1); });
    std::thread getter([&queue] {
        const int value = queue->get();
        assert(value == 0 || value == 1);
    });
    putter.join();
    getter.join();
}
