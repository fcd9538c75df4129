// 1,023 threads beside main(), all of which wait for the last one to begin.
// verdict: ok
// options: mode=random executions=3
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

constexpr int threads_count = 1023;

std::mutex guard;
std::condition_variable all_here;
int here = 0;
std::atomic<int> passed{0};

static void meet() {
    std::unique_lock lock(guard);
    if (++here == threads_count) {
        all_here.notify_all();
    }
    all_here.wait(lock, [] { return here == threads_count; });
    passed.fetch_add(1, std::memory_order_relaxed);
}

int main() {
    std::vector<std::thread> threads;
    threads.reserve(threads_count);
    for (int i = 0; i < threads_count; ++i) {
        threads.emplace_back(meet);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return passed == threads_count ? 0 : 1;
}
