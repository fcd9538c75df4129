// A once_flag that shares eight bytes with an atomic that threads wait for: the function still runs
// once, even if a thread waits in between.
// verdict: ok
// options: mode=random executions=20000
#include <atomic>
#include <cassert>
#include <memory>
#include <mutex>
#include <thread>

struct alignas(8) Start {
    std::once_flag once;
    std::atomic<int> is_open = 0;
};
// libc++'s once_flag takes all of them by itself.
static_assert(sizeof(Start) == 8 || sizeof(std::once_flag) == 8);

struct Shared {
    Start start;
    int count = 0;

    void prepare() {
        std::call_once(start.once, [this] { ++count; });
    }
};

static void work(Shared& shared) {
    shared.prepare();
    shared.start.is_open.wait(0);
    shared.prepare();
    assert(shared.count == 1);
}

int main() {
    const auto shared = std::make_unique<Shared>();
    std::thread first([&shared] { work(*shared); });
    std::thread second([&shared] { work(*shared); });
    shared->start.is_open.store(1);
    shared->start.is_open.notify_all();
    first.join();
    second.join();
    assert(shared->count == 1);
}
