// Two locks that two threads take in the same order: the thread that has the first one gets the
// second one.
// verdict: ok
// options: mode=exhaustive executions=20000
#include <memory>
#include <mutex>
#include <thread>

struct Locks {
    std::mutex left;
    std::mutex right;
};

static void take(Locks& locks) {
    const std::lock_guard outer(locks.left);
    const std::lock_guard inner(locks.right);
}

int main() {
    const auto locks = std::make_unique<Locks>();
    std::thread first([&locks] { take(*locks); });
    std::thread second([&locks] { take(*locks); });
    first.join();
    second.join();
}
