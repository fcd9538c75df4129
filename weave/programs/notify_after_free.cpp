// A thread that says it is done, unlocks, and only then notifies: the waiter may have woken up
// spuriously and destroyed the condition variable.
// verdict: use-after-free
// options: mode=random executions=20000
#include <condition_variable>
#include <mutex>
#include <thread>

struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_done = false;
};

static void tell(Shared* shared) {
    {
        const std::lock_guard guard(shared->mutex);
        shared->is_done = true;
    }
    shared->changed.notify_one();
}

static void wait(Shared* shared) {
    std::unique_lock guard(shared->mutex);
    shared->changed.wait(guard, [shared] { return shared->is_done; });
}

int main() {
    Shared* const shared = new Shared;
    std::thread other([shared] { tell(shared); });
    wait(shared);
    delete shared;
    other.join();
}
