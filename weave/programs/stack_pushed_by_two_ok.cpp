// Treiber's stack with a count beside its top, in one atomic object of 16 bytes: two threads push.
// A weak compare-exchange whose failure is relaxed can fail in more ways than one, and each
// execution of the search has to come again from its choices.
// verdict: ok
// options: mode=exhaustive executions=0
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Node {
    int value;
    Node* next;
};

struct alignas(16) Top {
    Node* node;
    unsigned long pushes;
};

std::atomic<Top> top{Top{nullptr, 0}};

void push(Node& node) {
    Top seen = top.load(std::memory_order_relaxed);
    Top next{};
    do {
        node.next = seen.node;
        next = {&node, seen.pushes + 1};
    } while (!top.compare_exchange_weak(seen, next, std::memory_order_release,
                                        std::memory_order_relaxed));
}

}  // namespace

int main() {
    Node one{1, nullptr};
    Node two{2, nullptr};
    std::thread other([&] { push(one); });
    push(two);
    other.join();
    const Top last = top.load();
    assert(last.pushes == 2 && last.node->value + last.node->next->value == 3);
}
