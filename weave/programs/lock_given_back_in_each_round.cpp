// Two threads wait for a flag that no thread sets. Both hold a lock when they look at it, and give
// it back in each round, so neither keeps the other from it.
// verdict: livelock
// options: executions=1000
#include <atomic>
#include <mutex>
#include <thread>

namespace {

std::mutex mutex;
std::atomic<bool> is_set = false;

void wait_for_flag() {
    std::unique_lock lock(mutex);
    while (!is_set.load(std::memory_order_relaxed)) {
        lock.unlock();
        lock.lock();
    }
}

}  // namespace

int main() {
    std::thread first(wait_for_flag);
    std::thread second(wait_for_flag);
    first.join();
    second.join();
}
