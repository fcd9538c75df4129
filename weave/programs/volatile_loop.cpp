// A thread that increments a volatile variable forever: each round has another state, so weave
// cannot tell that it never ends, and reaches its limit.
// verdict: limit
// options: mode=random executions=5000
#include <atomic>
#include <memory>
#include <thread>

struct Shared {
    std::atomic<bool> has_begun = false;
    volatile unsigned rounds = 0;
};

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread other([&shared] {
        shared->has_begun.store(true);
        for (;;) {
            shared->rounds = shared->rounds + 1;
        }
    });
    while (!shared->has_begun.load()) {
    }
    other.join();
}
