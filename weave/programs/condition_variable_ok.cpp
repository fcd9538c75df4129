// Two threads that take turns by a condition variable, each waiting for its own.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

struct Turns {
    std::mutex mutex;
    std::condition_variable changed;
    int turn = 0;
    int count = 0;
};

static void work(Turns& turns, int me) {
    for (int round = 0; round < 2; ++round) {
        std::unique_lock guard(turns.mutex);
        turns.changed.wait(guard, [&] { return turns.turn == me; });
        assert(turns.count == 2 * round + me);
        ++turns.count;
        turns.turn = 1 - me;
        turns.changed.notify_one();
    }
}

int main() {
    const auto turns = std::make_unique<Turns>();
    std::thread first([&turns] { work(*turns, 0); });
    std::thread second([&turns] { work(*turns, 1); });
    first.join();
    second.join();
    assert(turns->count == 4);
}
