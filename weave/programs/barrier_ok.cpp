// Two workers that write in one phase and read what the other one wrote in the next, with a
// function that counts the phases.
// verdict: ok
// options: mode=random executions=10000
#include <barrier>
#include <cassert>
#include <memory>
#include <thread>

struct CountPhases {
    int* phases;
    void operator()() noexcept { ++*phases; }
};

struct Shared {
    int phases = 0;
    int values[2] = {};
    std::barrier<CountPhases> barrier{2, CountPhases{&phases}};
};

static void work(Shared& shared, int me) {
    shared.values[me] = me + 1;
    shared.barrier.arrive_and_wait();
    assert(shared.values[1 - me] == 2 - me);
    shared.barrier.arrive_and_wait();
    shared.values[me] = 0;
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] { work(*shared, 0); });
    std::thread second([&shared] { work(*shared, 1); });
    first.join();
    second.join();
    assert(shared->phases == 2);
}
