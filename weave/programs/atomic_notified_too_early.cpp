// A thread notifies before it stores what it announces: a waiter that has looked at the old value
// and goes to sleep in between is never woken.
// verdict: deadlock
// options: executions=200
#include <atomic>
#include <thread>

std::atomic<bool> is_open{false};

int main() {
    std::thread visitor([] { is_open.wait(false); });
    std::thread porter([] {
        is_open.notify_all();
        is_open = true;
    });
    visitor.join();
    porter.join();
}
