// A thread whose object ends without being joined, when it has not said yet that it is done: that
// ends the program.
// verdict: assertion
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

int main() {
    const auto done = std::make_unique<std::atomic<bool>>(false);
    std::thread thread([&done] { done->store(true); });
    if (done->load()) {
        thread.join();
    }
}
