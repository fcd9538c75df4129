// try_lock() of a mutex that no thread holds: C++ lets it fail ([thread.mutex.requirements.mutex]).
// verdict: assertion
// options: mode=random executions=1000
#include <cassert>
#include <mutex>

int main() {
    std::mutex mutex;
    const bool is_locked = mutex.try_lock();
    assert(is_locked);
    mutex.unlock();
}
