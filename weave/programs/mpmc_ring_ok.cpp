// Vyukov's bounded queue for several producers and consumers: each slot has a number that says
// whose turn it is, released by the thread that has used the slot and acquired by the next.
// verdict: ok
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

    bool put(int value) {
        unsigned position = next_put.load(std::memory_order_relaxed);
        for (;;) {
            Place& place = places[position % 2];
            const int ahead =
                static_cast<int>(place.turn.load(std::memory_order_acquire) - position);
            if (ahead < 0) {
                return false;
            }
            if (ahead > 0) {
                position = next_put.load(std::memory_order_relaxed);
            } else if (next_put.compare_exchange_weak(position, position + 1,
                                                      std::memory_order_relaxed)) {
                place.value = value;
                place.turn.store(position + 1, std::memory_order_release);
                return true;
            }
        }
    }

    bool get(int& value) {
        unsigned position = next_get.load(std::memory_order_relaxed);
        for (;;) {
            Place& place = places[position % 2];
            const int ahead =
                static_cast<int>(place.turn.load(std::memory_order_acquire) - (position + 1));
            if (ahead < 0) {
                return false;
            }
            if (ahead > 0) {
                position = next_get.load(std::memory_order_relaxed);
            } else if (next_get.compare_exchange_weak(position, position + 1,
                                                      std::memory_order_relaxed)) {
                value = place.value;
                place.turn.store(position + 2, std::memory_order_release);
                return true;
            }
        }
    }
};

static void put(Ring& ring, int value) {
    while (!ring.put(value)) {
    }
}

static int get(Ring& ring) {
    int value = 0;
    while (!ring.get(value)) {
    }
    return value;
}

int main() {
    const auto ring = std::make_unique<Ring>();
    int second_got = 0;
    int third_got = 0;
    std::thread first([&] {
        put(*ring, 1);
        put(*ring, 2);
    });
    std::thread second([&] {
        put(*ring, 4);
        second_got = get(*ring);
    });
    std::thread third([&] { third_got = get(*ring); });
    first.join();
    second.join();
    third.join();
    const int rest = get(*ring);
    assert(second_got + third_got + rest == 7);
}
