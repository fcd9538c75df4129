// Two threads that hand a turn over to each other thirty times, and count how often they have
// polled in vain: each round of their loops has another state, yet both get their turns.
// verdict: ok
// options: mode=pct executions=1000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Shared {
    std::atomic<int> turn = 0;
    int count = 0;
    long looks[2] = {};
};

static void play(Shared& shared, int me) {
    for (int round = 0; round < 30; ++round) {
        while (shared.turn.load(std::memory_order_acquire) != me) {
            ++shared.looks[me];
        }
        ++shared.count;
        shared.turn.store(1 - me, std::memory_order_release);
    }
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread other([&shared] { play(*shared, 1); });
    play(*shared, 0);
    other.join();
    assert(shared->count == 60);
}
