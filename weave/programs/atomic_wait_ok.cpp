// Two threads that take turns by waiting for an atomic number to change.
// verdict: ok
// options: mode=random executions=10000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Turns {
    std::atomic<int> turn = 0;
    int value = 0;
};

static void work(Turns& turns, int me) {
    for (int round = 0; round < 2; ++round) {
        turns.turn.wait(1 - me, std::memory_order_acquire);
        ++turns.value;
        turns.turn.store(1 - me, std::memory_order_release);
        turns.turn.notify_one();
    }
}

int main() {
    const auto turns = std::make_unique<Turns>();
    std::thread first([&turns] { work(*turns, 0); });
    std::thread second([&turns] { work(*turns, 1); });
    first.join();
    second.join();
    assert(turns->value == 4);
}
