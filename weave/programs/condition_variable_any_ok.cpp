// Waiting with a shared lock by a condition variable for any lock: two readers wait for the writer.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

struct Shared {
    std::shared_mutex mutex;
    std::condition_variable_any changed;
    int value = 0;
};

static void wait(Shared& shared) {
    std::shared_lock guard(shared.mutex);
    shared.changed.wait(guard, [&] { return shared.value != 0; });
    assert(shared.value == 7);
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] { wait(*shared); });
    std::thread second([&shared] { wait(*shared); });
    {
        const std::lock_guard guard(shared->mutex);
        shared->value = 7;
    }
    shared->changed.notify_all();
    first.join();
    second.join();
}
