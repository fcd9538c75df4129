// wait_for() without a condition: no_timeout does not mean that another thread has notified
// ([thread.condition.condvar]).
// verdict: assertion
// options: mode=random executions=2000
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

static std::mutex mutex;
static std::condition_variable changed;
static bool is_set = false;

int main() {
    std::thread setter([] {
        const std::lock_guard guard(mutex);
        is_set = true;
        changed.notify_one();
    });
    {
        std::unique_lock guard(mutex);
        if (!is_set) {
            const auto status = changed.wait_for(guard, std::chrono::seconds(1));
            assert(status == std::cv_status::timeout || is_set);
        }
    }
    setter.join();
}
