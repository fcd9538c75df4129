// A joining thread that works until it is asked to stop, sleeping by a condition variable that the
// request wakes.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

struct Shared {
    std::mutex mutex;
    std::condition_variable_any changed;
    int items = 0;
    int done = 0;
};

int main() {
    const auto shared = std::make_unique<Shared>();
    {
        const std::jthread worker([&shared](const std::stop_token& token) {
            std::unique_lock guard(shared->mutex);
            while (shared->changed.wait(guard, token, [&] { return shared->items > 0; })) {
                --shared->items;
                ++shared->done;
            }
        });
        const std::lock_guard guard(shared->mutex);
        ++shared->items;
        shared->changed.notify_one();
    }
    assert(shared->done == 1);
}
