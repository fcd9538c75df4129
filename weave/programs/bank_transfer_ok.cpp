// Transfers between two accounts in both directions that take both locks together: nothing is lost,
// and neither thread waits forever.
// verdict: ok
// options: mode=random executions=20000
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>

struct Account {
    std::mutex mutex;
    int balance = 10;
};

static void transfer(Account& from, Account& to, int amount) {
    const std::scoped_lock guard(from.mutex, to.mutex);
    from.balance -= amount;
    to.balance += amount;
}

int main() {
    const auto left = std::make_unique<Account>();
    const auto right = std::make_unique<Account>();
    std::thread first([&] { transfer(*left, *right, 1); });
    std::thread second([&] { transfer(*right, *left, 2); });
    first.join();
    second.join();
    assert(left->balance == 11 && right->balance == 9);
}
