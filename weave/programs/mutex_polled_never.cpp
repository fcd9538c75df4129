// A thread that polls a condition under a lock and sleeps in between, while no thread makes it
// true.
// verdict: livelock
// options: mode=random executions=5000
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

struct Shared {
    std::mutex mutex;
    bool is_done = false;

    bool look() {
        const std::lock_guard guard(mutex);
        return is_done;
    }
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread other([&shared] {
        while (!shared->look()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    other.join();
}
