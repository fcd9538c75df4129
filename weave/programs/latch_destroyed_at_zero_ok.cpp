// A latch may be destroyed as soon as its count is 0, though count_down() has not returned yet.
// verdict: ok
// options: mode=random executions=5000
#include <latch>
#include <memory>
#include <thread>

int main() {
    auto done = std::make_unique<std::latch>(1);
    std::thread other([latch = done.get()] { latch->count_down(); });
    done->wait();
    done.reset();
    other.join();
}
