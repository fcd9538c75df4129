// The queue of Michael and Scott: a linked list with a dummy at its head and a tail that may lag
// behind by one, which every thread helps to advance. Nodes are freed when all threads have ended.
// verdict: ok
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
            Node* next = last->next.load(std::memory_order_acquire);
            if (next != nullptr) {
                tail.compare_exchange_strong(last, next, std::memory_order_release,
                                             std::memory_order_relaxed);
            } else if (last->next.compare_exchange_strong(next, node, std::memory_order_release,
                                                          std::memory_order_relaxed)) {
                tail.compare_exchange_strong(last, node, std::memory_order_release,
                                             std::memory_order_relaxed);
                return;
            }
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
    int second_got = 0;
    int third_got = 0;
    std::thread first([&] { queue->put(1); });
    std::thread second([&] {
        queue->put(2);
        second_got = queue->get();
    });
    std::thread third([&] { third_got = queue->get(); });
    first.join();
    second.join();
    third.join();
    int sum = second_got + third_got;
    while (const int value = queue->get()) {
        sum += value;
    }
    assert(sum == 3);
}
