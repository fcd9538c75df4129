// Threads that test whether there is a slot left in an array, and draw its number in a second step:
// when several have tested, one of them draws a number past the end.
// verdict: out-of-bounds
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Shared {
    std::atomic<int> used = 0;
    const std::unique_ptr<int[]> places = std::make_unique<int[]>(2);

    void put(int value) {
        if (used.load() < 2) {
            places[used.fetch_add(1)] = value;
        }
    }
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] { shared->put(1); });
    std::thread second([&shared] { shared->put(2); });
    shared->put(3);
    first.join();
    second.join();
}
