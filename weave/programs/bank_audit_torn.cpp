// An audit that locks two accounts one after the other while a transfer runs: each balance is right
// by itself, but their sum is not.
// verdict: assertion
// options: mode=random executions=20000
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>

struct Account {
    std::mutex mutex;
    int balance = 10;

    void add(int amount) {
        const std::lock_guard guard(mutex);
        balance += amount;
    }

    int read() {
        const std::lock_guard guard(mutex);
        return balance;
    }
};

int main() {
    const auto left = std::make_unique<Account>();
    const auto right = std::make_unique<Account>();
    std::thread payer([&] {
        left->add(-1);
        right->add(1);
    });
    std::thread auditor([&] {
        const int sum = left->read() + right->read();
        assert(sum == 20);
    });
    payer.join();
    auditor.join();
}
