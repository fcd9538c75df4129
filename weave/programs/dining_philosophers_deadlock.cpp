// Three philosophers who each take the fork to their left first: when all have one, each waits for
// the next one's forever.
// verdict: deadlock
// options: mode=random executions=20000
#include <memory>
#include <mutex>
#include <thread>

struct Table {
    std::mutex forks[3];

    void eat(int seat) {
        const std::lock_guard left(forks[seat]);
        const std::lock_guard right(forks[(seat + 1) % 3]);
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
}
