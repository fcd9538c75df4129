// A sum that is split among threads that start threads themselves: each waits for its own before it
// adds up.
// verdict: ok
// options: mode=random executions=5000
#include <cassert>
#include <memory>
#include <thread>

static int sum(const int* numbers, int count) {
    if (count == 1) {
        return *numbers;
    }
    const int half = count / 2;
    const auto left = std::make_unique<int>(0);
    std::thread thread([&left, numbers, half] { *left = sum(numbers, half); });
    const int right = sum(numbers + half, count - half);
    thread.join();
    return *left + right;
}

int main() {
    const auto numbers = std::make_unique<int[]>(8);
    for (int number = 0; number < 8; ++number) {
        numbers[number] = number;
    }
    const int total = sum(numbers.get(), 8);
    assert(total == 28);
}
