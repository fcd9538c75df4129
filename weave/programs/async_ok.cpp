// Two functions that run asynchronously on halves of an array, and one that is deferred until its
// result is needed.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <future>
#include <memory>
#include <numeric>

int main() {
    const auto numbers = std::make_unique<int[]>(4);
    std::iota(numbers.get(), numbers.get() + 4, 1);
    const auto sum = [&numbers](int begin, int end) {
        return std::accumulate(numbers.get() + begin, numbers.get() + end, 0);
    };
    std::future<int> left = std::async(std::launch::async, sum, 0, 2);
    std::future<int> right = std::async(std::launch::async, sum, 2, 4);
    std::future<int> all = std::async(std::launch::deferred, sum, 0, 4);
    const int halves = left.get() + right.get();
    assert(halves == all.get());
}
