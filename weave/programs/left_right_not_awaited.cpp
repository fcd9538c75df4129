// Left-Right whose writer, having changed the indicator, does not wait for readers that arrived at
// the old one: one of them may still read the side that is written next.
// verdict: data-race
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

class LeftRight {
  public:
    int read() {
        const int indicator = indicator_.load();
        readers_[indicator].fetch_add(1);
        const int value = values_[side_.load()];
        readers_[indicator].fetch_sub(1);
        return value;
    }

    void write(int value) {
        const int side = side_.load(std::memory_order_relaxed);
        values_[1 - side] = value;
        side_.store(1 - side);
        const int indicator = indicator_.load(std::memory_order_relaxed);
        wait_for_readers(1 - indicator);
        indicator_.store(1 - indicator);
        values_[side] = value;
    }

  private:
    void wait_for_readers(int indicator) {
        while (readers_[indicator].load() != 0) {
            std::this_thread::yield();
        }
    }

    int values_[2] = {};
    std::atomic<int> side_ = 0;
    std::atomic<int> indicator_ = 0;
    std::atomic<int> readers_[2] = {};
};

int main() {
    const auto shared = std::make_unique<LeftRight>();
    std::thread reader([&shared] {
        const int value = shared->read();
        assert(0 <= value && value <= 2);
    });
    shared->write(1);
    shared->write(2);
    reader.join();
}
