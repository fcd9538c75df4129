// A thread that waits for another by polling a hundred times instead of until it is done: when the
// other one does not run meanwhile, it continues too early.
// verdict: assertion
// options: mode=starve executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

int main() {
    const auto ready = std::make_unique<std::atomic<bool>>(false);
    std::thread setter([&ready] { ready->store(true); });
    std::thread waiter([&ready] {
        bool seen = false;
        for (int looks = 0; looks < 100 && !seen; ++looks) {
            seen = ready->load();
        }
        assert(seen);
    });
    setter.join();
    waiter.join();
}
