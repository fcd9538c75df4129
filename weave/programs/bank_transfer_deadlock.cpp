// Transfers between two accounts in both directions that lock the payer first: each may have its
// payer's lock and wait for the other's forever.
// verdict: deadlock
// options: mode=pct depth=2 executions=20000
#include <memory>
#include <mutex>
#include <thread>

struct Account {
    std::mutex mutex;
    int balance = 10;
};

static void transfer(Account& from, Account& to, int amount) {
    const std::lock_guard payer(from.mutex);
    const std::lock_guard payee(to.mutex);
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
}
