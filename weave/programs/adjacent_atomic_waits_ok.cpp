// Two atomics that share eight bytes, and a thread that waits for each of them: waking the waiter
// of one must not be taken for waking the waiter of the other.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct alignas(8) Flags {
    std::atomic<int> first = 0;
    std::atomic<int> second = 0;
};
static_assert(sizeof(Flags) == 8);

int main() {
    const auto flags = std::make_unique<Flags>();
    std::thread waits_for_first([&flags] { flags->first.wait(0); });
    std::thread waits_for_second([&flags] { flags->second.wait(0); });
    flags->second.store(1);
    flags->second.notify_one();
    waits_for_second.join();
    flags->first.store(1);
    flags->first.notify_one();
    waits_for_first.join();
}
