// A global object starts a thread in its constructor and joins it in its destructor: each execution
// runs both.
// verdict: ok
// options: mode=exhaustive
#include <atomic>
#include <cassert>
#include <thread>

namespace {

class Worker {
  public:
    Worker() : thread_([this] { work(); }) {}
    ~Worker() {
        stops_.store(true, std::memory_order_release);
        thread_.join();
        assert(rounds_ == 1);
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

  private:
    void work() {
        while (!stops_.load(std::memory_order_acquire)) {
        }
        ++rounds_;
    }

    std::atomic<bool> stops_{false};
    int rounds_ = 0;
    std::thread thread_;
};

Worker worker;

}  // namespace

int main() { return 0; }
