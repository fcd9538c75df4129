// A test program says with its status what it has found: 3 if an update was lost.
// verdict: exit-status
// options: executions=1000
#include <atomic>
#include <thread>

std::atomic<int> balance{100};

static void withdraw(int amount) {
    const int before = balance.load();
    balance.store(before - amount);
}

int main() {
    std::thread other(withdraw, 10);
    withdraw(20);
    other.join();
    return balance == 70 ? 0 : 3;
}
