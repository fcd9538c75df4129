// A thread that throws when it finds that the other one has come first, where no handler catches
// it.
// verdict: crash
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

static void come(std::atomic<bool>& taken) {
    if (taken.exchange(true)) {
        throw std::runtime_error("taken");
    }
    taken.store(false);
}

int main() {
    const auto taken = std::make_unique<std::atomic<bool>>(false);
    std::thread first([&taken] { come(*taken); });
    std::thread second([&taken] { come(*taken); });
    first.join();
    second.join();
}
