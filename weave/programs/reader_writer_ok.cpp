// A cache under a shared lock: readers read together; a reader that misses unlocks, locks
// exclusively and tests again before filling it in.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

struct Cache {
    std::shared_mutex mutex;
    bool filled = false;
    int value = 0;
    int fills = 0;

    int get() {
        {
            const std::shared_lock guard(mutex);
            if (filled) {
                return value;
            }
        }
        const std::lock_guard guard(mutex);
        if (!filled) {
            value = 42;
            ++fills;
            filled = true;
        }
        return value;
    }
};

static void work(Cache& cache) {
    const int value = cache.get();
    assert(value == 42);
}

int main() {
    const auto cache = std::make_unique<Cache>();
    std::thread first([&cache] { work(*cache); });
    std::thread second([&cache] { work(*cache); });
    std::thread third([&cache] { work(*cache); });
    first.join();
    second.join();
    third.join();
    assert(cache->fills == 1);
}
