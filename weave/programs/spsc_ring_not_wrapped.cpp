// A ring of four slots on the heap whose producer forgets to wrap its position around when the
// consumer has kept up with it: it writes past the last slot then.
// verdict: out-of-bounds
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Ring {
    std::unique_ptr<std::atomic<int>[]> places = std::make_unique<std::atomic<int>[]>(4);
    std::atomic<unsigned> written = 3;
    std::atomic<unsigned> read = 3;

    void put(int value) {
        const unsigned position = written.load();
        if (read.load() == position) {
            places[position].store(value);
        } else {
            places[position % 4].store(value);
        }
        written.store(position + 1);
    }

    void get() {
        const unsigned position = read.load();
        if (written.load() != position) {
            places[position % 4].load();
            read.store(position + 1);
        }
    }
};

int main() {
    const auto ring = std::make_unique<Ring>();
    std::thread producer([&ring] {
        ring->put(1);
        ring->put(2);
    });
    std::thread consumer([&ring] { ring->get(); });
    producer.join();
    consumer.join();
}
