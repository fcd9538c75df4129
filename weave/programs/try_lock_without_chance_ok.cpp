// The same try_lock() if nothing fails for no reason.
// verdict: ok
// options: mode=random executions=1000 spurious=0
#include <cassert>
#include <mutex>
#include <shared_mutex>

int main() {
    std::mutex mutex;
    std::shared_mutex shared;
    const bool is_locked = mutex.try_lock() && shared.try_lock();
    assert(is_locked);
    mutex.unlock();
    shared.unlock();
}
