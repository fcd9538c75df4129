// A ring of two slots with any number of producers and one consumer.
#pragma once

#include <atomic>
#include <thread>

constexpr unsigned capacity = 2;

struct Slot {
    std::atomic<unsigned> turn;
    int value;
};

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
    Slot slots_[capacity];
    std::atomic<unsigned> next_{0};
    unsigned taken_ = 0;
};

/// Each producer pushes `Messages`, and the consumer tries once per message to take one. Returns
/// what it has got, two decimal digits each: message m of producer p is 10 p + m + 1.
template <int Producers, int Messages>
long run_ring() {
    Ring ring;
    std::thread producers[Producers];
    for (int i = 0; i < Producers; ++i) {
        producers[i] = std::thread([&ring, i] {
            for (int message = 0; message < Messages; ++message) {
                ring.push(10 * i + message + 1);
            }
        });
    }
    long all = 0;
    std::thread consumer([&ring, &all] {
        for (int i = 0; i < Producers * Messages; ++i) {
            int value = 0;
            if (ring.pop(value)) {
                all = 100 * all + value;
            }
        }
    });
    for (std::thread& producer : producers) {
        producer.join();
    }
    consumer.join();
    return all;
}
