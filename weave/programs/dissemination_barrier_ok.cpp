// The dissemination barrier of four threads: in step k each tells the one that is two to the k
// further, and waits to be told itself. After it every thread sees what all have written.
// verdict: ok
// options: mode=random executions=2000
#include <array>
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>
#include <vector>

constexpr size_t thread_count = 4;
constexpr size_t step_count = 2;

struct Shared {
    std::array<std::array<std::atomic<int>, step_count>, thread_count> told = {};
    std::array<int, thread_count> rounds = {};

    void arrive(size_t me, int phase) {
        for (size_t step = 0; step < step_count; ++step) {
            const size_t partner = (me + (size_t{1} << step)) % thread_count;
            told[partner][step].fetch_add(1, std::memory_order_release);
            while (told[me][step].load(std::memory_order_acquire) < phase) {
            }
        }
    }
};

static void work(Shared& shared, size_t me) {
    for (int round = 1; round <= 2; ++round) {
        shared.rounds[me] = round;
        shared.arrive(me, 2 * round - 1);
        for (const int other : shared.rounds) {
            assert(other == round);
        }
        shared.arrive(me, 2 * round);
    }
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::vector<std::thread> threads;
    for (size_t number = 0; number < thread_count; ++number) {
        threads.emplace_back([&shared, number] { work(*shared, number); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}
