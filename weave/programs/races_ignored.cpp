// A counter without a lock. With races=ignore the race itself is not a finding, but the update that
// it loses is.
// verdict: assertion
// options: races=ignore executions=1000
#include <cassert>
#include <thread>

int counter = 0;

int main() {
    std::thread other([] { ++counter; });
    ++counter;
    other.join();
    assert(counter == 2);
}
