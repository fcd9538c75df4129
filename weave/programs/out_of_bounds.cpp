// Two threads that each take a slot in an array on the heap if there is one left: they test and
// take in two steps, and the second one may write past the end.
// verdict: out-of-bounds
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Places {
    std::unique_ptr<int[]> entries = std::make_unique<int[]>(4);
    std::atomic<int> used = 3;

    void add(int value) {
        if (used.load() < 4) {
            entries[used.fetch_add(1)] = value;
        }
    }
};

int main() {
    const auto places = std::make_unique<Places>();
    std::thread first([&places] { places->add(1); });
    std::thread second([&places] { places->add(2); });
    first.join();
    second.join();
}
