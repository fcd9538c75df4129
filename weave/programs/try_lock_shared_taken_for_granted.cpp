// try_lock_shared() of a mutex that no thread holds: it may fail like try_lock().
// verdict: assertion
// options: mode=random executions=1000
#include <cassert>
#include <shared_mutex>

int main() {
    std::shared_mutex mutex;
    const bool is_locked = mutex.try_lock_shared();
    assert(is_locked);
    mutex.unlock_shared();
}
