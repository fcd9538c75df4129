// Flat combining: each thread publishes its request, and the thread that gets the lock answers all
// requests that it finds. Together they draw each number once.
// verdict: ok
// options: mode=random executions=5000
#include <array>
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

class Counter {
  public:
    int draw(size_t me) {
        Slot& own = slots_[me];
        own.is_asking.store(true, std::memory_order_release);
        while (own.is_asking.load(std::memory_order_acquire)) {
            if (!is_taken_.load(std::memory_order_relaxed) &&
                !is_taken_.exchange(true, std::memory_order_acquire)) {
                answer_all();
                is_taken_.store(false, std::memory_order_release);
            }
        }
        return own.answer;
    }

  private:
    struct Slot {
        std::atomic<bool> is_asking = false;
        int answer = 0;
    };

    void answer_all() {
        for (Slot& slot : slots_) {
            if (slot.is_asking.load(std::memory_order_acquire)) {
                slot.answer = next_++;
                slot.is_asking.store(false, std::memory_order_release);
            }
        }
    }

    std::array<Slot, 3> slots_;
    std::atomic<bool> is_taken_ = false;
    int next_ = 0;
};

struct Shared {
    Counter counter;
    std::array<std::atomic<bool>, 6> drawn = {};
};

static void work(Shared& shared, size_t me) {
    for (int round = 0; round < 2; ++round) {
        const int number = shared.counter.draw(me);
        const bool was_drawn = shared.drawn.at(static_cast<size_t>(number)).exchange(true);
        assert(!was_drawn);
    }
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] { work(*shared, 0); });
    std::thread second([&shared] { work(*shared, 1); });
    work(*shared, 2);
    first.join();
    second.join();
}
