// Four philosophers who each take the fork to their left first, but ask a waiter, who lets three of
// them sit down: there is a fork left, so one philosopher always has both.
// verdict: ok
// options: mode=random executions=10000
#include <cassert>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

struct Table {
    std::mutex forks[4];
    std::mutex door;
    std::condition_variable seat_free;
    int seats = 3;
    int meals = 0;

    void sit_down() {
        std::unique_lock guard(door);
        seat_free.wait(guard, [this] { return seats > 0; });
        --seats;
    }

    void stand_up() {
        const std::lock_guard guard(door);
        ++seats;
        ++meals;
        seat_free.notify_one();
    }

    void eat(int seat) {
        sit_down();
        {
            const std::lock_guard left(forks[seat]);
            const std::lock_guard right(forks[(seat + 1) % 4]);
        }
        stand_up();
    }
};

int main() {
    const auto table = std::make_unique<Table>();
    std::thread first([&table] { table->eat(0); });
    std::thread second([&table] { table->eat(1); });
    std::thread third([&table] { table->eat(2); });
    std::thread fourth([&table] { table->eat(3); });
    first.join();
    second.join();
    third.join();
    fourth.join();
    assert(table->meals == 4);
}
