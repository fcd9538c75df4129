// A thread that tries to take a lock until it has it, while the one that holds it waits for that
// thread to end.
// verdict: livelock
// options: mode=random executions=5000
#include <memory>
#include <mutex>
#include <thread>

int main() {
    const auto mutex = std::make_unique<std::mutex>();
    mutex->lock();
    std::thread other([&mutex] {
        while (!mutex->try_lock()) {
            std::this_thread::yield();
        }
        mutex->unlock();
    });
    other.join();
    mutex->unlock();
}
