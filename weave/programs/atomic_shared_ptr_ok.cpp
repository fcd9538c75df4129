// A std::atomic<std::shared_ptr> that one thread reads and two threads replace.
// verdict: ok
// options: mode=mix executions=2000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

#if defined(__cpp_lib_atomic_shared_ptr)
static std::atomic<std::shared_ptr<int>> current;

int main() {
    current.store(std::make_shared<int>(1));
    std::thread first([] { current.store(std::make_shared<int>(2), std::memory_order_release); });
    std::thread second([] {
        std::shared_ptr<int> seen = current.load();
        current.compare_exchange_strong(seen, std::make_shared<int>(*seen + 2));
    });
    const std::shared_ptr<int> seen = current.load(std::memory_order_acquire);
    assert(1 <= *seen && *seen <= 4);
    first.join();
    second.join();
}
#else
int main() {}
#endif
