// Treiber's stack that frees a node as soon as it is popped: another thread that has read the same
// top reads its link after it is freed.
// verdict: use-after-free
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Node {
    std::atomic<Node*> next = nullptr;
};

struct Stack {
    std::atomic<Node*> top = nullptr;

    void push(Node* node) {
        Node* seen = top.load();
        do {
            node->next.store(seen);
        } while (!top.compare_exchange_weak(seen, node));
    }

    void pop_and_free() {
        Node* seen = top.load();
        while (seen != nullptr && !top.compare_exchange_weak(seen, seen->next.load())) {
        }
        delete seen;
    }
};

int main() {
    const auto stack = std::make_unique<Stack>();
    stack->push(new Node);
    stack->push(new Node);
    std::thread first([&stack] { stack->pop_and_free(); });
    std::thread second([&stack] { stack->pop_and_free(); });
    first.join();
    second.join();
}
