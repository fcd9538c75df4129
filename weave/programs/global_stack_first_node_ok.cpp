// A global stack whose constructor allocates the first node, before main: every execution finds
// that node there, as it was, and may free it.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <thread>

struct Node {
    int value;
    Node* next;
};

struct Stack {
    std::atomic<Node*> head = new Node{7, nullptr};
    std::atomic<int> taken = 0;

    void take_all() {
        Node* const node = head.exchange(nullptr);
        if (node != nullptr) {
            assert(node->value == 7 && node->next == nullptr);
            node->value = 0;
            delete node;
            ++taken;
        }
    }
};

static Stack stack;

int main() {
    std::thread other([] { stack.take_all(); });
    stack.take_all();
    other.join();
    assert(stack.taken == 1);
}
