// A condition variable, between three threads.
#include <condition_variable>
#include <mutex>
#include <thread>

int main() {
    std::mutex mutex;
    std::condition_variable changed;
    int turns = 0;
    std::thread threads[2];
    for (std::thread& thread : threads) {
        thread = std::thread([&] {
            const std::lock_guard lock(mutex);
            ++turns;
            changed.notify_one();
        });
    }
    {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return turns == 2; });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}
