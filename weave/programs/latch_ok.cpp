// Two workers that wait for the start by one latch, and a main thread that waits for both by
// another.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <latch>
#include <memory>
#include <thread>

struct Shared {
    std::latch start{1};
    std::latch done{2};
    int input = 0;
    int results[2] = {};
};

static void work(Shared& shared, int me) {
    shared.start.wait();
    shared.results[me] = shared.input + me;
    shared.done.count_down();
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] { work(*shared, 0); });
    std::thread second([&shared] { work(*shared, 1); });
    shared->input = 5;
    shared->start.count_down();
    shared->done.wait();
    assert(shared->results[0] == 5 && shared->results[1] == 6);
    first.join();
    second.join();
}
