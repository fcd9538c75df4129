// A readers-writer lock that a reader may turn into a writer's without unlocking: it waits for all
// other readers to leave, and two that do so wait for each other forever.
// verdict: deadlock
// options: mode=random executions=20000
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

struct Lock {
    std::mutex mutex;
    std::condition_variable changed;
    int readers = 0;
    bool writing = false;
    int count = 0;

    void enter_reading() {
        std::unique_lock guard(mutex);
        changed.wait(guard, [this] { return !writing; });
        ++readers;
    }

    void turn_into_writing() {
        std::unique_lock guard(mutex);
        changed.wait(guard, [this] { return readers == 1; });
        readers = 0;
        writing = true;
    }

    void leave_writing() {
        const std::lock_guard guard(mutex);
        writing = false;
        changed.notify_all();
    }
};

static void work(Lock& lock) {
    lock.enter_reading();
    lock.turn_into_writing();
    ++lock.count;
    lock.leave_writing();
}

int main() {
    const auto lock = std::make_unique<Lock>();
    std::thread first([&lock] { work(*lock); });
    std::thread second([&lock] { work(*lock); });
    first.join();
    second.join();
}
