// A queue whose consumers wait for a limited time: looks at the clock, and waits that end by their
// limits.
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

struct Queue {
    std::mutex mutex;
    std::condition_variable changed;
    int items = 0;

    void push() {
        const std::lock_guard lock(mutex);
        ++items;
        changed.notify_one();
    }
    bool pop_for(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex);
        if (!changed.wait_for(lock, time, [this] { return items != 0; })) {
            return false;
        }
        --items;
        return true;
    }
};

int main() {
    Queue queue;
    int popped[2] = {};
    std::thread first([&] { popped[0] = queue.pop_for(std::chrono::milliseconds(10)) ? 1 : 0; });
    std::thread second([&] { popped[1] = queue.pop_for(std::chrono::milliseconds(10)) ? 1 : 0; });
    queue.push();
    first.join();
    second.join();
    assert(popped[0] + popped[1] + queue.items == 1);
}
