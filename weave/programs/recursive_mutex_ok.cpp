// A function that calls itself under a recursive lock, in two threads.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>

struct Counter {
    std::recursive_mutex mutex;
    int count = 0;

    void add(int times) {
        const std::lock_guard guard(mutex);
        ++count;
        if (times > 1) {
            add(times - 1);
        }
    }
};

int main() {
    const auto counter = std::make_unique<Counter>();
    std::thread first([&counter] { counter->add(3); });
    std::thread second([&counter] { counter->add(3); });
    first.join();
    second.join();
    assert(counter->count == 6);
}
