// The free is the last call of its thread, and the read is the first thing after the thread has
// begun: the report names this file for both.
// verdict: data-race
// options: executions=10
#include <thread>

int main() {
    const int* const answer = new int(42);
    std::thread other([answer] { delete answer; });
    const volatile int seen = *answer;
    other.join();
    return seen == 42 ? 0 : 1;
}
