// A shared lock that one thread takes and another gives back.
// verdict: assertion
// options: mode=random executions=100
#include <shared_mutex>
#include <thread>

int main() {
    std::shared_mutex mutex;
    mutex.lock_shared();
    std::thread other([&mutex] { mutex.unlock_shared(); });
    other.join();
}
