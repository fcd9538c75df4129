// Waiting with a time limit for a lock, a condition and a future: whether each comes in time or
// not, every thread ends.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

struct Shared {
    std::timed_mutex lock;
    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
    std::promise<int> promise;
    int count = 0;
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::future<int> future = shared->promise.get_future();
    std::thread slow([&shared] {
        {
            const std::lock_guard guard(shared->lock);
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            ++shared->count;
        }
        {
            const std::lock_guard guard(shared->mutex);
            shared->ready = true;
            shared->changed.notify_one();
        }
        shared->promise.set_value(7);
    });
    std::thread hasty([&shared, &future] {
        if (shared->lock.try_lock_for(std::chrono::milliseconds(1))) {
            ++shared->count;
            shared->lock.unlock();
        }
        {
            std::unique_lock guard(shared->mutex);
            const bool ready = shared->changed.wait_for(guard, std::chrono::milliseconds(1),
                                                        [&] { return shared->ready; });
            assert(ready == shared->ready);
        }
        if (future.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready) {
            const int value = future.get();
            assert(value == 7);
        }
    });
    slow.join();
    hasty.join();
    assert(shared->count == 1 || shared->count == 2);
}
