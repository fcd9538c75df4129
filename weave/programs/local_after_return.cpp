// A thread counts in a local variable of the function that started it, which has returned.
// verdict: use-after-free
// options: mode=random executions=100
#include <thread>

__attribute__((noinline)) static std::thread start() {
    int count = 0;
    return std::thread([&count] { ++count; });
}

int main() {
    std::thread counter = start();
    counter.join();
}
