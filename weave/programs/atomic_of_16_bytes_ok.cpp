// An atomic of two words that two threads add to at once: no thread ever sees one word without the
// other.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <thread>

struct Pair {
    long first = 0;
    long second = 0;
};

static void add(std::atomic<Pair>& sum) {
    Pair seen = sum.load();
    while (!sum.compare_exchange_weak(seen, Pair{seen.first + 1, seen.second + 1})) {
        assert(seen.first == seen.second);
    }
}

int main() {
    const auto sum = std::make_unique<std::atomic<Pair>>();
    std::thread other([&sum] { add(*sum); });
    add(*sum);
    other.join();
    const Pair last = sum->load();
    assert(last.first == 2 && last.second == 2);
}
