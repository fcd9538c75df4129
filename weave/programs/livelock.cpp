// A thread that waits for a flag by spinning, while the thread that should set it does so only if
// it finds the waiter there: when that one comes late it spins forever.
// verdict: livelock
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Flags {
    std::atomic<bool> waiting = false;
    std::atomic<bool> go = false;
};

int main() {
    const auto flags = std::make_unique<Flags>();
    std::thread waiter([&flags] {
        flags->waiting.store(true);
        while (!flags->go.load()) {
        }
    });
    std::thread starter([&flags] {
        if (flags->waiting.load()) {
            flags->go.store(true);
        }
    });
    waiter.join();
    starter.join();
}
