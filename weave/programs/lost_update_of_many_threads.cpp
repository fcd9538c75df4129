// 200 threads add to a counter, and one of them does so in two steps.
// verdict: exit-status
// options: executions=2000
#include <atomic>
#include <thread>
#include <vector>

std::atomic<int> counter{0};

int main() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 200; ++i) {
        threads.emplace_back([i] {
            if (i == 100) {
                counter = counter + 1;
            } else {
                ++counter;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return counter == 200 ? 0 : 1;
}
