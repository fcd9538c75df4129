// A thread polls by a function whose locals lie at another address in each call, since their
// addresses escape. Two other threads write to objects that main() has among its own locals.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

__attribute__((noinline)) void copy(const std::atomic<int>& from, int* to) {
    *to = from.load(std::memory_order_acquire);  // pairs with the release in main()
}

__attribute__((noinline)) bool is_at_least(const std::atomic<int>& counter, int wanted) {
    int buffer[4] = {};
    copy(counter, buffer + 1);
    return buffer[1] >= wanted;
}

}  // namespace

int main() {
    std::atomic<int> counter{0};
    int sum = 0;
    std::thread writer([&] {
        sum = 1;
        counter.fetch_add(1, std::memory_order_release);  // pairs with the acquire in copy()
    });
    std::thread other([&] { counter.fetch_add(1, std::memory_order_relaxed); });
    while (!is_at_least(counter, 2)) {
    }
    writer.join();
    other.join();
    assert(sum == 1);
}
