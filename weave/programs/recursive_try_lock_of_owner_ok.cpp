// The owner of a recursive mutex takes it again with try_lock(), beside a thread that waits for it.
// The owner's try_lock() does not fail for no reason, as another thread's may.
// verdict: ok
// options: executions=2000
#include <cassert>
#include <mutex>
#include <thread>

template <class Mutex>
void take_again() {
    Mutex mutex;
    std::thread other([&mutex] { const std::lock_guard lock(mutex); });
    mutex.lock();
    const bool is_taken_again = mutex.try_lock();
    assert(is_taken_again);
    mutex.unlock();
    mutex.unlock();
    other.join();
}

int main() {
    take_again<std::recursive_mutex>();
    take_again<std::recursive_timed_mutex>();
}
