// A static variable of a function that owns a worker: its destructor, which runs when main has
// returned, stops the worker and joins it.
// verdict: ok
// options: mode=random executions=20000
#include <condition_variable>
#include <mutex>
#include <thread>

class Pool {
  public:
    ~Pool() {
        {
            const std::lock_guard guard(mutex_);
            is_stopped_ = true;
        }
        changed_.notify_all();
        worker_.join();
    }

  private:
    void work() {
        std::unique_lock guard(mutex_);
        changed_.wait(guard, [this] { return is_stopped_; });
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_stopped_ = false;
    std::thread worker_{[this] { work(); }};
};

static Pool& get_pool() {
    static Pool pool;
    return pool;
}

int main() { get_pool(); }
