// Two threads that count under a lock which they share: readers do not keep each other out, and
// their counts race.
// verdict: data-race
// options: mode=random executions=20000
#include <memory>
#include <shared_mutex>
#include <thread>

struct Record {
    std::shared_mutex mutex;
    int reads = 0;

    void read() {
        const std::shared_lock guard(mutex);
        ++reads;
    }
};

int main() {
    const auto record = std::make_unique<Record>();
    std::thread first([&record] { record->read(); });
    std::thread second([&record] { record->read(); });
    first.join();
    second.join();
}
