// Harris' sorted list: a node is removed by marking its link, the lowest bit, and then unlinked by
// the next thread that comes by. Two threads insert the same keys, and both remove one of them.
// Nodes are not freed before the end.
// verdict: ok
// options: mode=random executions=10000
#include <array>
#include <atomic>
#include <cassert>
#include <cstdint>
#include <memory>
#include <thread>

using Link = std::uintptr_t;

struct Node {
    int key = 0;
    std::atomic<Link> next = 0;
};

static Link to_link(const Node* node) { return reinterpret_cast<Link>(node); }
static Node* to_node(Link link) { return reinterpret_cast<Node*>(link); }
static bool is_marked(Link link) { return (link & 1) != 0; }

class List {
  public:
    List() {
        tail_.key = 1000;
        head_.key = -1;
        head_.next.store(to_link(&tail_), std::memory_order_relaxed);
    }

    bool insert(Node* node) {
        for (;;) {
            const Place place = find(node->key);
            if (place.node->key == node->key) {
                return false;
            }
            node->next.store(to_link(place.node), std::memory_order_relaxed);
            Link expected = to_link(place.node);
            if (place.previous->next.compare_exchange_strong(expected, to_link(node),
                                                             std::memory_order_release,
                                                             std::memory_order_relaxed)) {
                return true;
            }
        }
    }

    bool remove(int key) {
        for (;;) {
            const Place place = find(key);
            if (place.node->key != key) {
                return false;
            }
            Link next = place.node->next.load(std::memory_order_acquire);
            if (!is_marked(next) && place.node->next.compare_exchange_strong(
                                        next, next | 1, std::memory_order_acq_rel)) {
                find(key);
                return true;
            }
        }
    }

    int size() const {
        int size = 0;
        for (const Node* node = to_node(head_.next); node != &tail_; node = to_node(node->next)) {
            ++size;
        }
        return size;
    }

  private:
    struct Place {
        Node* previous;
        Node* node;
    };

    /// Where `key` is or belongs. Unlinks the marked nodes on the way.
    Place find(int key) {
        for (;;) {
            Place place;
            if (try_find(key, place)) {
                return place;
            }
        }
    }

    bool try_find(int key, Place& place) {
        place.previous = &head_;
        place.node = to_node(head_.next.load(std::memory_order_acquire));
        for (;;) {
            const Link next = place.node->next.load(std::memory_order_acquire);
            if (is_marked(next)) {
                Link expected = to_link(place.node);
                if (!place.previous->next.compare_exchange_strong(expected, next - 1,
                                                                  std::memory_order_acq_rel)) {
                    return false;
                }
                place.node = to_node(next - 1);
            } else if (place.node->key >= key) {
                return true;
            } else {
                place.previous = place.node;
                place.node = to_node(next);
            }
        }
    }

    Node head_;
    Node tail_;
};

struct Shared {
    List list;
    std::array<Node, 6> nodes;
    std::atomic<int> inserted = 0;
    std::atomic<int> removed = 0;
};

static void work(Shared& shared, size_t first) {
    for (size_t i = first; i < shared.nodes.size(); i += 2) {
        shared.nodes[i].key = static_cast<int>(i / 2);
        shared.inserted += shared.list.insert(&shared.nodes[i]);
    }
    shared.removed += shared.list.remove(1);
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] { work(*shared, 0); });
    std::thread second([&shared] { work(*shared, 1); });
    first.join();
    second.join();
    assert(shared->removed >= 1);
    assert(shared->list.size() == shared->inserted - shared->removed);
}
