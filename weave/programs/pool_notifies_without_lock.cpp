// A pool that sets its flag and notifies without the lock: a worker that has tested the flag and
// does not wait yet misses both.
// verdict: deadlock
// options: mode=random executions=20000
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

class Pool {
  public:
    ~Pool() {
        is_stopped_.store(true);
        changed_.notify_all();
        worker_.join();
    }

  private:
    void work() {
        std::unique_lock guard(mutex_);
        while (!is_stopped_.load()) {
            changed_.wait(guard);
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<bool> is_stopped_ = false;
    std::thread worker_{[this] { work(); }};
};

int main() { const auto pool = std::make_unique<Pool>(); }
