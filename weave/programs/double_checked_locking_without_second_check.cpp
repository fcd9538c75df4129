// Double-checked locking without the second check: a thread that has waited for the lock makes
// another object over the first, which is lost.
// verdict: leak
// options: mode=random executions=20000
#include <atomic>
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

    void make() {
        if (table.load(std::memory_order_acquire) == nullptr) {
            const std::lock_guard guard(mutex);
            table.store(new Table, std::memory_order_release);
        }
    }
};

int main() {
    const auto lazy = std::make_unique<Lazy>();
    std::thread first([&lazy] { lazy->make(); });
    std::thread second([&lazy] { lazy->make(); });
    first.join();
    second.join();
}
