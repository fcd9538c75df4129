// The queue lock of Craig, Landin and Hagersten: each thread waits for its predecessor's node, and
// takes that for its own the next time.
// verdict: ok
// options: mode=random executions=10000
#include <array>
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Node {
    std::atomic<bool> is_held = false;
};

struct Shared {
    std::array<Node, 4> nodes;
    std::atomic<Node*> tail = &nodes[3];
    int count = 0;
};

static void work(Shared& shared, Node* own) {
    for (int round = 0; round < 2; ++round) {
        own->is_held.store(true, std::memory_order_relaxed);
        Node* const predecessor = shared.tail.exchange(own, std::memory_order_acq_rel);
        while (predecessor->is_held.load(std::memory_order_acquire)) {
        }
        ++shared.count;
        own->is_held.store(false, std::memory_order_release);
        own = predecessor;
    }
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] { work(*shared, &shared->nodes[0]); });
    std::thread second([&shared] { work(*shared, &shared->nodes[1]); });
    work(*shared, &shared->nodes[2]);
    first.join();
    second.join();
    assert(shared->count == 6);
}
