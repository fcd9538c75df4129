// Three philosophers who each need the two forks beside them, and take the one with the lower
// number first: one philosopher always has both.
// verdict: ok
// options: mode=random executions=20000
#include <algorithm>
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>

struct Table {
    std::mutex forks[3];
    int meals[3] = {};

    void eat(int seat) {
        const int left = seat;
        const int right = (seat + 1) % 3;
        const std::lock_guard lower(forks[std::min(left, right)]);
        const std::lock_guard upper(forks[std::max(left, right)]);
        ++meals[left];
        ++meals[right];
    }
};

int main() {
    const auto table = std::make_unique<Table>();
    std::thread first([&table] { table->eat(0); });
    std::thread second([&table] { table->eat(1); });
    std::thread third([&table] { table->eat(2); });
    first.join();
    second.join();
    third.join();
    assert(table->meals[0] == 2 && table->meals[1] == 2 && table->meals[2] == 2);
}
