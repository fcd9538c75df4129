// Treiber's stack: push and pop by compare-exchange of the top. Nodes are used once and freed when
// all threads have ended, so no node is read after it is freed, and no address is reused.
// verdict: ok
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
        } while (!top.compare_exchange_weak(seen, node, std::memory_order_release,
                                            std::memory_order_relaxed));
    }

    Node* pop() {
        Node* seen = top.load(std::memory_order_acquire);
        while (seen != nullptr &&
               !top.compare_exchange_weak(seen, seen->next, std::memory_order_acquire,
                                          std::memory_order_acquire)) {
        }
        return seen;
    }
};

static std::unique_ptr<Node> work(Stack& stack, int value) {
    stack.push(new Node{value});
    return std::unique_ptr<Node>(stack.pop());
}

int main() {
    const auto stack = std::make_unique<Stack>();
    std::unique_ptr<Node> one;
    std::unique_ptr<Node> two;
    std::thread first([&] { one = work(*stack, 1); });
    std::thread second([&] { two = work(*stack, 2); });
    first.join();
    second.join();
    assert(one != nullptr && two != nullptr);
    assert(one->value + two->value == 3);
    assert(stack->pop() == nullptr);
}
