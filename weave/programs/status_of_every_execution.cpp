// With status=any a status other than 0 is a finding, though all executions have it.
// verdict: exit-status
// options: status=any executions=10
#include <cstdlib>
#include <thread>

int main() {
    std::thread other([] {});
    other.join();
    std::exit(7);
}
