// Vyukov's bounded queue whose producer passes a slot on before it has written the value: a
// consumer takes what was there before.
// verdict: assertion
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Place {
    std::atomic<unsigned> turn = 0;
    std::atomic<int> value = 0;
};

struct Ring {
    Place places[2];
    std::atomic<unsigned> next_put = 0;
    std::atomic<unsigned> next_get = 0;

    Ring() { places[1].turn.store(1); }

    void put(int value) {
        unsigned position = next_put.load();
        for (;;) {
            Place& place = places[position % 2];
            if (place.turn.load() != position) {
                position = next_put.load();
            } else if (next_put.compare_exchange_weak(position, position + 1)) {
                place.turn.store(position + 1);
                place.value.store(value);
                return;
            }
        }
    }

    int get() {
        unsigned position = next_get.load();
        for (;;) {
            Place& place = places[position % 2];
            if (place.turn.load() != position + 1) {
                position = next_get.load();
            } else if (next_get.compare_exchange_weak(position, position + 1)) {
                const int value = place.value.load();
                place.turn.store(position + 2);
                return value;
            }
        }
    }
};

int main() {
    const auto ring = std::make_unique<Ring>();
    std::thread first([&ring] { ring->put(1); });
    std::thread second([&ring] { ring->put(2); });
    std::thread third([&ring] {
        const int value = ring->get();
        assert(value == 1 || value == 2);
    });
    first.join();
    second.join();
    third.join();
}
