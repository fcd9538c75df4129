// A ring of two slots for one producer and one consumer: each owns one of the two positions, which
// it releases when it has used a slot and the other one acquires.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Ring {
    int places[2] = {};
    std::atomic<unsigned> written = 0;
    std::atomic<unsigned> read = 0;

    void put(int value) {
        const unsigned position = written.load(std::memory_order_relaxed);
        while (position - read.load(std::memory_order_acquire) == 2) {
        }
        places[position % 2] = value;
        written.store(position + 1, std::memory_order_release);
    }

    int get() {
        const unsigned position = read.load(std::memory_order_relaxed);
        while (written.load(std::memory_order_acquire) == position) {
        }
        const int value = places[position % 2];
        read.store(position + 1, std::memory_order_release);
        return value;
    }
};

int main() {
    const auto ring = std::make_unique<Ring>();
    std::thread producer([&ring] {
        for (int value = 1; value <= 4; ++value) {
            ring->put(value);
        }
    });
    std::thread consumer([&ring] {
        for (int value = 1; value <= 4; ++value) {
            const int got = ring->get();
            assert(got == value);
        }
    });
    producer.join();
    consumer.join();
}
