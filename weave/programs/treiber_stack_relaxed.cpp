// Treiber's stack with relaxed compare-exchanges: the thread that pops a node is not ordered after
// the one that pushed it, and reads it while it is written.
// verdict: data-race
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Node {
    int value = 0;
    Node* next = nullptr;
};

struct Stack {
    std::atomic<Node*> top = nullptr;

    void push(Node* node) {
        Node* seen = top.load(std::memory_order_relaxed);
        do {
            node->next = seen;
        } while (!top.compare_exchange_weak(seen, node, std::memory_order_relaxed));
    }

    Node* pop() {
        Node* seen = top.load(std::memory_order_relaxed);
        while (seen != nullptr &&
               !top.compare_exchange_weak(seen, seen->next, std::memory_order_relaxed)) {
        }
        return seen;
    }
};

int main() {
    const auto stack = std::make_unique<Stack>();
    std::unique_ptr<Node> popped;
    std::thread pusher([&] {
        stack->push(new Node{1});
        stack->push(new Node{2});
    });
    std::thread popper([&] { popped.reset(stack->pop()); });
    pusher.join();
    popper.join();
    while (Node* node = stack->pop()) {
        delete node;
    }
}
