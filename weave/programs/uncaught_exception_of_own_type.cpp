// An exception of the program's own type, with a message, thrown through a function that is
// declared noexcept.
// verdict: crash
// options: mode=random executions=20000
#include <atomic>
#include <exception>
#include <memory>
#include <thread>

class Taken : public std::exception {
  public:
    const char* what() const noexcept override { return "another thread has it"; }
};

static void take(std::atomic<bool>& is_taken) {
    if (is_taken.exchange(true)) {
        throw Taken();
    }
}

static void work(std::atomic<bool>& is_taken) noexcept {
    take(is_taken);
    is_taken.store(false);
}

int main() {
    const auto is_taken = std::make_unique<std::atomic<bool>>(false);
    std::thread first([&is_taken] { work(*is_taken); });
    std::thread second([&is_taken] { work(*is_taken); });
    first.join();
    second.join();
}
