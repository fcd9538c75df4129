// Double-checked locking whose first load of the pointer is relaxed: a thread that finds the object
// is not ordered after its construction, and reads it while it is made.
// verdict: data-race
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>

struct Table {
    int entry = 42;
};

struct Lazy {
    std::atomic<Table*> table = nullptr;
    std::mutex mutex;

    ~Lazy() { delete table.load(std::memory_order_relaxed); }

    const Table& get() {
        Table* found = table.load(std::memory_order_relaxed);
        if (found == nullptr) {
            const std::lock_guard guard(mutex);
            found = table.load(std::memory_order_relaxed);
            if (found == nullptr) {
                found = new Table;
                table.store(found, std::memory_order_release);
            }
        }
        return *found;
    }
};

static void work(Lazy& lazy) {
    const int entry = lazy.get().entry;
    assert(entry == 42);
}

int main() {
    const auto lazy = std::make_unique<Lazy>();
    std::thread first([&lazy] { work(*lazy); });
    std::thread second([&lazy] { work(*lazy); });
    first.join();
    second.join();
}
