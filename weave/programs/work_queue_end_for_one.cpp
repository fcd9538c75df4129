// A work queue that announces its end to one worker only: when two of them sleep, one is never
// woken.
// verdict: deadlock
// options: mode=random executions=20000
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

struct Work {
    std::mutex mutex;
    std::condition_variable changed;
    bool ended = false;

    void end() {
        {
            const std::lock_guard guard(mutex);
            ended = true;
        }
        changed.notify_one();
    }

    void run() {
        std::unique_lock guard(mutex);
        while (!ended) {
            changed.wait(guard);
        }
    }
};

int main() {
    const auto work = std::make_unique<Work>();
    std::thread first([&work] { work->run(); });
    std::thread second([&work] { work->run(); });
    work->end();
    first.join();
    second.join();
}
