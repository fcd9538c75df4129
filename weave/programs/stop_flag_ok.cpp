// A worker that counts until a relaxed flag tells it to stop: the flag is seen in the end, and what
// the worker did is seen when it has been joined.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Shared {
    std::atomic<bool> stop = false;
    int rounds = 0;
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread worker([&shared] {
        do {
            ++shared->rounds;
        } while (!shared->stop.load(std::memory_order_relaxed));
    });
    shared->stop.store(true, std::memory_order_relaxed);
    worker.join();
    assert(shared->rounds > 0);
}
