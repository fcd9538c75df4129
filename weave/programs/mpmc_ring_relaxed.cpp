// Vyukov's bounded queue whose slots are passed on with relaxed stores: the consumer is not ordered
// after the write of the value, and reads it meanwhile.
// verdict: data-race
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Place {
    std::atomic<unsigned> turn = 0;
    int value = 0;
};

struct Ring {
    Place places[2];
    std::atomic<unsigned> next_put = 0;
    std::atomic<unsigned> next_get = 0;

    Ring() { places[1].turn.store(1, std::memory_order_relaxed); }

    void put(int value) {
        unsigned position = next_put.load(std::memory_order_relaxed);
        for (;;) {
            Place& place = places[position % 2];
            if (place.turn.load(std::memory_order_relaxed) != position) {
                position = next_put.load(std::memory_order_relaxed);
            } else if (next_put.compare_exchange_weak(position, position + 1,
                                                      std::memory_order_relaxed)) {
                place.value = value;
                place.turn.store(position + 1, std::memory_order_relaxed);
                return;
            }
        }
    }

    int get() {
        unsigned position = next_get.load(std::memory_order_relaxed);
        for (;;) {
            Place& place = places[position % 2];
            if (place.turn.load(std::memory_order_relaxed) != position + 1) {
                position = next_get.load(std::memory_order_relaxed);
            } else if (next_get.compare_exchange_weak(position, position + 1,
                                                      std::memory_order_relaxed)) {
                const int value = place.value;
                place.turn.store(position + 2, std::memory_order_relaxed);
                return value;
            }
        }
    }
};

int main() {
    const auto ring = std::make_unique<Ring>();
    std::thread first([&ring] { ring->put(1); });
    std::thread second([&ring] { ring->put(2); });
    std::thread third([&ring] { assert(ring->get() != 0); });
    first.join();
    second.join();
    third.join();
}
