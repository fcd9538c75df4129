// An atomic that lies at the same place of the stack in each round, with another first value, and
// plain variables there in between: what was stored in an earlier round is gone.
// verdict: ok
// options: mode=random executions=10000
#include <atomic>
#include <cassert>
#include <thread>

[[gnu::noinline]] static void use_atomic(int first_value) {
    std::atomic<int> count = first_value;
    std::thread other([&count, first_value] {
        assert(count.load(std::memory_order_relaxed) >= first_value);
        count.fetch_add(1, std::memory_order_relaxed);
    });
    count.fetch_add(1, std::memory_order_relaxed);
    other.join();
    assert(count.load(std::memory_order_relaxed) == first_value + 2);
}

[[gnu::noinline]] static void use_plain(int first_value) {
    long numbers[4] = {first_value, first_value, first_value, first_value};
    std::thread other([&numbers] {
        for (long& number : numbers) {
            ++number;
        }
    });
    other.join();
    for (const long number : numbers) {
        assert(number == first_value + 1);
    }
}

int main() {
    for (int round = 0; round < 3; ++round) {
        use_atomic(10 * round);
        use_plain(round);
        use_atomic(round);
    }
}
