// Three threads that try to take a lock until they have it: the holder gets its turn, even with the
// lowest priority.
// verdict: ok
// options: mode=pct executions=5000
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>

struct Shared {
    std::mutex mutex;
    int count = 0;
};

static void work(Shared& shared) {
    for (int round = 0; round < 2; ++round) {
        while (!shared.mutex.try_lock()) {
        }
        ++shared.count;
        shared.mutex.unlock();
    }
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] { work(*shared); });
    std::thread second([&shared] { work(*shared); });
    work(*shared);
    first.join();
    second.join();
    assert(shared->count == 6);
}
