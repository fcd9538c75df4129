// A thread that joins another one while it holds the lock that the other one needs to end.
// verdict: deadlock
// options: mode=random executions=20000
#include <memory>
#include <mutex>
#include <thread>

int main() {
    const auto mutex = std::make_unique<std::mutex>();
    std::thread thread([&mutex] { const std::lock_guard guard(*mutex); });
    const std::lock_guard guard(*mutex);
    thread.join();
}
