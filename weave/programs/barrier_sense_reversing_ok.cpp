// A barrier that is used again and again: the last one to arrive resets the count and then lets the
// others go by changing the sense, for which each waits.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Barrier {
    std::atomic<int> missing = 2;
    std::atomic<bool> sense = false;
    int values[2] = {};

    void arrive_and_wait(bool& mine) {
        mine = !mine;
        if (missing.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            missing.store(2, std::memory_order_relaxed);
            sense.store(mine, std::memory_order_release);
        } else {
            while (sense.load(std::memory_order_acquire) != mine) {
            }
        }
    }
};

static void work(Barrier& barrier, int me) {
    bool sense = false;
    for (int round = 1; round <= 2; ++round) {
        barrier.values[me] = round;
        barrier.arrive_and_wait(sense);
        assert(barrier.values[1 - me] == round);
        barrier.arrive_and_wait(sense);
    }
}

int main() {
    const auto barrier = std::make_unique<Barrier>();
    std::thread first([&barrier] { work(*barrier, 0); });
    std::thread second([&barrier] { work(*barrier, 1); });
    first.join();
    second.join();
}
