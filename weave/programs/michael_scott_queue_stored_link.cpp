// The queue of Michael and Scott whose nodes are linked by a store instead of a compare-exchange:
// two threads may link at the same place, and one of the two values is lost.
// verdict: assertion
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
    Node nodes[3];
    std::atomic<Node*> head = &nodes[0];
    std::atomic<Node*> tail = &nodes[0];

    void put(int value) {
        Node* const node = &nodes[value];
        node->value = value;
        for (;;) {
            Node* last = tail.load();
            Node* next = last->next.load();
            if (next == nullptr) {
                last->next.store(node);
                tail.compare_exchange_strong(last, node);
                return;
            }
            tail.compare_exchange_strong(last, next);
        }
    }

    int get() {
        Node* const next = head.load()->next.load();
        if (next == nullptr) {
            return 0;
        }
        head.store(next);
        return next->value;
    }
};

int main() {
    const auto queue = std::make_unique<Queue>();
    std::thread first([&queue] { queue->put(1); });
    std::thread second([&queue] { queue->put(2); });
    first.join();
    second.join();
    int sum = 0;
    while (const int value = queue->get()) {
        sum += value;
    }
    assert(sum == 3);
}
