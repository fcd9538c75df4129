// A detached thread that uses an object which its starter frees as soon as the thread says that it
// has begun: it may use the object after that.
// verdict: use-after-free
// options: mode=random executions=20000
#include <atomic>
#include <memory>
#include <thread>

struct Shared {
    std::atomic<bool> begun = false;
    std::atomic<bool> done = false;
};

int main() {
    Shared* const shared = new Shared;
    const auto ended = std::make_shared<std::atomic<bool>>(false);
    std::thread([shared, ended] {
        shared->begun.store(true);
        shared->done.store(true);
        ended->store(true);
    }).detach();
    while (!shared->begun.load()) {
    }
    delete shared;
    while (!ended->load()) {
    }
}
