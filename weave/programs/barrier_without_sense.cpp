// A barrier that is used again without changing the sense: a thread that waits for the count to be
// full again may miss it, as the other one has arrived at the next barrier already, and both wait
// forever.
// verdict: livelock
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Barrier {
    std::atomic<int> missing = 2;

    void arrive_and_wait() {
        if (missing.fetch_sub(1) == 1) {
            missing.store(2);
        } else {
            while (missing.load() != 2) {
            }
        }
    }
};

static void work(Barrier& barrier) {
    barrier.arrive_and_wait();
    barrier.arrive_and_wait();
}

int main() {
    const auto barrier = std::make_unique<Barrier>();
    std::thread first([&barrier] { work(*barrier); });
    std::thread second([&barrier] { work(*barrier); });
    first.join();
    second.join();
}
