// Two readers and a writer under a shared lock: the readers see both halves of what the writer
// writes, or neither.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

struct Record {
    std::shared_mutex mutex;
    int left = 0;
    int right = 0;

    void write() {
        const std::lock_guard guard(mutex);
        ++left;
        ++right;
    }

    void read() {
        const std::shared_lock guard(mutex);
        assert(left == right);
    }
};

int main() {
    const auto record = std::make_unique<Record>();
    std::thread first([&record] { record->read(); });
    std::thread second([&record] { record->read(); });
    std::thread writer([&record] { record->write(); });
    first.join();
    second.join();
    writer.join();
}
