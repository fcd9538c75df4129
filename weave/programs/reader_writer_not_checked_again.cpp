// A cache under a shared lock that is not tested again after the lock was exchanged for the
// exclusive one: two threads that miss both fill it in.
// verdict: assertion
// options: mode=random executions=20000
#include <cassert>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

struct Cache {
    std::shared_mutex mutex;
    int fills = 0;

    void get() {
        {
            const std::shared_lock guard(mutex);
            if (fills > 0) {
                return;
            }
        }
        const std::lock_guard guard(mutex);
        ++fills;
    }
};

int main() {
    const auto cache = std::make_unique<Cache>();
    std::thread first([&cache] { cache->get(); });
    std::thread second([&cache] { cache->get(); });
    first.join();
    second.join();
    assert(cache->fills == 1);
}
