// Treiber's stack whose nodes are used again: a thread that is about to pop finds the same top as
// before, but the node below it has been taken meanwhile, and is put back on the stack.
// verdict: assertion
// options: mode=pct depth=3 executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Node {
    std::atomic<Node*> next = nullptr;
    std::atomic<bool> taken = false;
};

struct Stack {
    std::atomic<Node*> top = nullptr;
    Node nodes[2];

    void push(Node* node) {
        node->taken.store(false);
        Node* seen = top.load();
        do {
            node->next.store(seen);
        } while (!top.compare_exchange_weak(seen, node));
    }

    Node* pop() {
        Node* seen = top.load();
        while (seen != nullptr && !top.compare_exchange_weak(seen, seen->next.load())) {
        }
        if (seen != nullptr) {
            const bool twice = seen->taken.exchange(true);
            assert(!twice);
        }
        return seen;
    }
};

int main() {
    const auto stack = std::make_unique<Stack>();
    stack->push(&stack->nodes[0]);
    stack->push(&stack->nodes[1]);
    std::thread first([&stack] { stack->pop(); });
    std::thread second([&stack] {
        Node* const upper = stack->pop();
        stack->pop();
        if (upper != nullptr) {
            stack->push(upper);
        }
    });
    first.join();
    second.join();
    while (stack->pop() != nullptr) {
    }
}
