// A thread that sets a flag and then notifies: the waiter may have freed the flag in between
// ([basic.life]).
// verdict: use-after-free
// options: mode=random executions=5000
#include <atomic>
#include <memory>
#include <thread>

int main() {
    auto done = std::make_unique<std::atomic<bool>>(false);
    std::thread other([flag = done.get()] {
        flag->store(true);
        flag->notify_all();
    });
    done->wait(false);
    done.reset();
    other.join();
}
