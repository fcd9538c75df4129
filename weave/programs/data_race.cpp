// Two threads that each increment a plain number: a race in each execution.
// verdict: data-race
// options: mode=random executions=100
#include <memory>
#include <thread>

int main() {
    const auto count = std::make_unique<int>(0);
    std::thread first([&count] { ++*count; });
    std::thread second([&count] { ++*count; });
    first.join();
    second.join();
}
