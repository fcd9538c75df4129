// A thread that prints while two others allocate: the buffer of the standard output must never be
// one of their blocks, in no execution.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <cstdio>
#include <thread>
#include <vector>

static void fill(int value) {
    for (int round = 0; round < 3; ++round) {
        const std::vector<int> numbers(300, value);
        std::this_thread::yield();
        for (const int number : numbers) {
            assert(number == value);
        }
    }
}

int main() {
    std::thread first(fill, 1);
    std::thread printer([] {
        std::printf("some text\n");
        std::fflush(stdout);
    });
    std::thread second(fill, 2);
    first.join();
    printer.join();
    second.join();
}
