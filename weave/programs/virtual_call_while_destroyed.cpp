// A class whose destructor joins a thread that calls a virtual function of the same object: when it
// does so, the derived part is destroyed already, and which function is called has changed.
// verdict: data-race
// options: mode=random executions=20000
#include <memory>
#include <thread>

class Worker {
  public:
    Worker() = default;
    virtual ~Worker() { thread_.join(); }

    void start() {
        thread_ = std::thread([this] { work(); });
    }

  private:
    virtual void work() {}

    std::thread thread_;
};

class Counter : public Worker {
  public:
    ~Counter() override { count_ = 0; }

  private:
    void work() override { ++count_; }

    int count_ = 1;
};

int main() {
    const auto counter = std::make_unique<Counter>();
    counter->start();
}
