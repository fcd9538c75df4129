// Two threads raise a maximum by compare-exchange, in code that is not optimised: what a local
// leaves unset must not make the states of a loop differ from execution to execution.
// verdict: ok
// options: mode=exhaustive executions=0 seconds=20
#include <atomic>
#include <cassert>
#include <thread>

namespace {

std::atomic<int> maximum{0};

void raise_to(int number) {
    int seen = maximum.load();
    while (seen < number && !maximum.compare_exchange_weak(seen, number)) {
    }
}

}  // namespace

int main() {
    std::thread one(raise_to, 1);
    std::thread two(raise_to, 2);
    one.join();
    two.join();
    assert(maximum == 2);
}
