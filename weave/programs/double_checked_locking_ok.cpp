// Double-checked locking: an object made by the thread that needs it first, and found without the
// lock later. The pointer is released by its maker and acquired by the threads that find it.
// verdict: ok
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
    int made = 0;

    ~Lazy() { delete table.load(std::memory_order_relaxed); }

    const Table& get() {
        Table* found = table.load(std::memory_order_acquire);
        if (found == nullptr) {
            const std::lock_guard guard(mutex);
            found = table.load(std::memory_order_relaxed);
            if (found == nullptr) {
                found = new Table;
                ++made;
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
    std::thread third([&lazy] { work(*lazy); });
    first.join();
    second.join();
    third.join();
    assert(lazy->made == 1);
}
