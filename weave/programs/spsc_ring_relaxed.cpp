// A ring for one producer and one consumer whose producer publishes with relaxed stores: the
// consumer is not ordered after the write of a slot, and reads it meanwhile.
// verdict: data-race
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
        written.store(position + 1, std::memory_order_relaxed);
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
    std::thread producer([&ring] { ring->put(1); });
    std::thread consumer([&ring] {
        const int got = ring->get();
        assert(got == 1);
    });
    producer.join();
    consumer.join();
}
