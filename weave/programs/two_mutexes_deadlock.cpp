// Two locks that two threads take in opposite order: each may have the one that the other waits
// for.
// verdict: deadlock
// options: mode=exhaustive executions=20000
#include <memory>
#include <mutex>
#include <thread>

struct Locks {
    std::mutex left;
    std::mutex right;
};

int main() {
    const auto locks = std::make_unique<Locks>();
    std::thread first([&locks] {
        const std::lock_guard outer(locks->left);
        const std::lock_guard inner(locks->right);
    });
    std::thread second([&locks] {
        const std::lock_guard outer(locks->right);
        const std::lock_guard inner(locks->left);
    });
    first.join();
    second.join();
}
