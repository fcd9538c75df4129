// What mode=exhaustive is measured on, as a whole program under weave:
//
//     bench_search ring|drain PRODUCERS MESSAGES
//
// ring: a ring of two slots. A producer that finds it full gives up, and the consumer tries as
// often to take a message as there are messages. drain: a list that producers push to, and that
// main() takes as a whole: twice while they run, and once after they have ended.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

class Ring {
  public:
    Ring() {
        for (unsigned i = 0; i < capacity; ++i) {
            slots_[i].turn.store(i, std::memory_order_relaxed);
        }
    }

    /// False if it is full.
    bool push(int value) {
        unsigned ticket = next_.load(std::memory_order_relaxed);
        for (;;) {
            Slot& slot = slots_[ticket % capacity];
            // acquire: pairs with the release in pop()
            const unsigned turn = slot.turn.load(std::memory_order_acquire);
            if (turn == ticket) {
                if (next_.compare_exchange_strong(ticket, ticket + 1, std::memory_order_relaxed)) {
                    slot.value = value;
                    // release: pairs with the acquire in pop()
                    slot.turn.store(ticket + 1, std::memory_order_release);
                    return true;
                }
            } else if (static_cast<int>(turn - ticket) < 0) {
                return false;
            } else {
                ticket = next_.load(std::memory_order_relaxed);
            }
        }
    }

    /// False if it is empty.
    bool pop(int& value) {
        Slot& slot = slots_[taken_ % capacity];
        // acquire: pairs with the release in push()
        if (slot.turn.load(std::memory_order_acquire) != taken_ + 1) {
            return false;
        }
        value = slot.value;
        // release: pairs with the acquire in push()
        slot.turn.store(taken_++ + capacity, std::memory_order_release);
        return true;
    }

  private:
    static constexpr unsigned capacity = 2;
    struct Slot {
        std::atomic<unsigned> turn;
        int value;
    };
    Slot slots_[capacity];
    std::atomic<unsigned> next_{0};
    unsigned taken_ = 0;
};

void run_ring(int producers, int messages) {
    Ring ring;
    std::vector<std::thread> threads;
    for (int i = 0; i < producers; ++i) {
        threads.emplace_back([&ring, messages] {
            for (int message = 0; message < messages; ++message) {
                ring.push(message);
            }
        });
    }
    threads.emplace_back([&ring, tries = producers * messages] {
        for (int i = 0; i < tries; ++i) {
            int value = 0;
            ring.pop(value);
        }
    });
    for (std::thread& thread : threads) {
        thread.join();
    }
}

struct Node {
    Node* next;
};

class List {
  public:
    void push(Node* node) {
        Node* first = first_.load(std::memory_order_relaxed);
        do {
            node->next = first;
            // release: pairs with the acquire in take()
        } while (!first_.compare_exchange_strong(first, node, std::memory_order_release,
                                                 std::memory_order_relaxed));
    }

    /// Number of nodes.
    int take() {
        int count = 0;
        // acquire: pairs with the release in push()
        for (const Node* node = first_.exchange(nullptr, std::memory_order_acquire);
             node != nullptr; node = node->next) {
            ++count;
        }
        return count;
    }

  private:
    std::atomic<Node*> first_{nullptr};
};

void run_drain(int producers, int messages) {
    List list;
    std::vector<Node> nodes(static_cast<size_t>(producers * messages));
    std::vector<std::thread> threads;
    for (int i = 0; i < producers; ++i) {
        threads.emplace_back([&list, mine = &nodes[static_cast<size_t>(i * messages)], messages] {
            for (int message = 0; message < messages; ++message) {
                list.push(mine + message);
            }
        });
    }
    int taken = list.take();
    taken += list.take();
    for (std::thread& thread : threads) {
        thread.join();
    }
    taken += list.take();
    if (taken != producers * messages) {
        std::abort();
    }
}

}  // namespace

int main(int argc, char** argv) {
    const int producers = argc == 4 ? std::atoi(argv[2]) : 0;
    const int messages = argc == 4 ? std::atoi(argv[3]) : 0;
    if (producers < 1 || messages < 1) {
        std::fprintf(stderr, "usage: bench_search ring|drain PRODUCERS MESSAGES\n");
        return 2;
    }
    if (std::strcmp(argv[1], "ring") == 0) {
        run_ring(producers, messages);
    } else {
        run_drain(producers, messages);
    }
    return 0;
}
