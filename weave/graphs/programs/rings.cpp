// Rings, and a list that takes all: loops of compare-exchanges, as in the benchmarks of other
// explorers.
#include "../../litmus/litmus.h"

namespace {

using namespace litmus;

/// A ring of two places. A push takes a ticket by a compare-exchange, and gives up if it finds the
/// ring full; there is one consumer.
template <bool IsWeak>
class Ring {
  public:
    bool push(int value) {
        unsigned ticket = head_.load(relaxed);
        do {
            if (ticket - tail_.load(acquire) >= 2) {
                return false;
            }
        } while (IsWeak ? !head_.compare_exchange_weak(ticket, ticket + 1, relaxed)
                        : !head_.compare_exchange_strong(ticket, ticket + 1, relaxed));
        slots_[ticket % 2].value = value;
        slots_[ticket % 2].seq.store(ticket + 1, release);
        return true;
    }
    int pop() {
        const unsigned ticket = tail_.load(relaxed);
        if (slots_[ticket % 2].seq.load(acquire) != ticket + 1) {
            return 0;
        }
        const int value = slots_[ticket % 2].value;
        tail_.store(ticket + 1, release);
        return value;
    }

  private:
    struct Slot {
        std::atomic<unsigned> seq = 0;
        int value = 0;
    };
    std::atomic<unsigned> head_ = 0;
    std::atomic<unsigned> tail_ = 0;
    Slot slots_[2];
};

template <bool IsWeak, int Producers, int Messages>
Outcome ring() {
    Ring<IsWeak> ring;
    int pushed[Producers] = {};
    int popped = 0;
    std::thread threads[Producers + 1];
    for (int p = 0; p < Producers; ++p) {
        threads[p] = std::thread([&, p] {
            for (int m = 0; m < Messages; ++m) {
                pushed[p] = 2 * pushed[p] + (ring.push(1 + p * Messages + m) ? 1 : 0);
            }
        });
    }
    threads[Producers] = std::thread([&] {
        for (int m = 0; m < Producers * Messages; ++m) {
            popped = 10 * popped + ring.pop();
        }
    });
    for (std::thread& thread : threads) {
        thread.join();
    }
    return outcome(pushed[0], pushed[Producers - 1], popped);
}

/// Two threads that count how often they have to try.
template <bool IsWeak>
Outcome tries() {
    std::atomic<int> x = 0;
    int failures[2] = {};
    const auto add = [&](int& failed) {
        int seen = x.load(relaxed);
        while (IsWeak ? !x.compare_exchange_weak(seen, seen + 1, relaxed)
                      : !x.compare_exchange_strong(seen, seen + 1, relaxed)) {
            ++failed;
        }
    };
    concurrently(
        [&] {
            int failed = 0;
            add(failed);
            add(failed);
            failures[0] = failed;
        },
        [&] {
            int failed = 0;
            add(failed);
            failures[1] = failed;
        });
    return outcome(failures[0], failures[1], x.load(relaxed));
}

/// A loop that waits for one of two objects, and one that waits for both.
Outcome waits_for_two() {
    std::atomic<int> x = 0;
    std::atomic<int> y = 0;
    int seen = 0;
    concurrently([&] { x.store(1, release); },
                 [&] {
                     while (x.load(acquire) == 0 && y.load(acquire) == 0) {
                     }
                     seen = x.load(relaxed) + 2 * y.load(relaxed);
                     y.store(2, release);
                 },
                 [&] {
                     while (x.load(acquire) + y.load(acquire) < 3) {
                     }
                 });
    return outcome(seen);
}

/// A thread that waits for a value that comes and goes may miss it: a livelock.
Outcome waits_in_vain() {
    std::atomic<int> x = 0;
    concurrently(
        [&] {
            x.store(1, relaxed);
            x.store(2, relaxed);
        },
        [&] {
            while (x.load(relaxed) != 1) {
            }
        });
    return outcome(0);
}

/// A list to which two threads push, and a third takes all.
Outcome list() {
    struct Node {
        Node* next = nullptr;
        int value = 0;
    };
    Node nodes[2];
    std::atomic<Node*> top = nullptr;
    const auto push = [&](Node& node, int value) {
        node.value = value;
        Node* first = top.load(relaxed);
        do {
            node.next = first;
        } while (!top.compare_exchange_weak(first, &node, release, relaxed));
    };
    const auto take = [&] {
        int all = 0;
        for (Node* node = top.exchange(nullptr, acquire); node != nullptr; node = node->next) {
            all = 10 * all + node->value;
        }
        return all;
    };
    int first = 0;
    concurrently([&] { push(nodes[0], 1); }, [&] { push(nodes[1], 2); }, [&] { first = take(); });
    return outcome(first, take());
}

Outcomes any_outcome() { return {}; }

const Registration all[] = {
    Registration({"ring_2_producers", ring<false, 2, 1>, any_outcome, any_outcome}),
    Registration({"ring_2_producers_weak", ring<true, 2, 1>, any_outcome, any_outcome}),
    Registration({"ring_2_producers_2", ring<false, 2, 2>, any_outcome, any_outcome}),
    Registration({"ring_3_producers", ring<false, 3, 1>, any_outcome, any_outcome}),
    Registration({"loop_counts_failures", tries<false>, any_outcome, any_outcome}),
    Registration({"loop_counts_weak_failures", tries<true>, any_outcome, any_outcome}),
    Registration({"loop_waits_for_two", waits_for_two, any_outcome, any_outcome}),
    Registration({"loop_waits_in_vain", waits_in_vain, any_outcome, any_outcome}),
    Registration({"list_2_producers", list, any_outcome, any_outcome})};

}  // namespace
