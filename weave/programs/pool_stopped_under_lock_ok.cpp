// A pool of two threads, which look whether it stops whenever they wake, and hold its lock then.
// verdict: ok
// options: mode=exhaustive executions=0
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

class Pool {
  public:
    Pool() {
        for (std::thread& thread : threads_) {
            thread = std::thread([this] { run(); });
        }
    }
    ~Pool() {
        {
            const std::lock_guard lock(mutex_);
            stops_ = true;
        }
        wakes_.notify_all();
        for (std::thread& thread : threads_) {
            thread.join();
        }
    }
    void add_task() {
        {
            const std::lock_guard lock(mutex_);
            ++tasks_;
        }
        wakes_.notify_one();
    }

  private:
    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            wakes_.wait(lock, [this] { return stops_ || tasks_ != 0; });
            if (tasks_ == 0) {
                return;
            }
            --tasks_;
        }
    }

    std::mutex mutex_;
    std::condition_variable wakes_;
    int tasks_ = 0;
    std::atomic<bool> stops_ = false;
    std::thread threads_[2];
};

}  // namespace

int main() {
    Pool pool;
    pool.add_task();
}
